"""A set that a CRM takes only as a whole: read, changed by id or name, and sent back complete."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.holding import holds
from crmgraph.connectors.planner import Planner
from crmgraph.connectors.planning import Loss, Plan, Step, parted, placed, put_all
from crmgraph.connectors.refusals import Refused
from crmgraph.domain.errors import BadReply, InputError, SourceError, Unsupported

PAGES = 100
"""How many pages a set may have: beyond that it is not read whole, and so never written."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """One record as it would be; `at` is its place in the set, None for a new one."""

    at: int | None
    name: str
    record: Any
    taken: Mapping[str, Any]
    lost: tuple[Loss, ...]
    ignored: tuple[str, ...]


def plan_replace(
    planner: Planner, resource: Resource, save: Sequence[Mapping[str, Any]], remove: Sequence[str]
) -> Flow[Plan]:
    """Read the set and tell what saving and removing some of it would send; all others go along as they are.

    What is saved goes by its `id`, else its `name`: a name that is not there is new. `remove` holds ids or names; one
    that is not there need not be removed. The plan's `before` is the set, its `asked` is name → values, and id → None
    for what is removed. Raises InputError for a name that several have.
    """
    endpoint = resource.spec.replace
    if endpoint is None:
        raise Unsupported(f"{planner.source} does not take its {resource.name} records as a whole.", planner.source)
    before = yield from _read(planner, resource)
    records = list(before)
    asked: dict[str, Mapping[str, Any] | None] = {}
    saved: list[_Saved] = []
    for key in remove:
        if (at := _place(planner, resource, records, key)) is not None:
            asked[_ident(planner, resource, records.pop(at))] = None
    for values in save:
        saved.append(one := _saved(planner, resource, records, values))
        records = [*records, one.record] if one.at is None else _exchanged(records, one.at, one.record)
    steps = () if records == before else (Step(endpoint, {}, placed(endpoint, records), ()),)
    asked |= {one.name: one.taken for one in saved}
    ignored = tuple(dict.fromkeys(name for one in saved for name in one.ignored))
    return Plan(resource, steps, asked, None, None, before, tuple(loss for one in saved for loss in one.lost), ignored)


def perform_replace(
    planner: Planner, plan: Plan, send: Callable[[Step], Flow[Any]]
) -> Flow[tuple[Sequence[Any] | None, tuple[str, ...]]]:
    """Send the set; the set as it is then, None where that cannot be read, and what of `asked` is otherwise in it.

    Raises Refused where somebody has changed the set since the plan was made: their change would be undone.
    """
    if (yield from _read(planner, plan.resource)) != plan.before:
        said = f"The {plan.resource.name} records of {planner.source} have changed meanwhile; ask for the change again."
        raise Refused(planner.source, said)
    for step in plan.steps:
        yield from send(step)
    try:
        after = yield from _read(planner, plan.resource)
    except SourceError:
        return None, ()
    found = {_name(planner, plan.resource, raw): raw for raw in after}
    found |= {_ident(planner, plan.resource, raw): raw for raw in after}
    return after, tuple(key for key, one in plan.asked.items() if not _as_asked(planner, plan, found.get(key), one))


def _read(planner: Planner, resource: Resource) -> Flow[list[Any]]:
    """The whole set; raises BadReply where there is more than can be read, for what is not read would be lost."""
    if resource.spec.list is None:
        raise Unsupported(f"{planner.source} has no list of {resource.name}.", planner.source)
    page = yield from planner.reader.whole(resource.spec.list, PAGES)
    if page.next is not None:
        raise BadReply(planner.source, f"{planner.source} has more {resource.name} records than {PAGES} pages hold.")
    return list(page.items)


def _saved(planner: Planner, resource: Resource, records: Sequence[Any], values: Mapping[str, Any]) -> _Saved:
    ident, name = values.get("id"), values.get("name")
    if not ident and not name:
        raise InputError(f"A {resource.name} is saved by its `name`, or by its `id` where it is there already.")
    at = _place(planner, resource, records, str(ident or name))
    if at is None and ident:
        raise Refused(planner.source, f"{planner.source} has no {resource.name} `{ident}` that could be changed.")
    before = {} if at is None else records[at]
    own = {field: value for field, value in values.items() if field != "id"}
    taken, ignored = parted(resource, own, "create" if at is None else "update")
    record, lost = put_all(resource, taken, before, planner.tables)
    return _Saved(at, _name(planner, resource, record), record, taken, lost, ignored)


def _place(planner: Planner, resource: Resource, records: Sequence[Any], key: str) -> int | None:
    """Where the one record with this id, or else this name, stands."""
    for told in (_ident, _name):
        places = [at for at, one in enumerate(records) if told(planner, resource, one) == key]
        if len(places) > 1:
            raise InputError(f"{planner.source} has {len(places)} {resource.name} records called `{key}`; say an id.")
        if places:
            return places[0]
    return None


def _exchanged(records: Sequence[Any], at: int, record: Any) -> list[Any]:
    return [*records[:at], record, *records[at + 1 :]]


def _ident(planner: Planner, resource: Resource, raw: Any) -> str:
    """A record's id; empty for one that is yet to be made."""
    found = resource.ident(raw, planner.tables)
    return "" if found is None else str(found)


def _name(planner: Planner, resource: Resource, raw: Any) -> str:
    return str(planner.value(resource, raw, "name") or "")


def _as_asked(planner: Planner, plan: Plan, raw: Any, asked: Mapping[str, Any] | None) -> bool:
    """Whether what was removed is gone, or a record holds what was asked of it."""
    if raw is None or asked is None:
        return raw is None and asked is None
    return all(holds(planner.value(plan.resource, raw, name), value) for name, value in asked.items())
