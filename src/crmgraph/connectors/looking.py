"""Whether something is there already: people by e-mail and phone in the surest way that the CRM has, others by name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmgraph.connectors.batches import finds, sure_finds
from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.likeness import same_box, same_line
from crmgraph.connectors.namesakes import look_for_name, name_of
from crmgraph.connectors.planner import Planner
from crmgraph.domain.errors import Unsupported

_PAGES = 10


def look_for(planner: Planner, resource: Resource, values: Mapping[str, Any]) -> Flow[Sequence[Any]]:
    """The raw records that hold one of the e-mails or phones of `values`, or its name; none means that there is none.

    People are asked of what does not lag where the CRM has that (`certain`), else by `find`. Raises Unsupported where
    neither takes a key that `values` has, or where the CRM finds too many to look at.
    """
    name = name_of(resource, values)
    if name is not None:
        return (yield from look_for_name(planner, resource, name))
    keys = [key for key in _keys(values) if _sort(key) in {*finds(resource), *sure_finds(resource)}]
    if not keys:
        said = f"{planner.source} cannot be asked whether it has such a {resource.name}."
        raise Unsupported(said, planner.source)
    found: dict[str, Any] = {}
    for key in keys:
        for raw in (yield from _holders(planner, resource, key)):
            found.setdefault(str(resource.ident(raw, planner.tables)), raw)
    return list(found.values())


def _keys(values: Mapping[str, Any]) -> Iterable[str]:
    for sort in ("email", "phone"):
        yield from (f"{sort}:{one.value}" for one in values.get(f"{sort}s") or ())


def _sort(key: str) -> str:
    return key.partition(":")[0]


def _holders(planner: Planner, resource: Resource, key: str) -> Flow[list[Any]]:
    """Of the records that the CRM finds by one key, those that hold it."""
    certain = _sort(key) in sure_finds(resource)
    page = yield from planner.reader.find(resource, [key], _PAGES, certain)
    holders = [raw for raw in page.items if _holds(planner, resource, raw, key)]
    if page.next is not None and not holders:
        said = (
            f"{planner.source} finds too much by the {_sort(key)} of this {resource.name} to tell whether it is there."
        )
        raise Unsupported(said, planner.source)
    return holders


def _holds(planner: Planner, resource: Resource, raw: Any, key: str) -> bool:
    sort, _, wanted = key.partition(":")
    held = [one.value for one in planner.value(resource, raw, f"{sort}s") or ()]
    return any((same_line if sort == "phone" else same_box)(one, wanted) for one in held)
