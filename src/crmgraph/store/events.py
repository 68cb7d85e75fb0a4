"""The events in the database: each source's own order without gaps, each delivery once over all workers."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Row, and_, select, update
from sqlalchemy import insert as insert_one
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.errors import ConfigError
from crmgraph.domain.records import Ref
from crmgraph.service.events import Event, Numbered
from crmgraph.service.notices import Notice
from crmgraph.store.database import Database, insert
from crmgraph.store.notices import post
from crmgraph.store.tables import event_feeds, events
from crmgraph.store.worker import Worker


class Sealing(Protocol):
    """Seals texts, each to the place where it lies: table, row, column. It opens nowhere else."""

    def seal(self, plain: str, spot: tuple[str, ...]) -> bytes: ...

    def open(self, sealed: bytes, spot: tuple[str, ...]) -> str: ...


class DatabaseEvents:
    """With `vault`, payloads cannot be read by who has nothing but the database."""

    def __init__(self, database: Database, worker: Worker, vault: Sealing | None = None) -> None:
        self._database = database
        self._worker = worker
        self._vault = vault

    async def keep(self, event: Event, notices: Sequence[Notice]) -> bool:
        """Keep an event and tell the other workers, at once or not at all; False where its delivery is known."""

        async def work(connection: AsyncConnection) -> bool:
            number = await _turn(connection, event.ref.source)
            same = and_(events.c.source == event.ref.source, events.c.delivery == event.delivery)
            if (await connection.execute(select(events.c.number).where(same))).first() is not None:
                return False
            await connection.execute(insert_one(events).values(self._row(number + 1, event)))
            feed = update(event_feeds).where(event_feeds.c.source == event.ref.source)
            await connection.execute(feed.values(last=number + 1))
            await post(connection, self._worker, notices)
            return True

        return await self._database.write(work)

    async def after(self, source: str, number: int, most: int) -> Sequence[Numbered]:
        """The next events of a source behind a number."""
        behind = and_(events.c.source == source, events.c.number > number)
        asked = select(events).where(behind).order_by(events.c.number).limit(most)

        async def work(connection: AsyncConnection) -> list[Numbered]:
            return [self._numbered(row) for row in await connection.execute(asked)]

        return await self._database.read(work)

    def _row(self, number: int, event: Event) -> dict[str, object]:
        return {
            "source": event.ref.source,
            "number": number,
            "delivery": event.delivery,
            "type": event.type,
            "at": event.at,
            "resource": event.ref.resource,
            "record": event.ref.id,
            "gone": event.gone,
            **self._sealed(number, event),
            "kept_at": self._worker.now(),
        }

    def _sealed(self, number: int, event: Event) -> dict[str, object]:
        if self._vault is None:
            return {"sealed": False, "payload": event.payload}
        return {"sealed": True, "payload": self._vault.seal(event.payload.decode(), spot(event.ref.source, number))}

    def _numbered(self, row: Row[tuple[object, ...]]) -> Numbered:
        payload = row.payload
        if row.sealed:
            if self._vault is None:
                raise ConfigError("Events are sealed in the store, and there is no vault to open them.")
            payload = self._vault.open(payload, spot(row.source, row.number)).encode()
        ref = Ref(row.source, row.resource, row.record)
        return Numbered(row.number, Event(ref, row.type, row.delivery, row.at, row.gone, payload))


def spot(source: str, number: int) -> tuple[str, ...]:
    """Where the payload of an event lies."""
    return "events", f"{source} {number}", "payload"


async def _turn(connection: AsyncConnection, source: str) -> int:
    """The number of a source's last event; until the transaction ends, nobody else gives it another.

    It is a row of its own, so that a number is not given again when old events are thrown away.
    """
    row = {"source": source, "last": 0}
    await connection.execute(insert(connection, event_feeds).values(row).on_conflict_do_nothing())
    held = select(event_feeds.c.last).where(event_feeds.c.source == source).with_for_update()
    return int((await connection.execute(held)).scalar_one())
