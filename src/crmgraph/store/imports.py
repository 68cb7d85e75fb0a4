"""The imports in the database: their rows, and a line for each row at each source."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select, update
from sqlalchemy import insert as insert_many
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.auditing import Entry
from crmgraph.service.imports import Import, ImportId, ImportMode, ImportState, Item, ItemOutcome, Order, Part, Told
from crmgraph.service.intents import IntentId
from crmgraph.store.audit_rows import append
from crmgraph.store.database import Database, insert
from crmgraph.store.tables import import_parts, import_rows, imports
from crmgraph.store.worker import Worker

_GRAVITY = {outcome.value: gravity for gravity, outcome in enumerate(ItemOutcome)}
_OUTCOMES = tuple(ItemOutcome)
_gravest = func.max(case(_GRAVITY, value=import_parts.c.outcome))


class DatabaseImports:
    """Imports as one worker sees them."""

    def __init__(self, database: Database, worker: Worker) -> None:
        self._database = database
        self._worker = worker

    async def begin(self, order: Order) -> Import:
        """Take the rows in; an order with an id that is known already is the import of that id."""
        ident = order.id or self._worker.random(16).hex()

        async def work(connection: AsyncConnection) -> Import:
            begun = insert(connection, imports).values(self._row(ident, order)).on_conflict_do_nothing()
            if (await connection.execute(begun)).rowcount == 1:
                rows = [{"import_id": ident, "number": at, "row": row} for at, row in enumerate(order.rows)]
                await connection.execute(insert_many(import_rows), rows)
                await connection.execute(insert_many(import_parts), _parts(ident, order))
                await self._noted(connection, ident, "BEGUN")
            return await _found(connection, ident)

        return await self._database.write(work)

    async def read(self, ident: ImportId) -> Import | None:
        """One import as it stands."""
        wanted = select(imports).where(imports.c.id == ident)

        async def work(connection: AsyncConnection) -> Import | None:
            row = (await connection.execute(wanted)).one_or_none()
            return None if row is None else _import(row)

        return await self._database.read(work)

    async def claim(self) -> Import | None:
        """Take over the oldest running import that nobody works on."""
        now, mine = self._worker.now(), {"holder": self._worker.id, "lease_until": self._worker.until()}
        left = and_(imports.c.lease_until <= now, imports.c.holder != self._worker.id)
        free = and_(imports.c.state == ImportState.RUNNING, or_(imports.c.holder.is_(None), left))
        oldest = select(imports.c.id).where(free).order_by(imports.c.created_at, imports.c.id).limit(1)

        async def work(connection: AsyncConnection) -> Import | None:
            ident = (await connection.execute(oldest)).scalar_one_or_none()
            taken = update(imports).where(and_(imports.c.id == ident, free)).values(mine)
            if ident is None or (await connection.execute(taken)).rowcount != 1:
                return None
            return await _found(connection, ident)

        return await self._database.write(work, self._given_back)

    async def release(self, ident: ImportId) -> None:
        """Leave an import to whoever claims it next."""
        await self._change(ident, and_(imports.c.holder == self._worker.id), {"holder": None})

    async def stop(self, ident: ImportId, reason: str) -> None:
        """Say that it goes no further for now."""
        ended = {"state": ImportState.STOPPED, "reason": reason, "finished_at": self._worker.now(), "holder": None}
        await self._change(ident, imports.c.state == ImportState.RUNNING, ended, "STOPPED")

    async def finish(self, ident: ImportId) -> None:
        """Say that every row has been told."""
        ended = {"state": ImportState.DONE, "reason": None, "finished_at": self._worker.now(), "holder": None}
        await self._change(ident, imports.c.state == ImportState.RUNNING, ended, "ENDED")

    async def resume(self, ident: ImportId) -> Import | None:
        """Let an import that was stopped go on; None when there is no such import."""
        begun = {"state": ImportState.RUNNING, "reason": None, "finished_at": None, "holder": None}
        await self._change(ident, imports.c.state == ImportState.STOPPED, begun, "RESUMED")
        return await self.read(ident)

    async def pending(self, ident: ImportId, source: str, after: int, most: int) -> Sequence[Part]:
        """The next rows behind `after` that are still to be told at a source."""
        part = import_parts.c
        wanted = (
            select(part.number, part.attempts, part.intent, import_rows.c.row)
            .join(import_rows, and_(import_rows.c.import_id == part.import_id, import_rows.c.number == part.number))
            .where(part.import_id == ident, part.source == source, part.number > after)
            .where(part.outcome == ItemOutcome.PENDING)
            .order_by(part.number)
            .limit(most)
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted))
        return [Part(row.number, row.row, row.attempts, row.intent) for row in rows]

    async def tie(self, ident: ImportId, source: str, numbers: Sequence[int], intent: IntentId) -> None:
        """Say that these rows go to a source together, under one intent."""
        part = import_parts.c
        these = and_(part.import_id == ident, part.source == source, part.number.in_(numbers))
        await self._database.write(
            lambda connection: connection.execute(update(import_parts).where(these).values(intent=intent))
        )

    async def tell(self, ident: ImportId, source: str, told: Sequence[Told]) -> None:
        """Say what attempts came to; one that was told already stays as it was told."""

        async def work(connection: AsyncConnection) -> None:
            for one in told:
                changed = {"attempts": one.part.attempts + 1, "intent": None}
                said = {"outcome": one.outcome.value, "results": one.results}
                await connection.execute(
                    update(import_parts).where(_attempt(ident, source, one)).values(changed | said)
                )

        await self._database.write(work)

    async def counts(self, ident: ImportId) -> Mapping[ItemOutcome, int]:
        """How many rows came to what."""
        each = select(_gravest.label("gravity")).where(import_parts.c.import_id == ident)
        rows = each.group_by(import_parts.c.number).subquery()
        wanted = select(rows.c.gravity, func.count()).group_by(rows.c.gravity)
        found = await self._database.read(lambda connection: connection.execute(wanted))
        return {_OUTCOMES[gravity]: count for gravity, count in found}

    async def items(self, ident: ImportId, after: int, most: int, outcome: ItemOutcome | None = None) -> Sequence[Item]:
        """The next rows behind `after`, all or those with one outcome."""
        part = import_parts.c
        numbers = select(part.number).where(part.import_id == ident, part.number > after).group_by(part.number)
        if outcome is not None:
            numbers = numbers.having(_gravest == _GRAVITY[outcome.value])
        page = numbers.order_by(part.number).limit(most).subquery()
        wanted = (
            select(part.number, part.source, part.outcome, part.results)
            .where(part.import_id == ident, part.number.in_(select(page.c.number)))
            .order_by(part.number)
        )
        found = (await self._database.read(lambda connection: connection.execute(wanted))).all()
        return [_item(number, rows) for number, rows in groupby(found, key=lambda row: int(row.number))]

    def _row(self, ident: ImportId, order: Order) -> dict[str, Any]:
        plan = {"mode": order.mode, "sources": order.sources, "dry_run": order.dry_run}
        return {
            "id": ident,
            "caller": order.caller,
            "plan": orjson.dumps(plan),
            "total": len(order.rows),
            "state": ImportState.RUNNING,
            "created_at": self._worker.now(),
            "lease_until": self._worker.now(),
        }

    async def _change(
        self, ident: ImportId, where: ColumnElement[bool], values: Mapping[str, Any], noted: str | None = None
    ) -> None:
        """Change an import where it is as `where` says; `noted` is the word for it in the audit log."""
        changed = update(imports).where(and_(imports.c.id == ident, where)).values(**values)

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(changed)).rowcount == 1 and noted is not None:
                await self._noted(connection, ident, noted)

        await self._database.write(work)

    async def _noted(self, connection: AsyncConnection, ident: ImportId, outcome: str) -> None:
        """Say in the audit log, by whom it was asked for and how many rows it has; a dry run changes nothing."""
        found = await _found(connection, ident)
        if not found.dry_run:
            entry = Entry(found.caller, "importContacts", outcome, resource="import", record=ident, times=found.total)
            await append(connection, self._worker.now(), [entry])

    async def _given_back(self, imported: Import | None) -> None:
        if imported is not None:
            await self.release(imported.id)


def _parts(ident: ImportId, order: Order) -> list[dict[str, Any]]:
    return [
        {"import_id": ident, "source": source, "number": at, "attempts": 0, "outcome": ItemOutcome.PENDING}
        for source in order.sources
        for at in range(len(order.rows))
    ]


def _attempt(ident: ImportId, source: str, told: Told) -> ColumnElement[bool]:
    part = import_parts.c
    which = and_(part.import_id == ident, part.source == source, part.number == told.part.number)
    return and_(which, part.attempts == told.part.attempts, part.outcome == ItemOutcome.PENDING)


async def _found(connection: AsyncConnection, ident: ImportId) -> Import:
    return _import((await connection.execute(select(imports).where(imports.c.id == ident))).one())


def _import(row: Row[Any]) -> Import:
    plan = orjson.loads(row.plan)
    return Import(
        id=row.id,
        caller=row.caller,
        mode=ImportMode(plan["mode"]),
        sources=tuple(plan["sources"]),
        dry_run=plan["dry_run"],
        total=row.total,
        state=ImportState(row.state),
        reason=row.reason,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _item(number: int, told: Iterable[Any]) -> Item:
    rows = list(told)
    gravest = max(_GRAVITY[row.outcome] for row in rows)
    return Item(number, _OUTCOMES[gravest], tuple(row.results for row in rows if row.outcome != ItemOutcome.PENDING))
