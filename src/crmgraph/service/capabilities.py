"""What a source can do for each kind, derived from what its definition declares."""

from collections.abc import Iterator

from crmgraph.connectors.definition import Definition, Resource
from crmgraph.connectors.flows import batch_of, keys_of, parents_of
from crmgraph.domain.model import Kind
from crmgraph.service.operations import Capability, Operation
from crmgraph.service.writing.abilities import abilities


def capabilities(definition: Definition) -> list[Capability]:
    """What a connector can do, kind by kind in the definition's order: what can be read, then what can be written."""
    return [one for resource in definition.resources.values() for one in (*_of(resource), *abilities(resource))]


def _of(resource: Resource) -> Iterator[Capability]:
    kind, lists = resource.kind, resource.listings
    if lists:
        yield Capability(kind, Operation.LIST, True)
        yield from _lists(resource)
    if resource.spec.get is not None:
        yield Capability(kind, Operation.GET, True)
    batch = batch_of(resource)
    if batch > 1:
        yield Capability(kind, Operation.GET_MANY, True, f"Up to {batch} ids a call.")
    elif resource.spec.get is not None or batch == 0:
        note = "One call a record." if batch == 1 else "The whole list is read once."
        yield Capability(kind, Operation.GET_MANY, False, note)
    for sort, operation in (("email", Operation.FIND_BY_EMAIL), ("phone", Operation.FIND_BY_PHONE)):
        if kind is Kind.CONTACT:
            size = keys_of(resource, sort)
            yield Capability(kind, operation, size > 0, _find_note(size))
    for parent, operation in ((Kind.CONTACT, Operation.OF_CONTACT), (Kind.COMPANY, Operation.OF_COMPANY)):
        if parent in resource.spec.of:
            size = parents_of(resource, parent)
            yield Capability(kind, operation, size > 0, _of_note(size))


def _find_note(size: int) -> str:
    if size == 0:
        return "Through the key index only."
    return f"Up to {size} keys a call." if size > 1 else "One call a key."


def _of_note(size: int) -> str:
    if size == 0:
        return "The whole list is read once and sorted out here."
    return f"Up to {size} a call." if size > 1 else "One call each."


def _lists(resource: Resource) -> Iterator[Capability]:
    kind, lists = resource.kind, resource.listings
    if any(one.text is not None for one in lists):
        yield Capability(kind, Operation.SEARCH, True)
    filters = sorted({field for one in lists if one.filter is not None for field in one.filter.fields})
    note = f"By {', '.join(filters)}; by other fields the gateway reads and filters." if filters else None
    yield Capability(kind, Operation.FILTER, bool(filters), note or "The gateway reads and filters.")
    orders = sorted({name for one in lists for name in one.order} | {o for one in lists for o in _natural(one.natural)})
    yield Capability(kind, Operation.ORDER, bool(orders), f"By {', '.join(orders)}." if orders else None)
    if "updatedAt" in resource.lenses:
        yield Capability(kind, Operation.CHANGED_SINCE, "updatedAt" in filters)
    if any(one.total is not None for one in lists):
        yield Capability(kind, Operation.TOTAL_COUNT, True)


def _natural(natural: str | None) -> list[str]:
    return [natural.partition(" ")[0]] if natural else []
