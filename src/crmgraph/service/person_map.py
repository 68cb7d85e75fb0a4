"""The map of records to persons as reading knows it: there where a store stands, which may fail."""

import asyncio
from collections.abc import Awaitable, Callable

from crmgraph.domain.assigning import PersonId
from crmgraph.service.persons import PersonIds, Resolved
from crmgraph.service.ports import StoreUnavailable

Open = Callable[[], Awaitable[PersonIds | None]]
"""Gives the persisted map, None where nothing is kept."""

LONGEST = 2.0
"""Seconds that a store is waited for."""


async def nothing_kept() -> PersonIds | None:
    """Where there is no store."""
    return None


class PersonMap:
    """What the persisted map tells, without waiting for it too long."""

    def __init__(self, open: Open = nothing_kept) -> None:
        self._open = open

    async def resolve(self, ident: PersonId) -> Resolved | None:
        """Whom an id leads to; None for one that was never given. Raises StoreUnavailable."""
        try:
            async with asyncio.timeout(LONGEST):
                ids = await self._open()
                return None if ids is None else await ids.resolve(ident)
        except TimeoutError:
            said = f"The store did not answer in {LONGEST:g} seconds, so nobody can tell whose id this is."
            raise StoreUnavailable(said) from None
