"""The map of records to persons as reading knows it: there where a store stands, which may fail."""

from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog
from msgspec import Struct

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.persons import Clusters, PersonIds
from crmgraph.service.ports import Clock, StoreUnavailable
from crmgraph.service.sparing import Sparing

Open = Callable[[], Awaitable[PersonIds | None]]
"""Gives the persisted map, None where nothing is kept."""

People = Mapping[Ref, PersonId]

NOBODY: People = {}


class Led(Struct, frozen=True):
    """The records of the person to whom an id leads, which of them it was given for, and whether it `redirects`."""

    members: tuple[Ref, ...]
    own: frozenset[Ref]
    redirects: bool


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

    async def leads(self, ident: PersonId) -> Led | None:
        """Where an id leads; None for one that was never given. Raises StoreUnavailable."""

        async def work() -> Led | None:
            ids = await self._open()
            found = None if ids is None else await ids.resolve(ident)
            if ids is None or found is None:
                return None
            return Led(found.members, frozenset(await ids.own(ident)), found.id != ident)

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
