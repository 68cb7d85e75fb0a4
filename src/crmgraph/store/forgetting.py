"""Erasing a person from every table, and from the file: SQLite keeps what was deleted until its pages are written anew.

The audit log stays as it is: it holds no value of anybody, only the ids that CRMs gave to records, and its chain proves
that nothing was altered. Who no longer finds the record in the CRM finds nobody by its id.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import orjson
from sqlalchemy import Row, Table, and_, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.records import Ref
from crmgraph.service.forgetting import Forgotten, Traces, texts_in
from crmgraph.service.intents import StepState
from crmgraph.service.notices import Notice
from crmgraph.store import replica_tables as replica
from crmgraph.store.blanking import NOTHING, blanked, results_in
from crmgraph.store.database import Database
from crmgraph.store.events import Sealing
from crmgraph.store.events import spot as event_spot
from crmgraph.store.judgement_rows import spot as judgement_spot
from crmgraph.store.judgement_rows import written
from crmgraph.store.notices import post
from crmgraph.store.person_rows import turn
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.replica_taking import parts
from crmgraph.store.tables import (
    events,
    idempotency,
    import_parts,
    import_rows,
    imports,
    intents,
    judgement_head,
    judgements,
    locks,
    notices,
    person_former,
    person_records,
    rule_links,
    rule_marks,
    steps,
)
from crmgraph.store.unsealing import Unsealing
from crmgraph.store.worker import Worker

Counts = dict[str, int]


class DatabaseForgetting:
    """Erases people from one database, and from the replica in it."""

    def __init__(self, database: Database, worker: Worker, kept: DatabaseReplica, vault: Sealing) -> None:
        self._database = database
        self._worker = worker
        self._kept = kept
        self._vault = vault

    async def forget(self, traces: Traces) -> Forgotten:
        """Erase somebody in one transaction, and then what is left of them in the file."""
        done = await self._database.write(lambda connection: self._forgotten(connection, traces))
        await self._database.compact()
        return done

    async def _forgotten(self, connection: AsyncConnection, traces: Traces) -> Forgotten:
        counts: Counts = {}
        told_of = await self._kept.told_of(connection, traces)
        await self._kept.unpieced(connection, told_of)
        for part in parts(told_of):
            for table in (replica.contacts, replica.customs, replica.keys, replica.raws, replica.records):
                await _delete(connection, table, table.c.id.in_(part), counts)
        still_open = await _writes(connection, traces, counts)
        unsealing = Unsealing(self._vault)
        for step in (_keys, _imports, _rules, _locks, _notices):
            await step(connection, traces, counts)
        await _events(connection, traces, counts, unsealing)
        judged = await _judgements(connection, traces, counts, unsealing)
        people = await _people(connection, traces, counts)
        # Other workers know people by heart.
        told = [Notice(ref, gone=True) for ref in traces.refs]
        told += [Notice(ref, people=people) for ref in list(traces.refs)[:1] if people]
        told += [Notice(judged, judged=True)] if judged is not None else []
        await post(connection, self._worker, told)
        return Forgotten({name: count for name, count in counts.items() if count}, still_open, unsealing.shut)


async def _writes(connection: AsyncConnection, traces: Traces, counts: Counts) -> int:
    """Blank what settled writes were told and told; gives how many about them are open."""
    asked = select(intents.c.id, intents.c.input, intents.c.settled_at)
    told = select(steps)
    of_intent: dict[str, list[Row[Any]]] = {}
    for step in await connection.execute(told):
        of_intent.setdefault(step.intent, []).append(step)
    open_ones = 0
    for row in (await connection.execute(asked)).all():
        mine = of_intent.get(row.id, [])
        if not (_tells(traces, row.input) or any(_is_about(traces, step) for step in mine)):
            continue
        if row.settled_at is None or any(step.state == StepState.UNKNOWN for step in mine):
            open_ones += 1
            continue
        await _update(connection, intents, intents.c.id == row.id, {"input": NOTHING}, counts)
        for step in mine:
            this = and_(steps.c.intent == step.intent, steps.c.number == step.number)
            empty = {"target": None, "record": None, "reason": None, "told": blanked(step.told), "clue": NOTHING}
            await _update(connection, steps, this, empty, counts)
    return open_ones


def _is_about(traces: Traces, step: Row[Any]) -> bool:
    mine = traces.has(step.source, step.target) or traces.has(step.source, step.record)
    return mine or _are_about(traces, step.told) or _tells(traces, step.clue, step.told, step.reason)


async def _keys(connection: AsyncConnection, traces: Traces, counts: Counts) -> None:
    """The answers to mutations with a key: what became of them stays, so that nothing is done twice."""
    held = select(idempotency.c.caller, idempotency.c.key, idempotency.c.payload)
    for row in (await connection.execute(held.where(idempotency.c.payload.is_not(None)))).all():
        if _are_about(traces, row.payload) or _tells(traces, row.payload):
            this = and_(idempotency.c.caller == row.caller, idempotency.c.key == row.key)
            await _update(connection, idempotency, this, {"payload": blanked(row.payload)}, counts)


async def _imports(connection: AsyncConnection, traces: Traces, counts: Counts) -> None:
    for row in (await connection.execute(select(import_rows))).all():
        this = and_(import_rows.c.import_id == row.import_id, import_rows.c.number == row.number)
        parts = and_(import_parts.c.import_id == row.import_id, import_parts.c.number == row.number)
        told = (await connection.execute(select(import_parts).where(parts))).all()
        results = [part.results for part in told]
        if _tells(traces, row.row, *results) or any(_are_about(traces, one) for one in results):
            await _update(connection, import_rows, this, {"row": NOTHING}, counts)
            for part in told:
                of_source = and_(parts, import_parts.c.source == part.source)
                await _update(connection, import_parts, of_source, {"results": blanked(part.results)}, counts)
    for row in (await connection.execute(select(imports.c.id, imports.c.reason))).all():
        if _tells(traces, row.reason):
            await _update(connection, imports, imports.c.id == row.id, {"reason": None}, counts)


async def _events(connection: AsyncConnection, traces: Traces, counts: Counts, unsealing: Unsealing) -> None:
    for row in (await connection.execute(select(events))).all():
        spot = event_spot(row.source, row.number)
        if traces.has(row.source, row.record) or _tells(traces, unsealing.plain(row.sealed, row.payload, spot)):
            this = and_(events.c.source == row.source, events.c.number == row.number)
            await _delete(connection, events, this, counts)


async def _rules(connection: AsyncConnection, traces: Traces, counts: Counts) -> None:
    for row in (await connection.execute(select(rule_links))).all():
        ends = traces.has(row.of_source, row.of_id) or traces.has(row.to_source, row.to_id)
        if ends or _tells(traces, row.said, row.brought):
            of = (rule_links.c.rule, rule_links.c.of_source, rule_links.c.of_resource, rule_links.c.of_id)
            this = tuple_(*of) == tuple_(row.rule, row.of_source, row.of_resource, row.of_id)
            await _delete(connection, rule_links, this, counts)
    for mark in (await connection.execute(select(rule_marks.c.rule, rule_marks.c.standing))).all():
        if _tells(traces, mark.standing):
            await _update(connection, rule_marks, rule_marks.c.rule == mark.rule, {"standing": None}, counts)


async def _judgements(connection: AsyncConnection, traces: Traces, counts: Counts, unsealing: Unsealing) -> Ref | None:
    """Whatever was said about them goes, and whatever value of theirs was pinned; of what was said about others goes a
    reason that quotes them. Gives a record by which to tell others that something changed.
    """
    touched: Ref | None = None
    for row in (await connection.execute(select(judgements))).all():
        this, change = judgements.c.number == row.number, _judgement(row, traces, unsealing)
        if change is None:
            continue
        touched = Ref(row.source, row.resource, row.record, row.parent)
        if change:
            await _update(connection, judgements, this, dict(change), counts)
        else:
            await _delete(connection, judgements, this, counts)
    if touched is not None:
        await connection.execute(update(judgement_head).values(erased=judgement_head.c.erased + 1))
    return touched


def _judgement(row: Row[Any], traces: Traces, unsealing: Unsealing) -> Mapping[str, Any] | None:
    """What becomes of a judgement: nothing (None), or its columns without the reason; none where it goes."""
    if traces.has(row.source, row.record) or traces.has(row.to_source, row.to_record):
        return {}
    told = unsealing.plain(row.sealed, row.payload, judgement_spot(row.number))
    if told is None or not _tells(traces, told):
        return None
    value = orjson.loads(told)["value"]
    if _tells(traces, orjson.dumps(value)):
        return {}
    return written(row.number, None, value, unsealing.vault if row.sealed else None)


async def _people(connection: AsyncConnection, traces: Traces, counts: Counts) -> tuple[str, ...]:
    """Which persons their records belonged to; a person's own id is a random text, and leads nowhere then."""
    people: set[str] = set()
    await turn(connection)
    for ref in traces.refs:
        for table in (person_records, person_former):
            this = and_(table.c.source == ref.source, table.c.resource == ref.resource, table.c.record == ref.id)
            people |= set((await connection.execute(select(table.c.person).where(this))).scalars())
            await _delete(connection, table, this, counts)
    return tuple(sorted(people))


async def _locks(connection: AsyncConnection, traces: Traces, counts: Counts) -> None:
    for row in (await connection.execute(select(locks))).all():
        if row.holder is None and (traces.has(row.source, row.record) or _tells(traces, row.record)):
            this = and_(locks.c.source == row.source, locks.c.record == row.record)
            await _delete(connection, locks, this, counts)


async def _notices(connection: AsyncConnection, traces: Traces, counts: Counts) -> None:
    for row in (await connection.execute(select(notices))).all():
        if _about_notice(traces, row.notice) or _tells(traces, row.notice):
            await _delete(connection, notices, notices.c.number == row.number, counts)


def _are_about(traces: Traces, told: bytes | None) -> bool:
    """Whether results of writes are about one of their records."""
    return any(traces.has(one.source, one.record) for one in results_in(told))


def _about_notice(traces: Traces, told: bytes) -> bool:
    ref = msgspec.json.decode(told, type=Notice).ref
    return traces.has(ref.source, ref.id)


def _tells(traces: Traces, *kept: bytes | str | None) -> bool:
    return any(traces.are_in(text) for one in kept if one for text in _texts(one))


def _texts(kept: bytes | str) -> Iterable[str]:
    """What is kept as text; of JSON its texts one by one, for JSON may spell them otherwise."""
    text = kept if isinstance(kept, str) else bytes(kept).decode(errors="replace")
    try:
        yield "\n".join(texts_in(orjson.loads(text)))
    except orjson.JSONDecodeError:
        yield text


async def _delete(connection: AsyncConnection, table: Table, these: Any, counts: Counts) -> None:
    found = await connection.execute(delete(table).where(these))
    counts[table.name] = counts.get(table.name, 0) + found.rowcount


async def _update(
    connection: AsyncConnection, table: Table, these: Any, values: dict[str, Any], counts: Counts
) -> None:
    found = await connection.execute(update(table).where(these).values(**values))
    counts[table.name] = counts.get(table.name, 0) + found.rowcount
