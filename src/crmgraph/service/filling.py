"""Filling the key index in the background: each source's contacts are read once, page by page and within its rate."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted
from crmgraph.connectors.pagination import Position
from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import profile_of
from crmgraph.domain.records import Ref
from crmgraph.service.identity import NEEDED
from crmgraph.service.index import KeyIndex
from crmgraph.service.ports import Clock, Source
from crmgraph.service.session import Session

_log = structlog.get_logger("crmgraph.index")

PAUSES = (1.0, 5.0, 30.0, 120.0)
"""Seconds until a source that failed is tried again; the last one repeats."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Filling:
    """What filling needs: `limit` is how many records of one source are read at the most; with `once` a source that
    fails is not tried again.
    """

    index: KeyIndex
    clock: Clock
    region: str
    limit: int
    sleep: Sleep = asyncio.sleep
    once: bool = False

    async def all(self, sources: list[Source]) -> None:
        """Fill the index from every source at once; ends when each is complete or at its limit."""
        await asyncio.gather(*(self._until_done(source) for source in sources))

    async def _until_done(self, source: Source) -> None:
        for resource in source.reader.definition.of_kind(Kind.CONTACT):
            attempt = 0
            while resource.listings and not await self._tried(source, resource) and not self.once:
                await self.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
                attempt += 1

    async def _tried(self, source: Source, resource: Resource) -> bool:
        """Whether a source was read to its end, or is not worth another try."""
        try:
            await self._fill(source, resource)
        except CrmGraphError as error:
            _log.warning("the key index waits for a source", source=source.name, reason=error.message)
            return False
        return True

    async def _fill(self, source: Source, resource: Resource) -> None:
        session = Session([source], self.clock, float("inf"))
        seen: set[Ref] = set()
        position: Position = None
        began = self.clock.now()
        while len(seen) < self.limit:
            flow = source.reader.page(resource.listings[0], Wanted(fields=NEEDED), position, resource)
            page = await session.run(source, flow)
            records = await session.records(source, resource, page.items, NEEDED)
            profiles = [profile_of(record, self.region) for record in records]
            fresh = {one.ref for one in profiles} - seen
            self.index.learn(profiles)
            seen |= fresh
            if page.next is None:
                self.index.completed(source.name, began, seen)
                _log.info("the key index knows a source", source=source.name, records=len(seen))
                return
            if page.items and not fresh and records:
                raise CrmGraphError(f"{source.name} gives the same contacts again and again.")
            position = page.next
        _log.warning("the key index is full", source=source.name, limit=self.limit)
