"""The rows of the audit log, appended in the transaction of what they tell of: neither is there without the other."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.auditing import Entry, Head, Written, chained
from crmgraph.service.intents import IntentId, Outcome
from crmgraph.service.writing.changes import Action
from crmgraph.service.writing.results import from_json
from crmgraph.store.tables import audit_entries, audit_head, intents, steps


async def append(connection: AsyncConnection, at: datetime, entries: Sequence[Entry]) -> None:
    """Go on with the chain. It comes last in a transaction: until that ends, nobody else appends."""
    if not entries:
        return
    row = (await connection.execute(select(audit_head).with_for_update())).one()
    written = chained(Head(row.number, row.hash), at, entries)
    await connection.execute(insert(audit_entries), [_row(one) for one in written])
    last = {"number": written[-1].number, "hash": written[-1].hash}
    await connection.execute(update(audit_head).values(last))


async def of_step(connection: AsyncConnection, intent: IntentId, step: int, outcome: Outcome) -> list[Entry]:
    """What a settled step says; of an import, one entry for each record."""
    known = (intents.c.caller, intents.c.mutation, steps.c.source, steps.c.resource, steps.c.action, steps.c.target)
    this = and_(steps.c.intent == intent, steps.c.number == step)
    row = (await connection.execute(select(*known).join(steps, steps.c.intent == intents.c.id).where(this))).one()
    ended = [(outcome.state.value, outcome.record or row.target)]
    if row.action == Action.IMPORT and outcome.told is not None:
        ended = [(one.outcome.value, one.record) for one in from_json(outcome.told)]
    of = (row.source, row.resource, row.action)
    return [Entry(row.caller, row.mutation, word, *of, record) for word, record in ended]


def written(row: Row[Any]) -> Written:
    """A row as an entry of the log."""
    parts = (row.who, row.what, row.outcome, row.source, row.resource, row.action, row.record, row.times)
    return Written(row.number, row.at, Entry(*parts), row.hash)


def _row(one: Written) -> dict[str, Any]:
    return {"number": one.number, "at": one.at, "hash": one.hash, **asdict(one.entry)}
