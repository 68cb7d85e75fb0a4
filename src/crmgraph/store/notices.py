"""What workers tell each other, as rows that each of them reads once."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.notices import Notice
from crmgraph.store.database import Database
from crmgraph.store.tables import notices
from crmgraph.store.worker import Worker

KEPT = timedelta(minutes=10)
"""After which every worker has heard a notice, or has begun anew since."""

_AGAIN = 100
"""How many rows before the last one heard are looked at again: one that was written first may be committed later."""

_NOTICE = msgspec.json.Decoder(Notice)


class DatabaseNotices:
    """One worker's side of what is told."""

    def __init__(self, database: Database, worker: Worker) -> None:
        self._database = database
        self._worker = worker
        self._last: int | None = None
        self._seen: frozenset[int] = frozenset()

    async def post(self, told: Sequence[Notice]) -> None:
        """Tell the others; raises StoreUnavailable."""
        if told:
            await self._database.write(lambda connection: post(connection, self._worker, told))

    async def heard(self) -> Sequence[Notice]:
        """What the others told since this was last asked, the first time since this worker began."""
        if self._last is None:
            self._last = await self._database.read(_newest)
            return ()
        after = self._last - _AGAIN
        wanted = select(notices.c.number, notices.c.worker, notices.c.notice).where(notices.c.number > after)

        async def work(connection: AsyncConnection) -> Sequence[tuple[int, str, bytes]]:
            return [tuple(row) for row in await connection.execute(wanted.order_by(notices.c.number))]

        rows = await self._database.read(work)
        fresh = [row for row in rows if row[0] not in self._seen and (row[0] > self._last or self._seen)]
        self._seen = frozenset(number for number, _, _ in rows)
        self._last = max([self._last, *self._seen])
        return [_NOTICE.decode(told) for _, worker, told in fresh if worker != self._worker.id]


async def post(connection: AsyncConnection, worker: Worker, told: Sequence[Notice]) -> None:
    """Tell the others once the transaction ends."""
    now = worker.now()
    rows = [{"worker": worker.id, "notice": msgspec.json.encode(one), "told_at": now} for one in told]
    await connection.execute(delete(notices).where(notices.c.told_at <= now - KEPT))
    if rows:
        await connection.execute(insert(notices), rows)


async def _newest(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.max(notices.c.number)))).scalar() or 0
