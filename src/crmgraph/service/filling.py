"""Filling the key index in the background: each source's contacts are read page by page, at half of its rate at most,
and again from time to time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from traceback import extract_tb

import structlog

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted
from crmgraph.connectors.pagination import Page, Position
from crmgraph.connectors.rates import Rate, rates_of
from crmgraph.domain.errors import CrmGraphError, SourceError, Throttled
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import NEEDED, Profile, profile_of
from crmgraph.domain.records import Ref
from crmgraph.service.errands import Urgency
from crmgraph.service.index import FillingIndex
from crmgraph.service.ports import Clock, Source
from crmgraph.service.session import Session

_log = structlog.get_logger("crmgraph.index")

REFILL = 900.0
"""Seconds after which a source that has been read is read again."""

PAUSES = (1.0, 5.0, 30.0, 120.0)
"""Seconds until a page that failed is asked for again; the last one repeats."""

ATTEMPTS = 10
"""How often in a row one page may fail before the source is left until its next filling: a cursor may have died."""

PASSES = 3
"""How often a list that changed while it was read is read, before what is known is taken for everything."""

SHARE = 0.5
"""How much of a source's declared rate filling takes."""

Sleep = Callable[[float], Awaitable[None]]


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
        pace, failures = _pace(rates_of(source.reader.definition.spec.limits.rate)), 0
        while not reading.ended and len(reading.seen) < room:
            failure = await self._failure(source, resource, reading)
            pause = pace if failure is None else _pause(failure, failures)
            # Being told to come later says nothing against the page.
            failures = 0 if failure is None else failures + (not isinstance(failure, Throttled))
            if failure is not None and (self.once or failures >= ATTEMPTS):
                return False
            if pause and not reading.ended:
                await self.sleep(pause)
        return True

    async def _failure(self, source: Source, resource: Resource, reading: _Pass) -> Exception | None:
        """Read the next page; gives what went wrong with it."""
        try:
            await self._page(source, resource, reading)
        except CrmGraphError as error:
            _log.warning("the key index waits for a source", source=source.name, reason=error.for_logs)
            return error
        except Exception as error:
            # Its message may quote a record, its sort and its place do not.
            _log.error("the key index failed at a source", source=source.name, **_told(error))
            return error
        return None

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


def _pause(failure: Exception, failures: int) -> float:
    """Seconds until a page is asked for again: as long as the source said, within reason."""
    told = failure.retry_after if isinstance(failure, SourceError) else None
    if told is None:
        return PAUSES[min(failures, len(PAUSES) - 1)]
    return min(max(told, PAUSES[0]), REFILL)


def _pace(rates: Sequence[Rate]) -> float:
    """Seconds between two pages, so that filling takes its share of the shortest span's rate; 0 where none is said.

    A filling ends, so a longer span's allowance, a day's say, is not spread over it.
    """
    return next((one.seconds / one.count / SHARE for one in rates), 0.0)


def _told(error: Exception) -> dict[str, str]:
    """What may be logged of a failure that is not ours: its sort, and where it came up."""
    frame = extract_tb(error.__traceback__)[-1]
    return {"error": type(error).__name__, "where": f"{frame.name}:{frame.lineno}"}
