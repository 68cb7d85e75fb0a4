"""Putting together all people whom the replica holds, and giving each the id that stays.

Everything, or what has changed since the last time and whoever that reaches. How common values are is counted over all
that is kept, either way.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crmgraph.domain.candidates import Candidates, candidates
from crmgraph.domain.crowding import crowded, told_apart
from crmgraph.domain.incremental import People
from crmgraph.domain.matching import Matcher
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import Profile, counted, keys, order, profile_of
from crmgraph.domain.rarity import Counted, Shipped
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Policy, Resolution, clustered
from crmgraph.domain.weights import Weights
from crmgraph.service.judgements import Judgements
from crmgraph.service.learning import record_of
from crmgraph.service.persons import PersonIds
from crmgraph.service.ports import Clock, Source
from crmgraph.service.replica import Place, Question, Reached, Replica, SyncState
from crmgraph.service.resolver import AT_LEAST

PAGE = 500
"""How many records are read at once."""

LIST = ("(identity)", "persons")
"""What is kept of the last run as if it were the reading of a list; no source is called so."""

Finding = Callable[[Sequence[Profile], int], Candidates]
"""Who gives the pairs that are worth comparing, of profiles and how full a block may be."""

Told = Callable[[str, int, int | None], None]
"""Is told of each step: its name, how much is done, and of how much, where that is known."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `looked_at` of `records` were put together; `missing` are the sources that were not read
    whole yet, whose people are therefore left as they were.
    """

    records: int
    looked_at: int
    resolution: Resolution
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolving:
    """Resolves what the replica holds of `sources`. `region` (ISO 3166) is where numbers without a country belong;
    `weights` are the shipped ones otherwise.
    """

    replica: Replica
    judgements: Judgements
    persons: PersonIds
    sources: Sequence[Source]
    clock: Clock
    region: str
    policy: Policy
    weights: Weights | None = None

    async def all(self, told: Told, finding: Finding = candidates) -> Outcome:
        """Put everybody together anew; raises StoreUnavailable."""
        began = self.clock.now()
        read = sorted(_unaged(await self._read(told)), key=lambda one: order(one.ref))
        everyone = told_apart(read, self.policy.max_shared)
        told("pairs", 0, None)
        found = await asyncio.to_thread(finding, everyone, self.policy.full)
        told("people", 0, None)
        judged = await self.judgements.standing()
        resolution = await asyncio.to_thread(
            clustered, everyone, found.pairs, self._matcher(everyone), self.policy, judged, found.skipped
        )
        return await self._kept(resolution, len(everyone), began, whole=True)

    async def changes(self, told: Told) -> Outcome:
        """Put together anew who has come, changed or been judged since the last run, and whoever that reaches; where
        there was none, everybody. Who is only gone is left to a run over everything.
        """
        last = (await self.replica.state(*LIST)).changed_since
        if last is None:
            return await self.all(told)
        began = self.clock.now()
        aged = await self._read(told)
        everyone = told_apart(_unaged(aged), self.policy.max_shared)
        people = People(self._matcher(everyone), self.policy, await self.judgements.standing(), everyone)
        told("people", 0, None)
        touched = await self._touched(aged, last)
        resolution = await asyncio.to_thread(people.anew, touched)
        return await self._kept(resolution, len(everyone), began, whole=False)

    async def everyone(self) -> Sequence[Profile]:
        """Everybody who is kept, as they are compared."""
        return told_apart(_unaged(await self._read(lambda step, done, total: None)), self.policy.max_shared)

    def _matcher(self, everyone: Sequence[Profile]) -> Matcher:
        """What answers are put together by, once all sources are known."""
        rarity = Counted.of((held for one in everyone for held in counted(one)), Shipped())
        return Matcher(rarity, max(len(everyone), AT_LEAST), self.weights, len(self.sources))

    async def _read(self, told: Told) -> list[tuple[Profile, datetime]]:
        """Everybody who is kept, and when their CRM said so."""
        counts = await self.replica.counts()
        total = sum(counts.get((source.name, Kind.CONTACT), 0) for source in self.sources)
        found: list[tuple[Profile, datetime]] = []
        for source in self.sources:
            after: Place | None = None
            while True:
                page = await self.replica.page(Question(source.name, Kind.CONTACT, PAGE, after=after))
                found += [(profile_of(record_of(source, row), self.region), row.fetched_at) for row in page.rows]
                told("records", len(found), max(total, len(found)))
                if (after := page.next) is None:
                    break
        return found

    async def _touched(self, aged: Sequence[tuple[Profile, datetime]], last: datetime) -> set[Ref]:
        """Whose records were read or judged since, who shared a key with them that too many share now, and who was one
        person with any of them.
        """
        touched = {profile.ref for profile, at in aged if at >= last}
        touched |= self._parted(aged, touched)
        touched |= {ref for one in await self.judgements.all() if one.at >= last for ref in one.refs}
        known = await self.persons.of([profile.ref for profile, _ in aged])
        persons = {known[ref] for ref in touched if ref in known}
        return touched | {ref for ref, person in known.items() if person in persons}

    def _parted(self, aged: Sequence[tuple[Profile, datetime]], fresh: Collection[Ref]) -> set[Ref]:
        """Who holds a key that too many share only since the fresh records hold it as well."""
        if (most := self.policy.max_shared) is None:
            return set()
        everyone = _unaged(aged)
        many = crowded(everyone, most) - crowded([one for one in everyone if one.ref not in fresh], most)
        return {one.ref for one in everyone if not many.isdisjoint(keys(one))}

    async def _kept(self, resolution: Resolution, records: int, began: datetime, whole: bool) -> Outcome:
        """Give everybody their id, and remember how far this run came."""
        missing = [one.name for one in self.sources if not await self._is_whole(one)]
        read = {one.name for one in self.sources} - set(missing)
        clusters = [[one.ref for one in group] for group in resolution.clusters]
        await self.persons.assign(clusters, read, whole)
        await self.replica.take([], Reached(*LIST, SyncState(began if whole else None, began)))
        return Outcome(records, sum(map(len, clusters)), resolution, tuple(missing))

    async def _is_whole(self, source: Source) -> bool:
        """Whether all people of a source were read at least once."""
        lists = [one for one in source.reader.definition.of_kind(Kind.CONTACT) if one.listings]
        states = [await self.replica.state(source.name, one.name) for one in lists]
        return bool(states) and all(state.full_since is not None for state in states)


def _unaged(aged: Iterable[tuple[Profile, datetime]]) -> list[Profile]:
    return [profile for profile, _ in aged]


def bands(resolution: Resolution) -> Mapping[str, int]:
    """How many links are in each band, the surest first, and how many were refused."""
    held = Counter(link.band.value for link in resolution.links)
    held["suggested"], held["refused"] = len(resolution.suggestions), len(resolution.refusals)
    return {name: held[name] for name in ("joined", "likely", "suggested", "refused")}
