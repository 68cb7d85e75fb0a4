"""The background work of imports: whoever is free takes one over, and brings it to its end or leaves it to others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Kind
from crmgraph.service.importing.lane import Lane
from crmgraph.service.imports import Import
from crmgraph.service.reading import Gateway
from crmgraph.service.writing.stores import Stores

EVERY = 1.0
"""Seconds between two looks for imports that nobody works on."""

Sleep = Callable[[float], Awaitable[None]]

_log = structlog.get_logger("crmgraph.importing")


class Importing:
    """Works on the imports of a store."""

    def __init__(self, gateway: Gateway, stores: Stores, sleep: Sleep = asyncio.sleep) -> None:
        self._gateway = gateway
        self._stores = stores
        self._sleep = sleep

    async def keep(self) -> None:
        """Work for ever on what is there; a store that fails is asked again."""
        async with asyncio.TaskGroup() as working:
            while True:
                imported = await self._claimed()
                if imported is not None:
                    working.create_task(self._work_on(imported))
                else:
                    await self._sleep(EVERY)

    async def once(self) -> None:
        """Work on what is there now, until nothing is left of it."""
        async with asyncio.TaskGroup() as working:
            while (imported := await self._stores.imports.claim()) is not None:
                working.create_task(self._work_on(imported))

    async def _claimed(self) -> Import | None:
        try:
            return await self._stores.imports.claim()
        except CrmGraphError as error:
            _log.warning("imports cannot be looked at", error=error.for_logs)
            return None

    async def _work_on(self, imported: Import) -> None:
        """All its sources at once; where the store fails, or we are ended, it is left to be claimed again."""
        try:
            await self._end(imported, await self._lanes(imported))
        except* CrmGraphError as failures:
            reasons = [_told(one) for one in failures.exceptions]
            _log.warning("an import is left for now", id=imported.id, errors=reasons)
        except* Exception as failures:
            _log.error("an import failed", id=imported.id, exc_info=failures)
            await self._end(imported, ["This server failed at it; its log tells more."])
        finally:
            await self._released(imported)

    async def _end(self, imported: Import, reasons: Sequence[str]) -> None:
        if reasons:
            await self._stores.imports.stop(imported.id, " ".join(reasons))
        else:
            await self._stores.imports.finish(imported.id)

    async def _released(self, imported: Import) -> None:
        """Give it back: what we held on to nobody else could claim."""
        while True:
            try:
                return await self._stores.imports.release(imported.id)
            except CrmGraphError:
                await self._sleep(EVERY)

    async def _lanes(self, imported: Import) -> list[str]:
        """Why sources were given up, in their order."""
        known = {one.name: one for one in self._gateway.sources if one.reader.definition.of_kind(Kind.CONTACT)}
        missing = [name for name in imported.sources if name not in known]
        lanes = [
            Lane(self._gateway, self._stores, imported, known[name], self._sleep)
            for name in imported.sources
            if name in known
        ]
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(lane.run()) for lane in lanes]
        gone = [f"{name} is not configured here any more." for name in missing]
        return gone + [reason for one in running if (reason := one.result()) is not None]


def _told(failure: BaseException) -> str:
    return failure.for_logs if isinstance(failure, CrmGraphError) else type(failure).__name__
