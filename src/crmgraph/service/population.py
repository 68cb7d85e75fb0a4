"""Everybody whom the key index knows, put together: what lists about identity are read off. It asks no source."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import log2

from crmgraph.domain.errors import TooCostly, Unavailable
from crmgraph.domain.explaining import tree
from crmgraph.domain.judgements import Judged, pair
from crmgraph.domain.matching import Band, Match
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Link, Resolution
from crmgraph.service.index import KeyIndex
from crmgraph.service.ports import Clock
from crmgraph.service.resolver import Resolver

LARGEST = 100_000
"""How many records are put together for a question; beyond that `crmgraph resolve` does it."""

ASIDE = 2_000
"""How many records are put together while everybody waits; more are by a thread."""

PATIENCE = 20
"""For how many times as long as it took an outcome is good although records have changed since."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """Everybody as of a time; `person_of` is the place of each record's person among the clusters."""

    as_of: datetime
    resolution: Resolution
    profiles: Mapping[Ref, Profile]
    person_of: Mapping[Ref, int]

    def refs(self, ref: Ref) -> tuple[Ref, ...]:
        """All records of the person who has this one."""
        return tuple(one.ref for one in self.resolution.clusters[self.person_of[ref]])

    def people_of(self, a: Ref, b: Ref) -> frozenset[int]:
        """The places of the people who have two records: two, or one."""
        return frozenset((self.person_of[a], self.person_of[b]))

    def people(self) -> Iterator[tuple[Ref, ...]]:
        """The records of each person."""
        return (tuple(one.ref for one in cluster) for cluster in self.resolution.clusters)


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one source that are one person, all records of that person, and the links that hold these together."""

    records: tuple[Ref, ...]
    person: tuple[Ref, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Unsure:
    """Two records of which people should decide, and the records of both persons, who may be one already."""

    link: Link
    ours: tuple[Ref, ...]
    theirs: tuple[Ref, ...]

    @property
    def is_joined(self) -> bool:
        """Whether they are one person for now."""
        return self.ours == self.theirs


@dataclass(slots=True)
class Population:
    """What was put together last, for one view of the sources."""

    _last: Everybody | None = None
    _key: tuple[int, Judged] | None = None
    _good_until: float = 0.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def everybody(self, index: KeyIndex, resolver: Resolver, clock: Clock) -> Everybody:
        """Everybody as of now, or of lately where it takes long; always under what is decided. Raises TooCostly."""
        async with self._turn:
            await resolver.ready()
            key = (index.version, resolver.judging.judged)
            last = self._last
            is_current = self._key == key
            is_good = self._key is not None and self._key[1] is key[1] and clock.monotonic() < self._good_until
            if last is not None and (is_current or is_good):
                return last
            began = clock.monotonic()
            self._last = found = await self._put_together(index, resolver, clock)
            self._key, took = key, clock.monotonic() - began
            self._good_until = clock.monotonic() + PATIENCE * took
            return found

    async def _put_together(self, index: KeyIndex, resolver: Resolver, clock: Clock) -> Everybody:
        as_of, everyone = clock.now(), list(index.everyone())
        if len(everyone) > LARGEST:
            raise TooCostly(
                f"{len(everyone):,} records are known, and {LARGEST:,} are put together for one question;"
                " `crmgraph resolve --all` puts together any number."
            )
        aside = len(everyone) > ASIDE
        found = await asyncio.to_thread(resolver.everybody, everyone) if aside else resolver.everybody(everyone)
        places = {one.ref: place for place, cluster in enumerate(found.clusters) for one in cluster}
        return Everybody(as_of, found, {one.ref: one for cluster in found.clusters for one in cluster}, places)


def duplicates(everybody: Everybody, source: str) -> list[Group]:
    """Those who have several records in one source."""
    links, found = _links(everybody), []
    for place, refs in enumerate(everybody.people()):
        own = tuple(ref for ref in refs if ref.source == source)
        if len(own) > 1:
            found.append(Group(own, refs, tree(refs, links.get(place, ()))))
    return found


def missing_in(everybody: Everybody, index: KeyIndex, source: str) -> list[tuple[Ref, ...]]:
    """The records of each person who has none in a source; raises Unavailable while not all of its people are known."""
    if index.complete_since(source) is None:
        said = f"The people of {source} have not all been read yet, so nobody can tell who is missing there."
        raise Unavailable(source, said)
    return [refs for refs in everybody.people() if all(ref.source != source for ref in refs)]


def unsure(everybody: Everybody, resolver: Resolver) -> list[Unsure]:
    """The pairs that people have not decided and evidence does not settle, the most valuable first: those whose bits
    are nearest to the line, and on whom the most records hang. Two people are asked about once, by the pair that is
    worth most, and not at all where somebody told records of both apart.
    """
    judged, least = resolver.judging.judged, resolver.least
    answered = judged.same | judged.different
    apart = {everybody.people_of(a, b) for a, b in judged.different if {a, b} <= everybody.person_of.keys()}
    between = [link for link in everybody.resolution.suggestions if everybody.people_of(link.a, link.b) not in apart]
    found = [
        Unsure(link, everybody.refs(link.a), everybody.refs(link.b))
        for link in (*between, *_bridges(everybody))
        if pair(link.a, link.b) not in answered
    ]
    found.sort(key=lambda one: (-_value(one, least), one.link.a, one.link.b))
    first = {everybody.people_of(one.link.a, one.link.b): one for one in reversed(found)}
    return [one for one in found if one.is_joined or first[everybody.people_of(one.link.a, one.link.b)] is one]


def _bridges(everybody: Everybody) -> Iterator[Link]:
    """The links that hold people together and are likely, no more: what surer ones hold as well is no question."""
    for place, links in _links(everybody).items():
        refs = [one.ref for one in everybody.resolution.clusters[place]]
        yield from (link for link in tree(refs, links) if link.band is Band.LIKELY)


def _links(everybody: Everybody) -> Mapping[int, Sequence[Link]]:
    """The place of each person of several records → the links between those."""
    links: dict[int, list[Link]] = {}
    for link in everybody.resolution.links:
        links.setdefault(everybody.person_of[link.a], []).append(link)
    return links


def _value(one: Unsure, least: float) -> float:
    hanging = len({*one.ours, *one.theirs})
    return log2(1 + hanging) / (1 + abs(one.link.bits - least))


def matched(everybody: Everybody, resolver: Resolver, link: Link) -> Match:
    """How the two records of a link match."""
    return resolver.match(everybody.profiles[link.a], everybody.profiles[link.b])


def trusted_first(refs: Sequence[Ref], ranks: Mapping[str, int]) -> tuple[Ref, ...]:
    """Records in the order of their sources' trust."""
    return tuple(sorted(refs, key=lambda ref: (ranks[ref.source], ref.id, ref.resource)))
