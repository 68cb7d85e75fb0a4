"""The audit log in the database: one chain over all workers, appended to and never changed."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.auditing import Entry, Head, Wanted, Written
from crmgraph.store.audit_rows import append, written
from crmgraph.store.database import Database
from crmgraph.store.tables import audit_entries, audit_head
from crmgraph.store.worker import Worker

_KNOWN = audit_entries.c


class DatabaseAudit:
    """The log as one worker writes it, and as whoever reads it does."""

    def __init__(self, database: Database, worker: Worker) -> None:
        self._database = database
        self._worker = worker

    async def note(self, *entries: Entry) -> None:
        """Append them in this order; durable when it returns. Raises StoreUnavailable."""
        if entries:
            await self._database.write(lambda connection: append(connection, self._worker.now(), entries))

    async def page(self, after: int, most: int) -> Sequence[Written]:
        """The next entries behind a number, in their order."""
        return await self._read(select(audit_entries).where(_KNOWN.number > after).order_by(_KNOWN.number).limit(most))

    async def latest(self, wanted: Wanted, most: int) -> Sequence[Written]:
        """The last entries that are wanted, the newest first."""
        asked = select(audit_entries).where(*_conditions(wanted)).order_by(_KNOWN.number.desc())
        return await self._read(asked.limit(most))

    async def head(self) -> Head:
        """How far it goes, as it was noted beside the entries."""

        async def work(connection: AsyncConnection) -> Head:
            row = (await connection.execute(select(audit_head))).one_or_none()
            return Head() if row is None else Head(row.number, row.hash)

        return await self._database.read(work)

    async def _read(self, asked: Select[tuple[object, ...]]) -> list[Written]:
        async def work(connection: AsyncConnection) -> list[Written]:
            return [written(row) for row in await connection.execute(asked)]

        return await self._database.read(work)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = ((_KNOWN.source, wanted.source), (_KNOWN.record, wanted.record), (_KNOWN.who, wanted.who))
    found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    return found if wanted.before is None else [*found, _KNOWN.number < wanted.before]
