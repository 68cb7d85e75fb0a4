"""What the journal says in the end, read from the gateway's store."""

import re
from pathlib import Path

from tests.chaos.history import Written

from crmgraph.service.intents import Intent
from crmgraph.store.database import Database
from crmgraph.store.intent_rows import read_intents
from crmgraph.store.tables import intents

_MARK = re.compile(rb"(?:mark|known)-\d+")


async def written(store: Path) -> list[Written]:
    """Every step of every intent."""
    database = Database(f"sqlite:///{store}")
    try:
        found = await database.read(lambda connection: read_intents(connection, intents.c.id.is_not(None)))
    finally:
        await database.aclose()
    return [
        Written(intent.id, _mark(intent), step.plan.source, step.state.value)
        for intent in found
        for step in intent.steps
    ]


def _mark(intent: Intent) -> str:
    """The mark of the operation that it belongs to, which stands in its input."""
    mark = _MARK.search(intent.input)
    assert mark is not None, intent.mutation
    return mark[0].decode()
