"""The row of a held record: taken, prolonged and given back, each in one statement."""

from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.holds import Hold, LostHold
from crmgraph.store.database import insert
from crmgraph.store.tables import locks
from crmgraph.store.worker import Worker

NOBODY = ""
"""The holder of a record that is left held; no worker is called so."""


async def take(connection: AsyncConnection, source: str, record: str, worker: Worker) -> Hold | None:
    """Hold a record that nobody holds; None when somebody does."""
    this = and_(locks.c.source == source, locks.c.record == record)
    row = {"source": source, "record": record, "fence": 0, "holder": None, "lease_until": worker.now()}
    await connection.execute(insert(connection, locks).values(row).on_conflict_do_nothing())
    free = and_(this, or_(locks.c.holder.is_(None), locks.c.lease_until <= worker.now()))
    taken = {"fence": locks.c.fence + 1, "holder": worker.id, "lease_until": worker.until()}
    if (await connection.execute(update(locks).where(free).values(**taken))).rowcount != 1:
        return None
    fence = (await connection.execute(select(locks.c.fence).where(this))).scalar_one()
    return Hold(source, record, fence)


async def prolong(connection: AsyncConnection, hold: Hold, worker: Worker) -> None:
    """Make a hold last for another lease; raises LostHold when it has run out, whether or not somebody took it."""
    alive = and_(
        locks.c.source == hold.source,
        locks.c.record == hold.record,
        locks.c.fence == hold.fence,
        locks.c.holder == worker.id,
        locks.c.lease_until > worker.now(),
    )
    if (await connection.execute(update(locks).where(alive).values(lease_until=worker.until()))).rowcount != 1:
        raise LostHold(f"The record {hold.record} of {hold.source} was held for too long; nothing was sent.")


async def give_back(connection: AsyncConnection, hold: Hold) -> None:
    """Free the record for the next; somebody else's hold of it stays. The row stays too: it keeps the fence."""
    ours = and_(locks.c.source == hold.source, locks.c.record == hold.record, locks.c.fence == hold.fence)
    await connection.execute(update(locks).where(ours).values(holder=None))


async def leave(connection: AsyncConnection, hold: Hold, until: datetime) -> None:
    """Hold the record until then for nobody: giving the hold back no longer frees it. A hold that was lost is none."""
    ours = and_(locks.c.source == hold.source, locks.c.record == hold.record, locks.c.fence == hold.fence)
    kept = {"fence": locks.c.fence + 1, "holder": NOBODY, "lease_until": until}
    await connection.execute(update(locks).where(ours).values(**kept))
