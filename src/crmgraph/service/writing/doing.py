"""Making the changes of one mutation: each source for itself, the intent durable before the first byte goes out."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from crmgraph.domain.errors import CrmGraphError, Unsupported
from crmgraph.service.auditing import Entry
from crmgraph.service.intents import IntentId, Outcome, Plan, StepState
from crmgraph.service.notices import heed
from crmgraph.service.reading import Reading
from crmgraph.service.writing.attempt import Attempt
from crmgraph.service.writing.changes import Change
from crmgraph.service.writing.finding_out import settle_of
from crmgraph.service.writing.pointing import Pointing
from crmgraph.service.writing.results import Result, WriteOutcome, failed, to_json
from crmgraph.service.writing.stores import Stores

_log = structlog.get_logger("crmgraph.writing")


@dataclass(frozen=True, slots=True)
class Mutation:
    """What a caller asked for: `input` is canonical JSON; `dry_run` wants the calls without making them."""

    name: str
    caller: str
    input: bytes
    key: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What became of each change, in their order; `final` is False while something is still to be found out."""

    results: tuple[Result, ...]
    final: bool = True


class Doing:
    """Makes the changes of one operation."""

    def __init__(self, reading: Reading, stores: Stores) -> None:
        self._reading = reading
        self._stores = stores

    async def make(self, mutation: Mutation, changes: Sequence[Change]) -> Made:
        """Make the changes, all sources at once; raises StoreUnavailable where none of them can be promised.

        Once something may be sent it goes on to its end, whoever stops waiting for it.
        """
        pointing = Pointing(self._reading)
        prepared = await asyncio.gather(*(self._prepared(pointing, change) for change in changes))
        ready = [one for one in prepared if isinstance(one, Attempt)]
        if mutation.dry_run:
            made = Made(tuple(await asyncio.gather(*(one.dry() for one in ready))))
        elif ready:
            await self._note(mutation, changes, prepared)
            ready[0].beside = {at: one for at, one in enumerate(prepared) if isinstance(one, Result)}
            made = await self._stores.running.finish(self._send(mutation, ready))
        else:
            await self._note(mutation, changes, prepared)
            made = Made(())
        given = iter(made.results)
        return Made(tuple(next(given) if isinstance(one, Attempt) else one for one in prepared), made.final)

    async def _prepared(self, pointing: Pointing, change: Change) -> Attempt | Result:
        """The change as it can be attempted, or the result of one that never can be."""
        if change.resource not in self._reading.session.sources[change.source].reader.definition.resources:
            said = f"{change.source} keeps no {change.resource} records."
            return failed(change, Unsupported(said, change.source))
        attempt = Attempt(self._reading, self._stores, pointing, change)
        return await attempt.prepare() or attempt

    async def _note(self, mutation: Mutation, changes: Sequence[Change], prepared: Sequence[Attempt | Result]) -> None:
        """Write down what was found out before anything is sent; what is sent, the journal writes down."""
        told = [
            Entry(mutation.caller, mutation.name, one.outcome, one.source, one.resource, change.action, one.record)
            for change, one in zip(changes, prepared, strict=True)
            if isinstance(one, Result)
        ]
        if told:
            await self._stores.audit.note(*told)

    async def _send(self, mutation: Mutation, attempts: Sequence[Attempt]) -> Made:
        journal = self._stores.journal
        steps = tuple(one.step() for one in attempts)
        intent = await journal.open(Plan(mutation.caller, mutation.name, mutation.input, steps, mutation.key))
        results = await asyncio.gather(*(self._one(intent, number, one) for number, one in enumerate(attempts)))
        still_open = [one for one in attempts if one.is_open]
        if still_open:
            wait = max(settle_of(one.resource, one.change.action) for one in still_open)
            until = self._reading.gateway.clock.now() + timedelta(seconds=wait)
            await self._told(intent, journal.release(intent, until))
        await self._freshen(attempts)
        return Made(tuple(results), not still_open)

    async def _one(self, intent: IntentId, number: int, attempt: Attempt) -> Result:
        result = await attempt.make(intent, number)
        if not attempt.is_open:
            await self._told(intent, self._stores.journal.settled(intent, number, settled(result)))
        return result

    async def _told(self, intent: IntentId, telling: Awaitable[None]) -> None:
        """Tell the journal how it ended; where it cannot be told, the caller still is, and it is found out later."""
        try:
            await telling
        except CrmGraphError as error:
            _log.warning("the journal was not told", intent=intent, error=error.for_logs)

    async def _freshen(self, attempts: Sequence[Attempt]) -> None:
        """Let the operation, and every worker, read what was written instead of what was read before."""
        told = [notice for one in attempts if (notice := one.notice()) is not None]
        gone = [one.ref for one in told if one.gone]
        await self._reading.renew([one.written for one in attempts if one.written is not None], gone)
        heed(self._reading.gateway, told)
        try:
            await self._stores.notices.post(told)
        except CrmGraphError as error:
            _log.warning("other workers were not told", error=error.for_logs)


def settled(*results: Result) -> Outcome:
    """A step's result as the journal keeps it; of an import, the results of its records."""
    first = min(results, key=lambda one: _TELLING.index(one.outcome))
    reason = None if first.error is None else first.error.message
    record = first.record if len(results) == 1 else None
    return Outcome(StepState(first.outcome.value), record, reason, to_json(results))


_TELLING = (
    WriteOutcome.UNKNOWN,
    WriteOutcome.DONE,
    WriteOutcome.FAILED,
    WriteOutcome.REJECTED,
    WriteOutcome.UNCHANGED,
    WriteOutcome.UNSUPPORTED,
)
"""Which outcome of several records tells most of a step."""
