"""What a source can write of each kind, and how, derived from what its definition declares."""

from collections.abc import Iterator, Sequence

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.planning import takes
from crmgraph.connectors.spec import Write
from crmgraph.connectors.templates import slots_in
from crmgraph.domain.model import Kind
from crmgraph.service.operations import Capability, Operation
from crmgraph.service.writing.changes import VERBS, Action, offers

WHOLE = "Read, changed and written back as a whole."


def abilities(resource: Resource) -> Iterator[Capability]:
    """What can be written of one resource; any other action is UNSUPPORTED."""
    for action in Action:
        if offers(resource, action):
            yield _ability(resource, action)
    if (note := _completing(resource)) is not None:
        yield Capability(resource.kind, Operation.COMPLETE, True, note)
    if resource.spec.imports is not None:
        note = f"Up to {resource.spec.imports.max} records a call."
        yield Capability(resource.kind, Operation.IMPORT, True, note)


def _ability(resource: Resource, action: Action) -> Capability:
    kind, spec, operation = resource.kind, resource.spec, Operation(action)
    if action is Action.CREATE:
        return _added(resource, spec.append) if spec.append is not None else _created(resource)
    if action is Action.UPDATE:
        return _updated(resource)
    if action is Action.TAG:
        return Capability(kind, operation, spec.tags is not None, "Tags by calls of their own." if spec.tags else WHOLE)
    if action is Action.REPLACE:
        return Capability(kind, operation, False, WHOLE)
    if action in VERBS and spec.associate is not None:
        return Capability(kind, operation, True, f"Links to {', '.join(spec.associate.links)}.")
    return Capability(kind, operation, True)


def _added(resource: Resource, field: str) -> Capability:
    note = "Added to the text that a contact has for all of them, which is read, changed and written back."
    return Capability(resource.kind, Operation.CREATE, False, note, (field, "contact"), (field, "contact"))


def _created(resource: Resource) -> Capability:
    create, update = resource.spec.create, resource.spec.update
    assert create is not None
    own = _taken(resource, "create")
    later = [name for name in _taken(resource, "update") if name not in own] if update is not None else []
    along = ["contact"] if _hangs_on_contact(create) and "contact" not in own else []
    required = [one if isinstance(one, str) else " or ".join(one) for one in create.required]
    required += [name for name in along if name not in required]
    note = _note(_apart(resource, later))
    return Capability(resource.kind, Operation.CREATE, True, note, (*own, *later, *along), tuple(required))


def _updated(resource: Resource) -> Capability:
    update, taken = resource.spec.update, _taken(resource, "update")
    assert update is not None
    fixed = [name for name in _taken(resource, "create") if name not in taken]
    along = [name for name in _names(update) if name in taken and not update.merge]
    notes = [WHOLE] if update.merge else []
    notes += [f"Sends along {', '.join(along)}."] if along else []
    notes += [f"Only on creation: {', '.join(fixed)}."] if fixed else []
    if resource.spec.custom is None and "customFields" in taken and not update.merge:
        notes.append("Custom fields are read, changed and written back as a whole.")
    note = _note([*notes, *_apart(resource, [])])
    return Capability(resource.kind, Operation.UPDATE, not update.merge, note, tuple(taken))


def _taken(resource: Resource, on: str) -> list[str]:
    """The fields that a create or an update takes."""
    return [name for name in resource.lenses if takes(resource, name, on)]


def _apart(resource: Resource, later: Sequence[str]) -> Iterator[str]:
    """What does not go with the record itself."""
    alone = [*later, *resource.spec.apart]
    if alone:
        yield f"By a further call: {', '.join(alone)}."
    if isinstance(resource.spec.custom, Write):
        yield "Custom fields by a call for each."


def _note(parts: Sequence[str] | Iterator[str]) -> str | None:
    return " ".join(parts) or None


def _completing(resource: Resource) -> str | None:
    """How a task is marked as done."""
    if resource.kind is not Kind.TASK or resource.spec.update is None:
        return None
    if resource.spec.complete is not None:
        return "By a call of its own."
    return "By an update." if {"completed", "status"} & {*_taken(resource, "update")} else None


def _names(write: Write) -> list[str]:
    return [name for one in write.required for name in ([one] if isinstance(one, str) else one)]


def _hangs_on_contact(create: Write) -> bool:
    """Whether a new record is made below its contact, which the call then names."""
    return "parent" in slots_in([create.call, create.query, create.body])
