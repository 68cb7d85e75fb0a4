"""The map of records to persons as reading knows it: there where a store stands, which may fail."""

from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.keeping import People
from crmgraph.service.persons import Clusters, Led, PersonIds
from crmgraph.service.ports import Clock, StoreUnavailable
from crmgraph.service.sparing import Sparing

Open = Callable[[], Awaitable[PersonIds | None]]
"""Gives the persisted map, None where nothing is kept."""

NOBODY: People = {}

_log = structlog.get_logger("crmgraph.persons")


async def nothing_kept() -> PersonIds | None:
    """Where there is no store."""
    return None


class PersonMap:
    """What the persisted map tells. A store that fails is no reason to answer nothing: what is remembered stands in."""

    def __init__(self, clock: Clock, open: Open = nothing_kept) -> None:
        self._open = open
        self._sparing = Sparing(clock)
        self._ids: PersonIds | None = None

    async def leads(self, idents: Collection[PersonId]) -> Mapping[PersonId, Led]:
        """Where each of several ids leads, those that were never given left out; raises StoreUnavailable."""

        async def work() -> Mapping[PersonId, Led]:
            ids = await self._open()
            return {} if ids is None else await ids.leads(idents)

        return await self._sparing.ask(work)

    async def around(self, refs: Collection[Ref], or_last: bool) -> People:
        """The persons of those records that have one, with all their other records. Where the store fails, nobody, or
        with `or_last` what was known of these records last.
        """

        async def work() -> People:
            self._ids = ids = await self._open()
            return NOBODY if ids is None else await ids.around(refs)

        found = await self._told(work)
        if found is None:
            return NOBODY if self._ids is None or not or_last else self._ids.last(refs)
        return found

    async def assign(self, clusters: Clusters, read: Collection[str]) -> People:
        """Whom each record belongs to, who is new included; nobody where the store fails."""

        async def work() -> People:
            ids = await self._open()
            return NOBODY if ids is None else await ids.assign(clusters, read)

        return await self._told(work) or NOBODY

    async def _told(self, work: Callable[[], Awaitable[People]]) -> People | None:
        if self._sparing.rests:
            return None
        try:
            return await self._sparing.ask(work)
        except StoreUnavailable as error:
            _log.warning("ids of people cannot be told", error=str(error))
            return None
