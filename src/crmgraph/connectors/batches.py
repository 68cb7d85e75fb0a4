"""How many a look-up takes at once: ids, parents, and the keys of people."""

from collections.abc import Mapping, Sequence

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.spec import Find, Many, Of, Through, Whole
from crmgraph.domain.model import Kind


def batch_of(resource: Resource) -> int:
    """How many ids one call takes; 1 where the CRM fetches singly, 0 where the whole list is read instead."""
    how = resource.spec.get_many
    if isinstance(how, Many | Through):
        return how.max
    only_listed = how is None and resource.spec.get is None and resource.spec.list is not None
    return 0 if isinstance(how, Whole) or only_listed else 1


def parents_of(resource: Resource, kind: Kind) -> int:
    """How many parents one call takes; 0 where the whole list is read instead."""
    how = resource.spec.of.get(kind)
    if isinstance(how, Of):
        return how.many or 1
    return how.max if isinstance(how, Through) else 0


def finds(resource: Resource) -> Mapping[str, Find | Through]:
    """How each sort of key is looked up."""
    return {str(sort): how for sort, how in resource.spec.find.items()}


def sure_finds(resource: Resource) -> Mapping[str, Find]:
    """How each sort of key is looked up for certain, where the CRM has a way of its own for that."""
    return {str(sort): how for sort, how in resource.spec.certain.items()}


def keys_of(resource: Resource, sort: str) -> int:
    """How many keys of this sort one call finds; 0 where the CRM cannot look one up."""
    how = finds(resource).get(sort)
    if isinstance(how, Through):
        return how.max
    return 1 if isinstance(how, Find) else 0


def find_batches(resource: Resource, keys: Sequence[str]) -> list[Sequence[str]]:
    """`keys` parted into the calls that find them; keys of a sort that the CRM cannot look up are left out."""
    together: dict[str, list[str]] = {}
    alone: list[Sequence[str]] = []
    for key in keys:
        how = finds(resource).get(key.partition(":")[0])
        if isinstance(how, Through):
            together.setdefault(how.through, []).append(key)
        elif how is not None:
            alone.append([key])
    size = min((how.max for how in finds(resource).values() if isinstance(how, Through)), default=1)
    chunks = [held[at : at + size] for held in together.values() for at in range(0, len(held), size)]
    return [*chunks, *alone]
