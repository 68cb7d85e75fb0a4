"""Which scopes a question takes: told by the types it looks at and the mutations it makes. What has no rule is
forbidden to all, and a test says so before anybody meets it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_object_type,
)

from crmgraph.domain.errors import Forbidden
from crmgraph.service.callers import Role

Scopes = tuple[str, ...]

NEVER: Final = "?"
"""The scope that nobody has."""

_ACTIVITY = ("activity:read",)
_EVERY_UPDATE = ("contact:update", "company:update", "opportunity:update", "task:update", "activity:update")

TYPES: Mapping[str, Scopes] = {
    "Contact": ("contact:read",),
    "Company": ("company:read",),
    "Opportunity": ("opportunity:read",),
    "Task": ("task:read",),
    # A list of activities holds notes too.
    "Activity": ("activity:read", "note:read"),
    "Call": _ACTIVITY,
    "Meeting": _ACTIVITY,
    "Appointment": _ACTIVITY,
    "OtherActivity": _ACTIVITY,
    "Note": ("note:read",),
    "Tag": ("tag:read",),
    "CustomField": ("customField:read",),
    "User": ("user:read",),
    "MyDay": ("user:read", "task:read", "activity:read"),
    "DayEntry": ("task:read", "activity:read"),
    "Pipeline": ("pipeline:read",),
    "Stage": ("stage:read",),
    "SavedView": ("savedView:read",),
    "TemplateValue": ("templateValue:read",),
    "PendingWrite": ("operate",),
    "PendingStep": ("operate",),
    "RuleRun": ("operate",),
    "RuleRecord": ("operate",),
    # Its body may hold what the CRM wants to have whole, hidden fields included.
    "PlannedCall": ("raw",),
}
"""What it takes to look at a type."""

FIELDS: Mapping[str, Scopes] = {
    "SourceRecord.raw": ("raw",),
    "PendingWrite.input": ("raw",),
    "Query.sources": ("source:read",),
    # The kind is told by the id, so it is looked at when the id is known.
    "Query.node": (),
    "Query.nodes": (),
    "Query.whyNot": ("contact:read",),
    "Query.judgements": ("contact:read",),
    "Query.duplicates": ("contact:read",),
    "Query.missingIn": ("contact:read",),
    "Query.reviewPairs": ("contact:read",),
    "Query.conflicts": ("contact:read",),
    "Query.knownPeople": ("contact:read",),
    "Query.mergePreview": ("contact:read",),
    "Query.contactImport": ("contact:create", "contact:update"),
    "Mutation.createContact": ("contact:create",),
    "Mutation.updateContact": ("contact:update",),
    "Mutation.upsertContact": ("contact:create", "contact:update"),
    "Mutation.deleteContact": ("contact:delete",),
    "Mutation.importContacts": ("contact:create", "contact:update"),
    "Mutation.setCustomFieldValues": ("contact:update",),
    "Mutation.addTags": ("contact:update",),
    "Mutation.removeTags": ("contact:update",),
    "Mutation.linkContacts": ("judge",),
    "Mutation.unlinkContacts": ("judge",),
    "Mutation.judgePair": ("judge",),
    "Mutation.pinField": ("judge",),
    "Mutation.undoJudgement": ("judge",),
    "Mutation.createTask": ("task:create",),
    "Mutation.updateTask": ("task:update",),
    "Mutation.completeTask": ("task:update",),
    "Mutation.reopenTask": ("task:update",),
    "Mutation.deleteTask": ("task:delete",),
    "Mutation.createNote": ("note:create",),
    "Mutation.updateNote": ("note:update",),
    "Mutation.deleteNote": ("note:delete",),
    "Mutation.createActivity": ("activity:create",),
    "Mutation.updateActivity": ("activity:update",),
    "Mutation.deleteActivity": ("activity:delete",),
    "Mutation.createCompany": ("company:create",),
    "Mutation.updateCompany": ("company:update",),
    "Mutation.deleteCompany": ("company:delete",),
    "Mutation.createOpportunity": ("opportunity:create",),
    "Mutation.updateOpportunity": ("opportunity:update",),
    "Mutation.deleteOpportunity": ("opportunity:delete",),
    "Mutation.attachAssociations": _EVERY_UPDATE,
    "Mutation.detachAssociations": _EVERY_UPDATE,
    "Mutation.syncAssociations": _EVERY_UPDATE,
    "Mutation.createTag": ("tag:create",),
    "Mutation.renameTag": ("tag:update",),
    "Mutation.deleteTag": ("tag:delete",),
    "Mutation.createCustomField": ("customField:create",),
    "Mutation.updateCustomField": ("customField:update",),
    "Mutation.deleteCustomField": ("customField:delete",),
    "Mutation.setTemplateValue": ("templateValue:update",),
    "Mutation.deleteTemplateValue": ("templateValue:delete",),
    "Mutation.saveSavedViews": ("savedView:update",),
    "Mutation.runRule": ("operate",),
}
"""What it takes beside that to select a field."""

OF_WHAT_LEADS_THERE = frozenset(
    {"AlteredField", "Capability", "Consent", "ContactImport", "CustomFieldOption", "CustomFieldValue", "EmailAddress"}
    | {"FieldGap", "FieldProvenance", "ImportCounts", "ImportItem", "LosingValue", "Money", "PageInfo", "PhoneNumber"}
    | {
        "Breaker",
        "PostalAddress",
        "Quota",
        "RecordRef",
        "RuleCounts",
        "Source",
        "SourceRecord",
        "SourceResult",
        "UserError",
    }
    | {"WriteError", "WriteReason"}
    | {"Identity", "IdentityLink", "IdentityMember", "MatchReason", "RefusedJoin", "UnconsultedSource", "WhyNot"}
    | {"Contradiction", "DuplicateGroup", "Judgement", "KnownPeople", "KnownPerson"}
    | {"MergePreview", "MergedField", "PersonConflict", "ReviewPair", "ValueBefore"}
    # Of a node the id's kind tells, when it is asked for.
    | {"Node", "Query", "Mutation"}
)
"""The types that hold nothing of their own: whoever may see what leads there may see them."""

_PARTS = ("Connection", "Edge", "Payload")


_ROOTS = ("Query", "Mutation", "Subscription")


def scopes_of(parent: str, field: str, type: str | None) -> Scopes:
    """What it takes to select a field of `parent` that gives an object or interface, or None where it gives neither.

    What asks or changes anything needs a rule of its own, or one of what it gives.
    """
    ruled = FIELDS.get(f"{parent}.{field}")
    given = () if type is None else scopes_of_type(type)
    if ruled is None and (parent == "Mutation" or (parent in _ROOTS and not given)):
        return (NEVER,)
    return (ruled or ()) + given


def scopes_of_type(name: str) -> Scopes:
    """What it takes to look at an object or interface."""
    if name in TYPES:
        return TYPES[name]
    if name in OF_WHAT_LEADS_THERE or name.endswith("Payload"):
        return ()
    bare = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), None)
    return (NEVER,) if bare is None else scopes_of_type(bare)


class Needs:
    """What each operation of a document takes: scope → the first place that takes it, such as `Contact.tasks`."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._known: dict[str, dict[str, str]] = {}

    def of(self, operation: OperationDefinitionNode) -> Mapping[str, str]:
        """Of one operation of a valid document; each fragment is looked at once."""
        root = self._schema.get_root_type(operation.operation)
        assert root is not None, "Validation has found it."
        return _first(self._of(operation.selection_set, root))

    def _of(self, selections: SelectionSetNode | None, parent: GraphQLNamedType) -> Iterator[tuple[str, str]]:
        for one in () if selections is None else selections.selections:
            if isinstance(one, FieldNode):
                yield from self._field(one, parent)
            elif isinstance(one, InlineFragmentNode):
                to = parent if one.type_condition is None else self._schema.type_map[one.type_condition.name.value]
                yield from self._type(to)
                yield from self._of(one.selection_set, to)
            elif isinstance(one, FragmentSpreadNode):
                yield from self._fragment(one.name.value).items()

    def _fragment(self, name: str) -> Mapping[str, str]:
        if name not in self._known:
            node = self._fragments[name]
            to = self._schema.type_map[node.type_condition.name.value]
            self._known[name] = _first([*self._type(to), *self._of(node.selection_set, to)])
        return self._known[name]

    def _type(self, one: GraphQLNamedType) -> Iterator[tuple[str, str]]:
        for scope in scopes_of_type(one.name):
            yield scope, one.name

    def _field(self, node: FieldNode, parent: GraphQLNamedType) -> Iterator[tuple[str, str]]:
        name = node.name.value
        if name.startswith("__"):  # The schema's own; whether it may be asked for is said elsewhere.
            return
        to: GraphQLNamedType = get_named_type(parent.fields[name].type)  # type: ignore[attr-defined, assignment]  # Validation has seen to it.
        composite = is_object_type(to) or is_interface_type(to)
        for scope in scopes_of(parent.name, name, to.name if composite else None):
            yield scope, f"{parent.name}.{name}"
        yield from self._of(node.selection_set, to)


def _first(told: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each scope with the first place that takes it."""
    found: dict[str, str] = {}
    for scope, place in told:
        found.setdefault(scope, place)
    return found


def refuse_unless_allowed(role: Role, needs: Mapping[str, str]) -> None:
    """Raise Forbidden where a role lacks some of the scopes."""
    lacking = {scope: place for scope, place in needs.items() if not role.may(scope)}
    if lacking:
        told = ", ".join(f"`{place}` takes the scope {scope}" for scope, place in sorted(lacking.items()))
        raise Forbidden(f"Your role `{role.name}` may not ask this: {told}.")
