"""The rows of the audit log, appended in the transaction of what they tell of: neither is there without the other."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.auditing import Entry, Head, Written, chained
from crmgraph.service.intents import IntentId, Outcome
from crmgraph.service.writing.changes import Action
from crmgraph.service.writing.results import from_json
from crmgraph.store.tables import audit_entries, audit_head, intents, steps


async def append(connection: AsyncConnection, at: datetime, entries: Sequence[Entry]) -> None:
    """Go on with the chain. It comes last in a transaction: until that ends, nobody else appends."""
    if entries:
        row = (await connection.execute(select(audit_head).with_for_update())).one()
        await _go_on(connection, Head(row.number, row.hash), at, entries)


async def append_step(connection: AsyncConnection, at: datetime, intent: IntentId, step: int, outcome: Outcome) -> None:
    """Go on with the chain by what a step came to, as `append` does; the step and the head are read together."""
    this = and_(steps.c.intent == intent, steps.c.number == step)
    asked = select(*_KNOWN, audit_head.c.number, audit_head.c.hash).join_from(steps, intents).join(audit_head, true())
    row = (await connection.execute(asked.where(this).with_for_update(of=audit_head))).one()
    await _go_on(connection, Head(row.number, row.hash), at, _of_step(row, outcome))


_KNOWN = (intents.c.caller, intents.c.mutation, steps.c.source, steps.c.resource, steps.c.action, steps.c.target)


async def _go_on(connection: AsyncConnection, head: Head, at: datetime, entries: Sequence[Entry]) -> None:
    written = chained(head, at, entries)
    await connection.execute(insert(audit_entries), [_row(one) for one in written])
    last = {"number": written[-1].number, "hash": written[-1].hash}
    await connection.execute(update(audit_head).values(last))


def _of_step(row: Any, outcome: Outcome) -> list[Entry]:
    """What a settled step says; of an import, one entry for each record."""
    ended = [(outcome.state.value, outcome.record or row.target)]
    if row.action == Action.IMPORT and outcome.told is not None:
        ended = [(one.outcome.value, one.record) for one in from_json(outcome.told)] or ended
    of = (row.source, row.resource, row.action)
    return [Entry(row.caller, row.mutation, word, *of, record) for word, record in ended]


def written(row: Row[Any]) -> Written:
    """A row as an entry of the log."""
    parts = (row.who, row.what, row.outcome, row.source, row.resource, row.action, row.record, row.times)
    return Written(row.number, row.at, Entry(*parts), row.hash)


def _row(one: Written) -> dict[str, Any]:
    return {"number": one.number, "at": one.at, "hash": one.hash, **asdict(one.entry)}
