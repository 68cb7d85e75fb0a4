"""One holder per record of a source, over all processes that share the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from weakref import WeakValueDictionary

from crmgraph.service.holds import Busy, Hold
from crmgraph.store.database import Database
from crmgraph.store.lock_rows import give_back, leave, take
from crmgraph.store.worker import Worker

_PAUSE = 0.01
"""Seconds between two tries at first; they grow to _LONGEST_PAUSE, and chance keeps processes out of step."""

_LONGEST_PAUSE = 0.1


class DatabaseLocks:
    """Within the process the waiting queue up, so that between processes only one of each asks the database."""

    def __init__(
        self, database: Database, worker: Worker, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._database = database
        self._worker = worker
        self._sleep = sleep
        self._queues: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, source: str, record: str, patience: float) -> AsyncIterator[Hold]:
        """Wait up to `patience` seconds for the record and hold it; raises Busy."""
        queue = self._queues.setdefault((source, record), asyncio.Lock())
        ends = self._worker.clock.monotonic() + patience
        try:
            async with asyncio.timeout(patience):
                await queue.acquire()
        except TimeoutError:
            raise _busy(source, record) from None
        try:
            hold = await self._taken(source, record, ends)
            try:
                yield hold
            finally:
                await self._give_back(hold)
        finally:
            queue.release()

    async def keep(self, hold: Hold, seconds: float) -> None:
        """Leave a record held for so long, by nobody: what was sent under the hold may still be carried out."""
        until = self._worker.now() + timedelta(seconds=seconds)
        await self._database.write(lambda connection: leave(connection, hold, until))

    async def _taken(self, source: str, record: str, ends: float) -> Hold:
        pause = _PAUSE
        while True:
            hold = await self._database.write(
                lambda connection: take(connection, source, record, self._worker), self._give_back
            )
            if hold is not None:
                return hold
            left = ends - self._worker.clock.monotonic()
            if left <= 0:
                raise _busy(source, record)
            chance = 0.5 + self._worker.random(1)[0] / 255
            await self._sleep(min(pause * chance, left))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _give_back(self, hold: Hold | None) -> None:
        if hold is not None:
            await self._database.write(lambda connection: give_back(connection, hold))


def _busy(source: str, record: str) -> Busy:
    return Busy(f"The record {record} of {source} is being written by somebody else; try again in a moment.")
