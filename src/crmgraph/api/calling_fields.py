"""The fields of the graph that call sources, by what they ask for."""

from collections.abc import Mapping

from crmgraph.domain.model import Kind

LISTS: Mapping[str, tuple[Kind, ...]] = {
    "contacts": (Kind.CONTACT,),
    "tasks": (Kind.TASK,),
    "activities": (Kind.ACTIVITY, Kind.NOTE),
    "notes": (Kind.NOTE,),
    "companies": (Kind.COMPANY,),
    "opportunities": (Kind.OPPORTUNITY,),
}
"""Lists of the root → the kinds they hold."""

VOCABULARIES: Mapping[str, Kind] = {
    "tags": Kind.TAG,
    "customFields": Kind.CUSTOM_FIELD,
    "users": Kind.USER,
    "savedViews": Kind.SAVED_VIEW,
    "templateValues": Kind.TEMPLATE_VALUE,
}
"""Lists of the root that are read whole."""

HANGING: Mapping[str, tuple[Kind, ...]] = {
    "tasks": (Kind.TASK,),
    "activities": (Kind.ACTIVITY, Kind.NOTE),
    "notes": (Kind.NOTE,),
    "appointments": (Kind.ACTIVITY,),
    "opportunities": (Kind.OPPORTUNITY,),
}
"""What hangs on people and companies."""

LINKED: Mapping[str, Kind] = {
    "company": Kind.COMPANY,
    "owner": Kind.USER,
    "opportunity": Kind.OPPORTUNITY,
    "stage": Kind.STAGE,
    "pipeline": Kind.PIPELINE,
}
"""What one link leads to."""

ALL_LINKED: Mapping[str, tuple[Kind, tuple[str, ...]]] = {
    "companies": (Kind.COMPANY, ("companies", "company")),
    "assignees": (Kind.USER, ("assignees",)),
}
"""What several links lead to, and the fields that hold them."""

TYPES: Mapping[Kind, str] = {
    Kind.CONTACT: "Contact",
    Kind.COMPANY: "Company",
    Kind.OPPORTUNITY: "Opportunity",
    Kind.TASK: "Task",
    Kind.ACTIVITY: "Activity",
    Kind.NOTE: "Note",
    Kind.USER: "User",
    Kind.SAVED_VIEW: "SavedView",
    Kind.TEMPLATE_VALUE: "TemplateValue",
    Kind.TAG: "Tag",
    Kind.CUSTOM_FIELD: "CustomField",
}
"""Kinds that are nodes → their type."""
