"""One change at one source: which record, what is done to it, and how a definition plans that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from crmgraph.connectors.definition import Definition, Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.writes import Plan, Verb, Writer, Written
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import Unsupported
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref


class Action(StrEnum):
    """What can be done to a record."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    TAG = "TAG"
    ATTACH = "ATTACH"
    DETACH = "DETACH"
    SYNC = "SYNC"
    REPLACE = "REPLACE"
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """What the record must still be: not changed since a time, or exactly this version."""

    updated_at: datetime | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """`values` are our fields; `add` and `remove` names; `links` ids of other records by kind; `save` the members of a
    set that is written as a whole, or the records of an import. `named` is what people call a record whose id is looked
    up when it is changed.

    `ignored` are parts of the input that this source has no place for, known from the configuration. `barred` says why
    it must not be made.
    """

    source: str
    resource: str
    action: Action
    id: str | None = None
    parent: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)
    save: Sequence[Mapping[str, Any]] = ()
    only_if: OnlyIf = OnlyIf()
    ignored: tuple[str, ...] = ()
    barred: str | None = None
    named: str | None = None

    @property
    def ref(self) -> Ref | None:
        """Where the record lives; None while it is yet to be made."""
        return None if self.id is None else Ref(self.source, self.resource, self.id, self.parent)


def each_of(change: Change) -> tuple[Change, ...]:
    """The change itself, or the changes of the records that it imports together."""
    if change.action is not Action.IMPORT:
        return (change,)
    return tuple(replace(change, values=values, save=()) for values in change.save)


VERBS: Mapping[Action, Verb] = {Action.ATTACH: "attach", Action.DETACH: "detach", Action.SYNC: "sync"}
"""The actions on what a record is attached to."""


def offers(resource: Resource, action: Action) -> bool:
    """Whether a definition has a way to do this."""
    spec = resource.spec
    ways: Mapping[Action, Any] = {
        Action.CREATE: spec.create or spec.append,
        Action.UPDATE: spec.update,
        Action.DELETE: spec.delete,
        Action.TAG: spec.tags or (spec.update if "tags" in resource.lenses else None),
        Action.REPLACE: spec.replace,
        Action.IMPORT: spec.imports,
        Action.ATTACH: spec.associate,
        Action.DETACH: spec.associate,
        Action.SYNC: spec.associate.sync if spec.associate is not None else None,
    }
    return ways.get(action) is not None


def offered(definition: Definition, change: Change) -> bool:
    """Whether a definition keeps such records and has a way to do this to them."""
    resource = definition.resources.get(change.resource)
    return resource is not None and offers(resource, change.action)


def planned(writer: Writer, resource: Resource, change: Change, before: Any = None) -> Flow[Plan]:
    """Read what must be known and tell what would be sent; raises Unsupported, Refused, InputError.

    `before` is the raw record where it was read already.
    """
    if not offers(resource, change.action):
        raise refusal_of(change)
    if change.action is Action.CREATE:
        return (yield from writer.plan_new(resource, change.values, change.parent))
    if change.action is Action.REPLACE:
        return (yield from writer.plan_replace(resource, change.save, change.remove))
    ident = str(change.id)
    if change.action is Action.UPDATE:
        yield from writer.refuse_namesake(resource, ident, change.values)
        return (yield from writer.plan_update(resource, ident, change.values, change.parent, before))
    if change.action is Action.DELETE:
        return (yield from writer.plan_delete(resource, ident, change.parent))
    if change.action in VERBS:
        links = {Kind(name): ids for name, ids in change.links.items()}
        return (yield from writer.plan_associate(resource, ident, VERBS[change.action], links, change.parent))
    return (yield from writer.plan_tags(resource, ident, change.add, change.remove))


def performed(writer: Writer, change: Change, plan: Plan) -> Flow[Written]:
    """Make the writing calls of a plan and read back what they came to."""
    if change.action is Action.REPLACE:
        return (yield from writer.perform_replace(plan))
    return (yield from writer.perform(plan))


_VERBS: Mapping[Action, str] = {
    Action.CREATE: "create {one}",
    Action.UPDATE: "change {one}",
    Action.DELETE: "delete {one}",
    Action.TAG: "tag {one}",
    Action.ATTACH: "attach things to {one}",
    Action.DETACH: "detach things from {one}",
    Action.SYNC: "set what {one} is attached to",
    Action.REPLACE: "change its {kind}s",
    Action.IMPORT: "import {kind}s",
}


def refusal_of(change: Change) -> Unsupported:
    """What is said of a change for which the definition has no way."""
    what = _VERBS[change.action].format(one=with_article(change.resource), kind=change.resource)
    return Unsupported(f"{change.source} cannot {what}.", change.source)
