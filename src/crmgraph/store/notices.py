"""What workers tell each other, as rows that each of them reads once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.notices import Notice
from crmgraph.service.ports import StoreUnavailable
from crmgraph.store.database import Database
from crmgraph.store.tables import notices
from crmgraph.store.worker import Worker

KEPT = timedelta(minutes=10)
"""After which every worker has heard a notice, or has begun anew since."""

_AGAIN = 100
"""How many rows before the last one heard are looked at again: one that was written first may be committed later."""

_NOTICE = msgspec.json.Decoder(Notice)


class Listener(Protocol):
    """What remembers something of the store that other workers change."""

    def heed(self, notice: Notice) -> None:
        """Hear what another worker told."""

    def doubt(self) -> None:
        """Believe nothing that is remembered: something may have been told that was not heard."""


class DatabaseNotices:
    """One worker's side of what is told; `listeners` hear it before anybody else."""

    def __init__(self, database: Database, worker: Worker, listeners: Sequence[Listener] = ()) -> None:
        self._database = database
        self._worker = worker
        self._listeners = listeners
        self._last: int | None = None
        self._seen: frozenset[int] = frozenset()

    async def post(self, told: Sequence[Notice]) -> None:
        """Tell the others; raises StoreUnavailable."""
        if told:
            await self._database.write(lambda connection: post(connection, self._worker, told))

    async def heard(self) -> Sequence[Notice]:
        """What the others told since this was last asked, the first time since this worker began."""
        try:
            told = await self._heard()
        except StoreUnavailable:
            self._doubt()
            raise
        for notice in told:
            for listener in self._listeners:
                listener.heed(notice)
        return told

    def _doubt(self) -> None:
        for listener in self._listeners:
            listener.doubt()

    async def _heard(self) -> Sequence[Notice]:
        if self._last is None:
            self._last = await self._database.read(_newest)
            self._doubt()
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
