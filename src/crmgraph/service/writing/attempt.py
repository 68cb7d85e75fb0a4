"""One change on its way: made fit for its source, planned on what the CRM says now, sent under a hold, read back."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.refusals import Refused
from crmgraph.connectors.writes import Plan, Writer, Written
from crmgraph.domain.errors import CrmGraphError, OutcomeUnknown, SourceError, Unavailable
from crmgraph.domain.naming import NAMES
from crmgraph.domain.records import Record
from crmgraph.service.holds import Hold
from crmgraph.service.intents import IntentId, PlannedStep
from crmgraph.service.notices import Notice, notice_of
from crmgraph.service.plain import plain_value
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change, OnlyIf, offered, performed, planned, refusal_of
from crmgraph.service.writing.conditions import hold_to
from crmgraph.service.writing.driver import Driver
from crmgraph.service.writing.encoding import as_bytes, encoded
from crmgraph.service.writing.finding_out import fingerprint, looked, settle_of
from crmgraph.service.writing.naming import found, held_as
from crmgraph.service.writing.pointing import Pointing
from crmgraph.service.writing.readiness import load_vocabularies, refuse_misfit
from crmgraph.service.writing.results import (
    Altered,
    Result,
    Shown,
    WriteOutcome,
    by_logical_keys,
    done,
    failed,
    intended,
    nothing_there,
    shown,
    to_json,
)
from crmgraph.service.writing.stores import Stores
from crmgraph.service.writing.suiting import suited

PATIENCE = 120.0
"""Seconds that a change waits for a record that somebody else is writing."""


class Attempt:
    """A change of one operation. `sent` is set once a byte of it may have gone out."""

    def __init__(self, reading: Reading, stores: Stores, pointing: Pointing, change: Change) -> None:
        self.change = change
        self.source: Source = reading.session.sources[change.source]
        self.sent: datetime | None = None
        self.written: Record | None = None
        self.is_open = False
        self._reading = reading
        self._stores = stores
        self._pointing = pointing
        self._ignored: tuple[str, ...] = ()
        self._altered: dict[str, Altered] = {}
        self._driver = Driver(self.source, reading.session.meters[change.source])
        self._before: str | None = None
        self._gone = False
        self._calls: tuple[Shown, ...] = ()
        self.beside: Mapping[int, Result] = {}
        """Results of the same mutation that are known without a step of their own, by their place."""

    @property
    def resource(self) -> Resource:
        """What it writes; a source that keeps no such records refuses before that is asked."""
        return self._reading.session.resource(self.change.source, self.change.resource)

    async def prepare(self) -> Result | None:
        """Make it fit for its source; a Result where it never can be, found out before any writing call."""
        try:
            if not offered(self.source.reader.definition, self.change):
                raise refusal_of(self.change)
            if self.change.barred is not None:
                raise Unavailable(self.source.name, self.change.barred)
            self.change = await found(self._reading, self.source, self.change)
            if self.change.id is None and self.change.action is Action.DELETE:
                return self._told(nothing_there(self.change))
            values, foreign = await self._pointing.resolved(self.source, self.change.values)
            self._ignored = (*self.change.ignored, *foreign)
            self.change = replace(self.change, values=values)
            refuse_misfit(self.resource, self.change, self._ignored)
            await load_vocabularies(self._reading.session, self.source, self.resource, self.change)
            if self.change.action is Action.CREATE:
                self._suit({})
        except CrmGraphError as error:
            return self._failed(error)
        return None

    @property
    def writer(self) -> Writer:
        return Writer(self.source.reader, self._reading.session.tables[self.source.name])

    def step(self) -> PlannedStep:
        """What the journal is told of it."""
        change = self.change
        return PlannedStep(change.source, change.resource, change.action.value, change.id, self._clue(None))

    async def dry(self) -> Result:
        """What it would come to, by reading calls alone."""
        try:
            plan = await self._driver.run(self._plan())
            return self._told(intended(self.change, plan, self.writer))
        except CrmGraphError as error:
            return self._failed(error)

    async def make(self, intent: IntentId, number: int) -> Result:
        """Do it; a failure is its result."""
        try:
            async with self._held() as hold:
                plan = await self._driver.run(self._plan())
                if plan.steps:
                    await self._about_to_send(intent, number, plan, hold)
                try:
                    return await self._perform(plan)
                except OutcomeUnknown as error:
                    result = await self._looked(error)
                    await self._keep_held(hold)
                    return result
        except CrmGraphError as error:
            return self._failed(error)

    def _held(self) -> AbstractAsyncContextManager[Hold | None]:
        name = held_as(self.resource, self.change)
        return nullcontext() if name is None else self._stores.locks.hold(self.source.name, name, PATIENCE)

    async def _keep_held(self, hold: Hold | None) -> None:
        """While a call that broke off may still be carried out, nobody else writes the record: it would be undone."""
        if self.is_open and hold is not None:
            await self._stores.locks.keep(hold, settle_of(self.resource, self.change.action))

    def _plan(self) -> Flow[Plan]:
        before = None
        if self._needs_before():
            before = yield from self.source.reader.get(self.resource, str(self.change.id), self.change.parent)
            if before is not None:
                hold_to(self.change.only_if, self._record(before))
        if self.change.action is Action.UPDATE:
            self._suit({} if before is None else before)
        return (yield from planned(self.writer, self.resource, self.change, before))

    def _needs_before(self) -> bool:
        if self.change.id is None:
            return False
        return self.change.only_if != OnlyIf() or not NAMES.isdisjoint(self.change.values)

    def _record(self, raw: Any) -> Record:
        tables, now = self._reading.session.tables[self.source.name], self._reading.gateway.clock.now()
        return self.resource.record(raw, self.source.name, tables, now, parent=self.change.parent)

    def _suit(self, before: Mapping[str, Any]) -> None:
        """Tell values in another form where the source takes no other."""
        on = "create" if self.change.action is Action.CREATE else "update"
        writer = self.writer
        values, told = suited(
            self.resource, self.change.values, on, lambda name: writer.value(self.resource, before, name)
        )
        kind = self.resource.kind
        for name, (other, value) in told.items():
            asked = plain_value(kind, name, self.change.values[name])
            self._altered[name] = Altered(name, asked, plain_value(kind, other, value))
        self.change = replace(self.change, values=values)

    async def _about_to_send(self, intent: IntentId, number: int, plan: Plan, hold: Hold | None) -> None:
        self.sent = self._reading.gateway.clock.now()
        self._before = None if plan.before is None else fingerprint(plan.before)
        try:
            await self._stores.journal.sending(intent, number, hold, self._clue(self.sent))
        except CrmGraphError:
            self.sent = None
            raise

    def _clue(self, sent: datetime | None) -> bytes:
        told = encoded(self.change, self.resource.kind)
        beside = {"places": list(self.beside), "results": orjson.loads(to_json(self.beside.values()))}
        return as_bytes({"change": told, "sent": sent and sent.isoformat(), "before": self._before, "beside": beside})

    async def _perform(self, plan: Plan) -> Result:
        first = len(self._driver.made)
        try:
            written = await self._driver.run(performed(self.writer, self.change, plan))
        finally:
            # What is read back is no writing call.
            self._calls = tuple(shown(call) for call in self._driver.made[first:] if call.method != "GET")
        await self._keep(written, plan.parent)
        return self._told(done(self.change, plan, written, self.writer, self._calls))

    async def _keep(self, written: Written, parent: str | None) -> None:
        if written.after is None or self.change.action is Action.REPLACE:
            return
        found = await self._reading.session.records(
            self.source, self.resource, [written.after], self.change.values, parent=parent
        )
        self.written = found[0] if found else None

    async def _looked(self, error: OutcomeUnknown) -> Result:
        """What became of it as far as a look tells at once. A refusal that may have been done all the same is one
        unless it is seen to be done.
        """
        refused = error.__cause__ if isinstance(error.__cause__, Refused) else None
        assert self.sent is not None
        try:
            found = await looked(
                self._reading.session,
                self.change,
                self.writer,
                self.resource,
                self._before,
                self.sent,
                last=refused is not None,
            )
        except SourceError:
            found = None
        if found is not None and found.outcome in (WriteOutcome.DONE, WriteOutcome.UNKNOWN):
            return self._told(replace(found, calls=self._calls))
        if refused is not None and found is not None:
            return self._failed(refused)
        self.is_open = True
        return self._failed(error)

    def notice(self) -> Notice | None:
        """What everybody must know of it; None where nothing was sent."""
        ref = self.change.ref if self.written is None else self.written.ref
        if self.sent is None or ref is None:
            return None
        gateway = self._reading.gateway
        # What is hidden from the caller is missing in what they read, and must not be missing for others.
        seen = None if gateway.sight.hides_some_of(self.resource.kind) else self.written
        return notice_of(self.resource.kind, ref, seen, self._gone, gateway.identity.region)

    def _failed(self, error: CrmGraphError) -> Result:
        return self._told(replace(failed(self.change, error), calls=self._calls))

    def _told(self, result: Result) -> Result:
        """The result with what the source could have nothing of, and what it was told otherwise."""
        self._gone = result.gone
        altered = {**{one.field: one for one in result.altered}, **self._altered}
        ignored = dict.fromkeys([*self._ignored, *result.ignored])
        key_of = partial(self._reading.gateway.custom.key_of, self.source.name)
        error = result.error and by_logical_keys(result.error, key_of)
        return replace(result, ignored=tuple(ignored), altered=tuple(altered.values()), error=error)
