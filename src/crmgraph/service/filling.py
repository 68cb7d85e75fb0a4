"""Filling the key index in the background: each source's contacts are read page by page, at half of its rate at most,
and again from time to time.
"""

import asyncio
from dataclasses import dataclass, field

import structlog

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted
from crmgraph.connectors.pagination import Page, Position
from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import NEEDED, Profile, profile_of
from crmgraph.domain.records import Ref
from crmgraph.service.errands import Urgency
from crmgraph.service.index import FillingIndex
from crmgraph.service.patience import ATTEMPTS, Patience, Sleep
from crmgraph.service.ports import Clock, Source
from crmgraph.service.session import Session

_log = structlog.get_logger("crmgraph.index")

REFILL = 900.0
"""Seconds after which a source that has been read is read again."""

PASSES = 3
"""How often a list that changed while it was read is read, before what is known is taken for everything."""


@dataclass(slots=True)
class _Pass:
    """How far one reading of a list has come; it goes on from here after a failure."""

    position: Position = None
    ended: bool = False
    seen: set[Ref] = field(default_factory=set)
    totals: set[int] = field(default_factory=set)
    counted: bool = False

    def take(self, page: Page, refs: set[Ref]) -> None:
        """What a page brought, and where the next one starts."""
        self.seen |= refs
        self.totals |= set() if page.total is None else {page.total}
        # Only a place that is counted from the start shifts when a record before it goes.
        self.counted |= isinstance(page.next, int)
        self.position, self.ended = page.next, page.next is None

    @property
    def shifted(self) -> bool:
        """Whether the list changed in a way that may have hidden a record between two pages."""
        return self.counted and len(self.totals) > 1


@dataclass(frozen=True, slots=True)
class Filling:
    """What filling needs: `limit` is how many records of one source are read at the most; with `once` a source that
    fails is not tried again, and none is read again.
    """

    index: FillingIndex
    clock: Clock
    region: str
    limit: int
    sleep: Sleep = asyncio.sleep
    once: bool = False

    async def all(self, sources: list[Source]) -> None:
        """Fill the index from every source at once; ends when each is complete, at its limit, or given up."""
        await asyncio.gather(*(self._fill(source) for source in sources))

    async def keep(self, sources: list[Source]) -> None:
        """Fill the index from every source, and again every REFILL seconds until cancelled."""
        await asyncio.gather(*(self._keep(source) for source in sources))

    async def _keep(self, source: Source) -> None:
        await self._fill(source)
        while not self.once:
            await self.sleep(REFILL)
            await self._fill(source)

    async def _fill(self, source: Source) -> None:
        """Read a source's contacts, in all the places where it keeps them, before anything is taken for complete."""
        resources = source.reader.definition.of_kind(Kind.CONTACT)
        began, known = self.clock.now(), set[Ref]()
        self.index.begins(source.name)
        whole = [await self._read(source, resource, known) for resource in resources if resource.listings]
        if whole and all(whole) and len(whole) == len(resources):
            self.index.completed(source.name, began, known)
            _log.info("the key index knows a source", source=source.name, records=len(known))

    async def _read(self, source: Source, resource: Resource, known: set[Ref]) -> bool:
        """Whether all records of one resource are in the index now, and in `known`."""
        room = self.limit - len(known)
        for _ in range(PASSES):
            reading = _Pass()
            given_up = not await self._to_its_end(source, resource, reading, room)
            known |= reading.seen
            if given_up:
                return False
            if not reading.ended:
                _log.warning("the key index is full", source=source.name, limit=self.limit)
                self.index.incomplete(source.name)
                return False
            if not reading.shifted:
                break
        return True

    async def _to_its_end(self, source: Source, resource: Resource, reading: _Pass, room: int) -> bool:
        """Read on until the list ends or there is no more room; False when a page failed too often."""
        patience = Patience(self.sleep, 1 if self.once else ATTEMPTS)
        failure = await patience.to_the_end(
            source,
            lambda: self._page(source, resource, reading),
            lambda: reading.ended or len(reading.seen) >= room,
        )
        return failure is None

    async def _page(self, source: Source, resource: Resource, reading: _Pass) -> None:
        page, profiles = await self._profiles(source, resource, reading.position)
        refs = {one.ref for one in profiles}
        if refs and page.next is not None and refs <= reading.seen:
            raise CrmGraphError(f"{source.name} gives the same contacts again and again.")
        self.index.learn(profiles)
        reading.take(page, refs)

    async def _profiles(self, source: Source, resource: Resource, position: Position) -> tuple[Page, list[Profile]]:
        # A session keeps every reply it has had, so it lasts for one page.
        session = Session([source], self.clock, float("inf"), anew=True, urgency=Urgency.REPORT)
        try:
            flow = source.reader.page(resource.listings[0], Wanted(fields=NEEDED), position, resource)
            page = await session.run(source, flow)
            records = await session.records(source, resource, page.items, NEEDED)
            return page, [profile_of(record, self.region) for record in records]
        finally:
            await session.close()
