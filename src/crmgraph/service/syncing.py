"""Keeping the replica true: each source's lists are read whole from time to time, and in between only what changed.

What changed is asked for where a CRM can filter by it, or list by it with the last change first; elsewhere the list is
read whole. A whole reading tells what is gone: whatever was not seen. The position is kept with each page's records in
one transaction, so that a reading goes on after a kill at any time.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from crmgraph.connectors.asking import sorts_by
from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted
from crmgraph.connectors.pagination import Page
from crmgraph.connectors.pushdown import can_push
from crmgraph.connectors.spec import Listing
from crmgraph.domain.errors import CrmGraphError, Unsupported
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service.errands import Urgency
from crmgraph.service.holds import Busy
from crmgraph.service.patience import ATTEMPTS, Patience, Sleep
from crmgraph.service.ports import Clock, Locks, Source, StoreUnavailable
from crmgraph.service.readings import Reading, reading_of
from crmgraph.service.replica import Reached, Replica, SyncState
from crmgraph.service.session import Session

KINDS = (Kind.CONTACT, Kind.COMPANY, Kind.OPPORTUNITY, Kind.TASK, Kind.ACTIVITY, Kind.NOTE)
"""What is kept, as far as a definition lists it plainly."""

WHOLE = timedelta(days=1)
"""After which a list is read whole again, which alone tells what is gone."""

OVERLAP = timedelta(minutes=5)
"""How far before the last reading changes are asked for: a CRM's searches lag behind, and its clock may differ."""

ROUNDS = 3
"""How often a list that changed while it was read is read; after that nothing of it is taken for gone."""

LEADER = "(replica)"
"""What is held of a source by whoever syncs it; no record is called so."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What the reading of one list came to: `read` records, `gone` of those that were kept; `whole` says that all were
    read. A `failure` leaves it to be gone on with.
    """

    source: str
    resource: str
    read: int
    gone: int = 0
    whole: bool = False
    failure: Exception | None = None


Told = Callable[[str, str, Reading], None]
"""Is told of every page: source, resource and how far its reading has come."""


class Learner:
    """Who else learns from what is read: the key index. By default nobody."""

    def learn(self, source: str, records: Sequence[Record]) -> None:
        """People as they were just read."""

    def forget(self, ref: Ref) -> None:
        """A record is gone."""

    def completed(self, source: str, when: datetime) -> None:
        """All people of a source are known as of then."""


@dataclass(frozen=True, slots=True)
class Syncing:
    """Reads sources into the replica. `locks` see to it that one worker at a time reads a source."""

    replica: Replica
    locks: Locks
    clock: Clock
    sleep: Sleep = asyncio.sleep
    attempts: int = ATTEMPTS
    learner: Learner = field(default_factory=Learner)

    async def source(
        self, source: Source, full: bool = False, told: Told = lambda source, resource, reading: None
    ) -> list[Synced]:
        """Read all lists of a source, one after the other; raises Busy where another worker does, StoreUnavailable."""
        definition = source.reader.definition
        lists = [one for kind in KINDS for one in definition.of_kind(kind) if one.listings]
        done: list[Synced] = []
        async with self.locks.hold(source.name, LEADER, 0):
            for resource in lists:
                done.append(await self._list(source, resource, full, partial(told, source.name, resource.name)))
        people = {one.name for one in definition.of_kind(Kind.CONTACT)}
        if people and not any(one.failure for one in done if one.resource in people):
            self.learner.completed(source.name, self.clock.now())
        return done

    async def keep(self, sources: Sequence[Source], every: float) -> None:
        """Sync every source again and again, for ever; who is not the leader of a source looks again later."""
        await asyncio.gather(*(self._keep(source, every) for source in sources))

    async def _keep(self, source: Source, every: float) -> None:
        while True:
            with suppress(Busy, StoreUnavailable):  # Another worker reads it, or nobody can keep it: later.
                await self.source(source)
            await self.sleep(every)

    async def _list(self, source: Source, resource: Resource, full: bool, told: Callable[[Reading], None]) -> Synced:
        state = await self.replica.state(source.name, resource.name)
        began = _begun(resource, state, full, self.clock.now())
        way = _Way(self, source, resource, state, began, told)
        while True:
            failure = await Patience(self.sleep, self.attempts).to_the_end(source, way.page, lambda: way.reading.ended)
            if failure is not None:
                await way.leave(began)
                return Synced(source.name, resource.name, way.reading.count, failure=failure)
            if way.reading.since is not None or not way.reading.shifted or way.reading.round >= ROUNDS:
                return await way.end()
            way.reading = way.reading.again()


@dataclass(slots=True)
class _Way:
    """The reading of one list under way."""

    syncing: Syncing
    source: Source
    resource: Resource
    state: SyncState
    reading: Reading
    told: Callable[[Reading], None]

    async def page(self) -> None:
        """Read the next page, and keep it with the place behind it."""
        page, records = await self._read()
        if page.next is not None and page.next == self.reading.position:
            raise CrmGraphError(f"{self.source.name} gives the same {self.resource.name} records again and again.")
        reading = self.reading.after(page, records)
        await self.syncing.replica.take(records, self._reached(under_way=reading))
        self.reading = reading
        if self.resource.kind is Kind.CONTACT:
            self.syncing.learner.learn(self.source.name, records)
        self.told(reading)

    async def _read(self) -> tuple[Page, list[Record]]:
        # A session keeps every reply it has had, so it lasts for one page.
        source, resource, (listing, wanted) = self.source, self.resource, _how(self.resource, self.reading)
        session = Session([source], self.syncing.clock, float("inf"), anew=True, urgency=Urgency.REPORT)
        try:
            page = await session.run(source, source.reader.page(listing, wanted, self.reading.position, resource))
            fields, omits = FIELDS[resource.kind], frozenset(listing.omits)
            return page, await session.records(source, resource, page.items, fields, omits)
        finally:
            await session.close()

    async def end(self) -> Synced:
        """The list is read: what was not seen in a whole reading is gone, unless the list moved under it."""
        reading, replica = self.reading, self.syncing.replica
        is_whole = reading.since is None
        reached = self._reached(reading.began if is_whole else self.state.full_since, reading.began)
        gone: Sequence[Ref] = ()
        if is_whole and not reading.shifted:
            gone = await replica.swept(reading.began, reached)
        else:
            await replica.take([], reached)
        for ref in gone:
            self.syncing.learner.forget(ref)
        return Synced(self.source.name, self.resource.name, reading.count, len(gone), is_whole)

    async def leave(self, began: Reading) -> None:
        """A page failed too often: the next time goes on from it, or begins anew where that was tried in vain."""
        if began.position is not None and began.position == self.reading.position:
            await self.syncing.replica.take([], self._reached(self.state.full_since, self.state.changed_since))

    def _reached(
        self, full: datetime | None = None, changed: datetime | None = None, under_way: Reading | None = None
    ) -> Reached:
        state = SyncState(full, changed)
        if under_way is not None:
            state = SyncState(self.state.full_since, self.state.changed_since, under_way.as_json())
        return Reached(self.source.name, self.resource.name, state)


def _begun(resource: Resource, state: SyncState, full: bool, now: datetime) -> Reading:
    """The reading that is to be gone on with, or a new one: of everything where that is due."""
    if state.under_way is not None:
        under_way = reading_of(state.under_way)
        if now - under_way.began < WHOLE and not (full and under_way.since is not None):
            return under_way
    is_due = full or state.full_since is None or now - state.full_since >= WHOLE
    if is_due or state.changed_since is None:
        return Reading(now)
    since = state.changed_since - OVERLAP
    if _filtering(resource) is not None:
        return Reading(now, since)
    return Reading(now, since, falling=True) if _falling(resource) is not None else Reading(now)


def _how(resource: Resource, reading: Reading) -> tuple[Listing, Wanted]:
    """The list that is read, and what it is asked."""
    if reading.since is None:
        return resource.listings[0], Wanted()
    if reading.falling:
        listing = _falling(resource)
        wanted = Wanted(order=("updatedAt", True))
    else:
        listing = _filtering(resource)
        wanted = Wanted(filter=Condition("updatedAt", Op.GTE, reading.since))
    if listing is None:
        raise Unsupported(f"{resource.name} records can no longer be read by their changes.")
    return listing, wanted


def _filtering(resource: Resource) -> Listing | None:
    """The list that tells what changed after a time."""
    return next((one for one in resource.listings if can_push(one.filter, "updatedAt", Op.GTE)), None)


def _falling(resource: Resource) -> Listing | None:
    """The list that comes by its changes, the last one first."""
    return next((one for one in resource.listings if sorts_by(one, ("updatedAt", True))), None)
