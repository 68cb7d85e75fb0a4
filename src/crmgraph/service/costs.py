"""What a look-up may cost: the most calls each can take, read off a definition and the gateway's own limits.

Nothing is called here. A `Crowd` is so many records that come at once or in several batches; a `Bill` adds up, per
source, and counts a list that is read whole, or a vocabulary, once: equal calls of one request share their reply.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crmgraph.connectors.batches import finds
from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import batch_of, find_batches, keys_of, parents_of
from crmgraph.connectors.spec import Endpoint, Find, Listing, Many, Of, Through, Whole
from crmgraph.domain.model import Kind
from crmgraph.service.identity import KEYS_EACH, ROUND_KEYS, ROUNDS, SINGLE_KEYS
from crmgraph.service.lookup import FIND_PAGES, OF_PAGES

SORTS = ("email", "phone")


@dataclass(frozen=True, slots=True)
class Crowd:
    """At most `size` records, asked about in at most `batches` batches; the loaders join only what one batch holds."""

    size: int
    batches: int = 1

    def calls(self, most: int) -> int:
        """How many calls take them all, `most` in each."""
        batches = min(self.size, self.batches)
        return batches + (self.size - batches) // most

    def times(self, each: int) -> "Crowd":
        """So many of something for each of them; what comes of one arrives together."""
        return Crowd(self.size * each, max(self.size, 1))


def pages(endpoint: Endpoint, most: int) -> int:
    """How many calls an endpoint's list takes when at most `most` pages of it are read."""
    return most if is_paged(endpoint) else 1


def is_paged(endpoint: Endpoint) -> bool:
    """Whether a list goes on beyond one call."""
    return endpoint.pages is not None and endpoint.pages.style != "none"


def listing_of(resource: Resource, how: Through | Whole) -> Listing | None:
    """The list that a look-up goes through."""
    name = how.through if isinstance(how, Through) else how.whole
    return resource.spec.list if name == "list" else resource.spec.search


def records(resource: Resource, crowd: Crowd) -> int:
    """Calls for so many records by id; one whole list at 0, which `whole_list` names."""
    how, single = resource.spec.get_many, resource.spec.get is not None
    if isinstance(how, Whole) or (how is None and not single):
        return 0
    if how is None:
        return crowd.size
    together = crowd.size if isinstance(how, Many) and is_paged(how) else crowd.calls(batch_of(resource))
    if not single:
        return together
    # One alone is asked for by id; what a batch does not give is asked for one by one.
    pairs = Crowd(crowd.size, min(crowd.batches, crowd.size // 2))
    return crowd.size + (min(together, pairs.calls(batch_of(resource))) if crowd.size > 1 else 0)


def whole_list(resource: Resource, kind: Kind | None = None) -> Listing | None:
    """The list that is read whole for records by id, or (with `kind`) for what hangs on that kind's records."""
    how = resource.spec.get_many if kind is None else resource.spec.of.get(kind)
    return listing_of(resource, how) if isinstance(how, Whole) else None


def hanging(resource: Resource, kind: Kind, parents: Crowd) -> int:
    """Calls for what hangs on so many records of `kind`; 0 where a whole list tells, which `whole_list` names."""
    how = resource.spec.of.get(kind)
    endpoint = listing_of(resource, how) if isinstance(how, Through) else how
    if not isinstance(endpoint, Of | Listing):
        return 0
    return parents.calls(parents_of(resource, kind)) * pages(endpoint, OF_PAGES)


def find(resource: Resource, keys: Mapping[str, int]) -> int:
    """Calls that look up so many keys of each sort, `email` and `phone`."""
    written = [f"{sort}:{at}" for sort, count in keys.items() for at in range(count)]
    return sum(_find_pages(resource, batch[0].partition(":")[0]) for batch in find_batches(resource, written))


def _find_pages(resource: Resource, sort: str) -> int:
    how = finds(resource).get(sort)
    endpoint = listing_of(resource, how) if isinstance(how, Through) else how
    return pages(endpoint, FIND_PAGES) if isinstance(endpoint, Find | Listing) else 0


def closing(resource: Resource, seeds: int, thorough: bool) -> int:
    """Calls at one contact resource until no new e-mail or phone appears: every round as full as it may be."""
    most = min(ROUND_KEYS, KEYS_EACH * seeds)
    together = [sort for sort in SORTS if keys_of(resource, sort) > 1]
    singly = [sort for sort in SORTS if keys_of(resource, sort) == 1] if thorough else []
    batched = max((find(resource, {sort: most}) for sort in together), default=0)
    lists = {how.through for sort, how in finds(resource).items() if sort in together and isinstance(how, Through)}
    # Keys that go through different lists do not fill each other's batches.
    batched += max(0, len(lists) - 1) * FIND_PAGES
    return ROUNDS * (batched + max((find(resource, {sort: min(SINGLE_KEYS, most)}) for sort in singly), default=0))


@dataclass(slots=True)
class Item:
    """One line of a bill; `certain` where it costs exactly that unless the source fails."""

    because: str
    most: int
    certain: bool = False


@dataclass(slots=True)
class Bill:
    """What one question may cost, per source."""

    items: dict[str, list[Item]]
    shared: dict[tuple[str, str], Item] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> "Bill":
        return cls({name: [] for name in names})

    def add(self, source: str, most: int, because: str) -> None:
        """So many calls more at the most."""
        if most:
            self.items[source].append(Item(because, most))

    def once(self, source: str, what: str, most: int, because: str, certain: bool = False) -> None:
        """Calls that are made once however often they are asked for: `what` names them."""
        item = self.shared.get((source, what))
        if item is None:
            self.shared[source, what] = item = Item(because, most, certain)
            self.items[source].append(item)
        item.most, item.certain = max(item.most, most), item.certain or certain

    def most(self, source: str) -> int:
        return sum(one.most for one in self.items[source])

    def exact(self, source: str) -> bool:
        """Whether a source gets exactly that many calls: nothing depends on what the CRMs hold."""
        return all(one.certain for one in self.items[source])


def signature(endpoint: Endpoint) -> str:
    """What equal calls of an endpoint have in common."""
    return f"{endpoint.call} {sorted(endpoint.query.items())} {sorted((endpoint.body or {}).items())}"
