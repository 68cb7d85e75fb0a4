"""The answers given to mutations with a key, kept for as long as a caller may ask again."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.beginnings import Beginning, Conflict, Fresh, Running, Stored, Unfinished
from crmgraph.service.intents import LostIntent
from crmgraph.store.database import Database, insert
from crmgraph.store.tables import idempotency, intents
from crmgraph.store.worker import Worker

KEPT = timedelta(days=30)
"""How long an answer is kept after its mutation began."""


class DatabaseIdempotency:
    """Who asks second gets the first one's answer."""

    def __init__(self, database: Database, worker: Worker, kept: timedelta = KEPT) -> None:
        self._database = database
        self._worker = worker
        self._kept = kept

    async def begin(self, caller: str, key: str, digest: bytes) -> Beginning:
        """Begin with a key; `digest` stands for the mutation and its input."""

        async def work(connection: AsyncConnection) -> Beginning:
            await connection.execute(delete(idempotency).where(_is(caller, key), self._past()))
            row = {"caller": caller, "key": key, "digest": digest, "expires_at": self._worker.now() + self._kept}
            mine = {"holder": self._worker.id, "lease_until": self._worker.until()}
            begun = insert(connection, idempotency).values(row | mine).on_conflict_do_nothing()
            if (await connection.execute(begun)).rowcount == 1:
                return Fresh()
            held = select(idempotency).where(_is(caller, key)).with_for_update()
            found = (await connection.execute(held)).one()
            if found.digest != digest:
                return Conflict()
            return Stored(found.payload) if found.payload is not None else await self._begun(connection, found)

        async def undo(beginning: Beginning) -> None:
            if isinstance(beginning, Fresh):
                await self.abandon(caller, key)

        return await self._database.write(work, undo)

    async def finish(self, caller: str, key: str, payload: bytes) -> bytes:
        """Store the answer; returns the one that counts, which is the first."""

        async def work(connection: AsyncConnection) -> bytes:
            first = and_(_is(caller, key), idempotency.c.payload.is_(None))
            await connection.execute(update(idempotency).where(first).values(payload=payload, holder=None))
            counts = select(idempotency.c.payload).where(_is(caller, key))
            kept: bytes | None = (await connection.execute(counts)).scalar_one_or_none()
            if kept is None:
                raise LostIntent("Nothing was begun with this idempotency key, or it was given back.")
            return kept

        return await self._database.write(work)

    async def abandon(self, caller: str, key: str) -> None:
        """Give a key back unfinished: as never begun, or, once an intent is tied to it, to whoever asks next."""
        mine = and_(_is(caller, key), idempotency.c.holder == self._worker.id, idempotency.c.payload.is_(None))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(idempotency).where(mine, idempotency.c.intent.is_(None)))
            left = {"holder": None, "lease_until": self._worker.now()}
            await connection.execute(update(idempotency).where(mine).values(left))

        await self._database.write(work)

    async def _begun(self, connection: AsyncConnection, found: Row[Any]) -> Beginning:
        """What to do about a key that somebody has begun with and not finished."""
        if found.intent is not None:
            settled = select(intents.c.settled_at).where(intents.c.id == found.intent)
            is_settled = (await connection.execute(settled)).scalar_one_or_none() is not None
            return Unfinished(found.intent) if is_settled and self._lapsed(found) else Running()
        if not self._lapsed(found):
            return Running()
        # Its worker died before it wrote a plan down, so nothing was sent: begin anew in its place.
        mine = {"holder": self._worker.id, "lease_until": self._worker.until()}
        await connection.execute(update(idempotency).where(_is(found.caller, found.key)).values(mine))
        return Fresh()

    def _lapsed(self, found: Row[Any]) -> bool:
        return bool(found.lease_until <= self._worker.now())

    def _past(self) -> ColumnElement[bool]:
        """Old, and nobody works on it: an answer that is still to be found out is never thrown away."""
        answered = or_(idempotency.c.payload.is_not(None), idempotency.c.intent.is_(None))
        return and_(idempotency.c.expires_at <= self._worker.now(), answered)


def _is(caller: str, key: str) -> ColumnElement[bool]:
    return and_(idempotency.c.caller == caller, idempotency.c.key == key)
