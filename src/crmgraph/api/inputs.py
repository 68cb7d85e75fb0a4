"""What callers may filter and order by: one grammar for all lists, turned into the domain's filters."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import strawberry

from crmgraph.api.conditions import (
    BooleanFilter,
    CustomFieldFilter,
    DateFilter,
    DateTimeFilter,
    IdFilter,
    NumberFilter,
    StringFilter,
    TagFilter,
    optional,
)
from crmgraph.api.fields import plain
from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.service.lists import OnMissing

strawberry.enum(OnMissing, description="What a list does when a source fails: go on without it for now, or stop there.")


@strawberry.input(
    description="Which people. All parts that are given must hold. A person passes when one of their records does."
)
class ContactFilter:
    and_: "list[ContactFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[ContactFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "ContactFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    email: StringFilter | None = optional("One of the e-mail addresses; `eq` and `in` compare normal forms.")
    phone: StringFilter | None = optional("One of the phone numbers; `eq` and `in` compare E.164.")
    full_name: StringFilter | None = optional("The whole name, where the CRM keeps one.")
    given_name: StringFilter | None = optional("The first name.")
    family_name: StringFilter | None = optional("The last name.")
    company_name: StringFilter | None = optional("Where they work, as text.")
    job_title: StringFilter | None = optional("What they do there.")
    lead_source: StringFilter | None = optional("Where they came from.")
    lifecycle_stage: StringFilter | None = optional("How far they are with us.")
    website: StringFilter | None = optional("The website.")
    timezone: StringFilter | None = optional("The time zone.")
    birth_date: DateFilter | None = optional("The day of birth.")
    do_not_contact: BooleanFilter | None = optional("Whether they may not be contacted over any channel.")
    company: IdFilter | None = optional("The company.")
    owner: IdFilter | None = optional("Whose contact they are.")
    tags: TagFilter | None = optional("The tags.")
    custom_field: CustomFieldFilter | None = optional("A custom field; put several into `and`.")
    created_at: DateTimeFilter | None = optional("When the record was made.")
    updated_at: DateTimeFilter | None = optional("When the record was last changed.")


@strawberry.input(description="Which tasks. All parts that are given must hold.")
class TaskFilter:
    and_: "list[TaskFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[TaskFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "TaskFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    title: StringFilter | None = optional("What is to be done.")
    body: StringFilter | None = optional("More about it.")
    status: StringFilter | None = optional("How far it is, by the words of TaskStatus.")
    completed: BooleanFilter | None = optional("Whether it is done.")
    priority: StringFilter | None = optional("How pressing it is, by the words of Priority.")
    due_at: DateTimeFilter | None = optional("When it is due.")
    due_date: DateFilter | None = optional("The day it is due.")
    assignees: IdFilter | None = optional("Who is to do it.")
    contact: IdFilter | None = optional("The person's record it is about.")
    created_at: DateTimeFilter | None = optional("When it was made.")
    updated_at: DateTimeFilter | None = optional("When it was last changed.")


@strawberry.input(description="Which activities. All parts that are given must hold.")
class ActivityFilter:
    and_: "list[ActivityFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[ActivityFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "ActivityFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    body: StringFilter | None = optional("What it says.")
    owner: IdFilter | None = optional("Whose it is.")
    created_at: DateTimeFilter | None = optional("When it was made.")
    updated_at: DateTimeFilter | None = optional("When it was last changed.")


@strawberry.input(description="Which companies. All parts that are given must hold.")
class CompanyFilter:
    and_: "list[CompanyFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[CompanyFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "CompanyFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    name: StringFilter | None = optional("The name.")
    domain: StringFilter | None = optional("The internet domain.")
    email: StringFilter | None = optional("The e-mail address.")
    industry: StringFilter | None = optional("What it does.")
    owner: IdFilter | None = optional("Whose it is.")
    tags: TagFilter | None = optional("The tags.")
    custom_field: CustomFieldFilter | None = optional("A custom field.")
    created_at: DateTimeFilter | None = optional("When it was made.")
    updated_at: DateTimeFilter | None = optional("When it was last changed.")


@strawberry.input(description="Which opportunities. All parts that are given must hold.")
class OpportunityFilter:
    and_: "list[OpportunityFilter] | None" = strawberry.field(
        name="and", default=None, description="All of these hold."
    )
    or_: "list[OpportunityFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "OpportunityFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    name: StringFilter | None = optional("The name.")
    amount: NumberFilter | None = optional("What it is worth.")
    status: StringFilter | None = optional("What became of it, by the words of OpportunityStatus.")
    stage: IdFilter | None = optional("The stage.")
    owner: IdFilter | None = optional("Whose it is.")
    custom_field: CustomFieldFilter | None = optional("A custom field.")
    expected_close_date: DateFilter | None = optional("When it should close.")
    created_at: DateTimeFilter | None = optional("When it was made.")
    updated_at: DateTimeFilter | None = optional("When it was last changed.")


AnyFilter = ContactFilter | TaskFilter | ActivityFilter | CompanyFilter | OpportunityFilter

_RECORD_FIELDS = {
    "email": "emails",
    "phone": "phones",
    "full_name": "fullName",
    "given_name": "givenName",
    "family_name": "familyName",
    "company_name": "companyName",
    "job_title": "jobTitle",
    "lead_source": "leadSource",
    "lifecycle_stage": "lifecycleStage",
    "birth_date": "birthDate",
    "do_not_contact": "doNotContact",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "due_at": "dueAt",
    "due_date": "dueDate",
    "expected_close_date": "expectedCloseDate",
}
"""Input field → the record's field, where it is not the same word."""

_OPS = {"in_": Op.IN, "starts_with": Op.STARTS_WITH, "is_null": Op.IS_NULL}


def filter_of(given: AnyFilter | None) -> Filter | None:
    """An input as the domain's filter; None where it says nothing."""
    if given is None:
        return None
    parts = tuple(_parts(given))
    return None if not parts else parts[0] if len(parts) == 1 else And(parts)


def _parts(given: AnyFilter) -> Iterator[Filter]:
    for name, value in vars(given).items():
        if value is None:
            continue
        if name in ("and_", "or_"):
            inner = tuple(map(_inside, value))
            yield And(inner) if name == "and_" else Or(inner)
        elif name == "not_":
            yield Not(_inside(value))
        elif name == "custom_field":
            yield from _custom(value)
        else:
            yield from conditions_of(_field(name, given), value)


def _inside(given: AnyFilter) -> Filter:
    """An input within another: one that says nothing lets everything pass."""
    inner = filter_of(given)
    return And(()) if inner is None else inner


def _field(name: str, given: AnyFilter) -> str:
    return name if name == "email" and not isinstance(given, ContactFilter) else _RECORD_FIELDS.get(name, name)


def _custom(given: CustomFieldFilter) -> Iterator[Filter]:
    parts = [one for one in (given.text, given.number, given.boolean, given.date) if one is not None]
    if not parts:
        raise InputError(
            f"The filter on the custom field {given.key} says nothing; give text, number, boolean or date."
        )
    for part in parts:
        yield from conditions_of(f"customFields.{given.key}", part)


def conditions_of(field: str, given: Any) -> Iterator[Filter]:
    """The conditions of one field's input."""
    for name, value in vars(given).items():
        if value is not None:
            op = _OPS.get(name) or Op(name)
            yield Condition(field, op, tuple(value) if op is Op.IN else _aware(value))


def _aware(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise InputError(f"The time {value.isoformat()} has no offset; write it like {value.isoformat()}Z.")
    return value


@strawberry.enum(description="Which way an order goes.")
class Direction(StrEnum):
    """Which way an order goes."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum(description="What a list can be ordered by. CREATED_AT is preferred: it does not move.")
class OrderField(StrEnum):
    """Orders that some source can list in; the word is the record's field."""

    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"
    GIVEN_NAME = "givenName"
    FAMILY_NAME = "familyName"
    NAME = "name"
    DUE_AT = "dueAt"


@strawberry.input(
    description="An order that every asked source must be able to list in; otherwise it is refused by name."
)
class OrderBy:
    field: OrderField = plain("What to order by.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which way.")


def order_of(given: Sequence[OrderBy] | None) -> tuple[str, bool] | None:
    """An order as field and whether it descends; raises InputError for more than one key."""
    if not given:
        return None
    if len(given) > 1:
        raise InputError("A list across sources is merged by one key; give one order, not several.")
    return (given[0].field.value, given[0].direction is Direction.DESC)


@strawberry.input(description="A record of a CRM.")
class RecordRefInput:
    source: str = plain("The source's name in the configuration.")
    id: str = plain("The record's id in that CRM.")


@strawberry.input(one_of=True, description="One way to say which person.")
class ContactLookup:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(default=None, description="A global id.")
    email: strawberry.Maybe[str] = strawberry.field(default=None, description="An e-mail address in any spelling.")
    phone: strawberry.Maybe[str] = strawberry.field(default=None, description="A phone number in any spelling.")
    record: strawberry.Maybe[RecordRefInput] = strawberry.field(default=None, description="A CRM's own contact.")
