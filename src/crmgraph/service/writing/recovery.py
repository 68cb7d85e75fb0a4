"""Bringing to an end what a dead worker or a missing answer left open: by looking, never by sending again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import orjson
import structlog

from crmgraph.connectors.writes import Writer, tables_written
from crmgraph.domain.errors import CrmGraphError, SourceError
from crmgraph.service.intents import OPEN, Intent, LostIntent, Step, StepState
from crmgraph.service.reading import Gateway, Reading
from crmgraph.service.writing.changes import Action, each_of
from crmgraph.service.writing.doing import settled
from crmgraph.service.writing.encoding import decoded
from crmgraph.service.writing.finding_out import looked, looked_at_each, not_sent, settle_of, unknown
from crmgraph.service.writing.results import Result
from crmgraph.service.writing.stores import Stores

EVERY = 2.0
"""Seconds between two looks for open intents."""

AGAIN = timedelta(seconds=15)
"""After which a source that could not be asked is asked again."""

AT_ONCE = 16
"""How many intents are looked into at the same time."""

Sleep = Callable[[float], Awaitable[None]]

_log = structlog.get_logger("crmgraph.recovery")


class Recovery:
    """Resolves the open intents that nobody works on."""

    def __init__(self, gateway: Gateway, stores: Stores, sleep: Sleep = asyncio.sleep) -> None:
        self._gateway = gateway
        self._stores = stores
        self._sleep = sleep

    async def keep(self) -> None:
        """Look for open intents for ever; a store that fails is asked again, not as often."""
        while True:
            try:
                await self.once()
                await self._sleep(EVERY)
            except CrmGraphError as error:
                _log.warning("open writes cannot be looked at", error=error.for_logs)
                await self._sleep(AGAIN.total_seconds())

    async def once(self) -> None:
        """Go through what is open now, several at a time: one that waits for its source keeps no other waiting."""
        left = iter(await self._stores.journal.unsettled())
        await asyncio.gather(*(self._through(left) for _ in range(AT_ONCE)))

    async def _through(self, left: Iterator[Intent]) -> None:
        for intent in left:
            claimed = await self._stores.journal.claim(intent.id)
            if claimed is not None:
                with suppress(LostIntent):
                    await self._resolve(claimed)

    async def _resolve(self, intent: Intent) -> None:
        """Settle what can be told by now, and leave the rest for later."""
        later: list[datetime] = []
        for step in intent.steps:
            if step.state not in OPEN:
                continue
            found = await self._found(step)
            if isinstance(found, datetime):
                later.append(found)
            else:
                await self._stores.journal.settled(intent.id, step.number, settled(*found))
                self._forget(step.plan.source)
        if later:
            await self._stores.journal.release(intent.id, min(later))

    def _forget(self, name: str) -> None:
        """Let nobody who asks after this was settled be told of the time before."""
        for source in self._gateway.sources:
            if source.name == name:
                source.forget()

    async def _found(self, step: Step) -> tuple[Result, ...] | datetime:
        """What became of a step, or when to look again."""
        reading = self._gateway.read(anew=True)
        try:
            return await self._looked(reading, step)
        except SourceError:
            return self._gateway.clock.now() + AGAIN
        finally:
            await reading.session.close()

    async def _looked(self, reading: Reading, step: Step) -> tuple[Result, ...] | datetime:
        clue, session = orjson.loads(step.plan.clue), reading.session
        source = session.sources.get(step.plan.source)
        resource = source.reader.definition.resources.get(step.plan.resource) if source is not None else None
        if source is None or resource is None:
            # The account is configured no more, so nobody can be asked.
            return self._gateway.clock.now() + AGAIN
        change = decoded(clue["change"], resource.kind)
        if step.state is StepState.PLANNED or clue["sent"] is None:
            return tuple(map(not_sent, each_of(change)))
        sent = datetime.fromisoformat(clue["sent"])
        certain_at = sent + timedelta(seconds=settle_of(resource, change.action))
        last = self._gateway.clock.now() >= certain_at
        fields = {name for one in each_of(change) for name in one.values}
        new = change.action in (Action.CREATE, Action.IMPORT)
        await session.load_vocabularies(source, tables_written(resource, fields, new))
        writer = Writer(source.reader, session.tables[source.name])
        try:
            if change.action is Action.IMPORT:
                return await looked_at_each(session, change, writer, resource) if last else certain_at
            found = await looked(session, change, writer, resource, clue["before"], sent, last)
        except SourceError:
            raise
        except CrmGraphError as error:
            return tuple(unknown(one, error) for one in each_of(change))
        return certain_at if found is None else (found,)
