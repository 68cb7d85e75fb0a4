"""One process that works on the store: its name, its time, its leases, and the pulse that keeps them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.ports import Clock, StoreUnavailable
from crmgraph.store.database import Database
from crmgraph.store.tables import idempotency, imports, intents, locks


@dataclass(frozen=True, slots=True)
class Worker:
    """`id` is this process's alone, never used again. `lease` must be longer than any one send and than the clocks of
    two machines may differ.
    """

    id: str
    clock: Clock
    random: Callable[[int], bytes]
    lease: timedelta = timedelta(seconds=30)

    def now(self) -> datetime:
        return self.clock.now()

    def until(self) -> datetime:
        """When a lease that is taken now runs out."""
        return self.now() + self.lease


def new_worker(clock: Clock, random: Callable[[int], bytes], lease: timedelta = timedelta(seconds=30)) -> Worker:
    """A worker with a name that nobody had before."""
    return Worker(random(16).hex(), clock, random, lease)


async def beat(database: Database, worker: Worker) -> None:
    """Prolong everything that the worker holds. What has run out already stays so."""

    async def work(connection: AsyncConnection) -> None:
        for table in (intents, idempotency, locks, imports):
            mine = (table.c.holder == worker.id) & (table.c.lease_until > worker.now())
            await connection.execute(update(table).where(mine).values(lease_until=worker.until()))

    await database.write(work)


async def beating(database: Database, worker: Worker, sleep: Callable[[float], Awaitable[None]]) -> None:
    """Beat for ever, three times a lease. A store that fails is beaten again: what ran out meanwhile is lost."""
    while True:
        await sleep(worker.lease.total_seconds() / 3)
        with suppress(StoreUnavailable):
            await beat(database, worker)
