"""Throwing away what nobody may ask for any more."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.intents import StepState
from crmgraph.service.ports import StoreUnavailable
from crmgraph.store.database import Database
from crmgraph.store.idempotency import KEPT
from crmgraph.store.replica_tables import records
from crmgraph.store.tables import events, idempotency, imports, intents, locks, steps
from crmgraph.store.worker import Worker

DAY = 86_400.0
"""Seconds between two tidyings."""


async def tidy(database: Database, worker: Worker, kept: timedelta = KEPT, gone: timedelta = KEPT) -> None:
    """Delete answers past their time, and older than `kept`: settled intents, ended imports, events, unused locks.

    What is open or unknown stays, however old. That a record of the replica is `gone` is remembered for so long.
    """
    old = worker.now() - kept
    unknown = intents.c.id.in_(select(steps.c.intent).where(steps.c.state == StepState.UNKNOWN))
    answered = or_(idempotency.c.payload.is_not(None), idempotency.c.intent.is_(None))

    async def work(connection: AsyncConnection) -> None:
        past = and_(idempotency.c.expires_at <= worker.now(), answered)
        needed = exists().where(idempotency.c.intent == intents.c.id)
        await connection.execute(delete(idempotency).where(past))
        await connection.execute(delete(intents).where(and_(intents.c.settled_at <= old, ~unknown, ~needed)))
        await connection.execute(delete(imports).where(imports.c.finished_at <= old))
        await connection.execute(delete(events).where(events.c.kept_at <= old))
        past_gone = records.c.gone_at <= worker.now() - gone
        await connection.execute(delete(records).where(past_gone))
        await connection.execute(delete(locks).where(locks.c.lease_until <= old))

    await database.write(work)


async def tidying(
    database: Database,
    worker: Worker,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    gone: timedelta = KEPT,
) -> None:
    """Tidy once a day for ever; a store that fails is tidied the next day."""
    while True:
        await sleep(DAY)
        with suppress(StoreUnavailable):
            await tidy(database, worker, gone=gone)
