"""Rows that go to a source together, by the CRM's own import: one intent, whose outcome is told row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.importing import ImportPlan, RowOutcome
from crmgraph.connectors.importing import Row as TakenRow
from crmgraph.connectors.planning import takes
from crmgraph.connectors.writes import Writer, tables_written
from crmgraph.domain.errors import CrmGraphError, OutcomeUnknown
from crmgraph.service.importing.taking_in import NAME
from crmgraph.service.imports import Import, ImportMode, Part
from crmgraph.service.intents import Plan, PlannedStep
from crmgraph.service.ports import Source
from crmgraph.service.reading import Reading
from crmgraph.service.writing.changes import Action, Change, each_of
from crmgraph.service.writing.doing import settled
from crmgraph.service.writing.driver import Driver
from crmgraph.service.writing.encoding import as_bytes, encoded
from crmgraph.service.writing.finding_out import settle_of
from crmgraph.service.writing.pointing import Pointing
from crmgraph.service.writing.results import Failure, Result, WriteOutcome, failed, shown
from crmgraph.service.writing.stores import Stores
from crmgraph.service.writing.suiting import suited

_log = structlog.get_logger("crmgraph.importing")

_OUTCOMES = {
    RowOutcome.CREATED: WriteOutcome.DONE,
    RowOutcome.UPDATED: WriteOutcome.DONE,
    RowOutcome.TAKEN: WriteOutcome.DONE,
    RowOutcome.SKIPPED: WriteOutcome.UNCHANGED,
    RowOutcome.REJECTED: WriteOutcome.REJECTED,
    RowOutcome.FAILED: WriteOutcome.FAILED,
    RowOutcome.UNKNOWN: WriteOutcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A part with its values in the words of its source, and the fields that it has no place for."""

    part: Part
    values: Mapping[str, Any]
    ignored: tuple[str, ...] = ()


class Batches:
    """The CRM's own import of one source, for one import of ours."""

    def __init__(self, stores: Stores, imported: Import, source: Source, resource: Resource) -> None:
        self._stores = stores
        self._imported = imported
        self._source = source
        self._resource = resource

    @property
    def size(self) -> int:
        """How many rows go together; 0 where the CRM has no import, or where rows are not to be matched by e-mail:
        such an import changes what is there.
        """
        spec = self._resource.spec.imports
        return 0 if spec is None or self._imported.mode is not ImportMode.UPSERT else spec.max

    async def fitting(self, reading: Reading, ready: Sequence[Ready]) -> list[Ready]:
        """Of some rows those that the CRM's own import takes whole; the others are better off one by one."""
        if not self.size:
            return []
        pointing = Pointing(reading)
        found = [await self._fit(reading, pointing, one) for one in ready]
        return [one for one in found if one is not None]

    async def _fit(self, reading: Reading, pointing: Pointing, one: Ready) -> Ready | None:
        if len(one.values.get("emails", ())) != 1 or _half_a_name(one.values):
            return None
        try:
            values, foreign = await pointing.resolved(self._source, one.values)
        except CrmGraphError:
            # What cannot be pointed to is told where the row is written by itself.
            return None
        await reading.session.load_vocabularies(self._source, tables_written(self._resource, values))
        values, told = suited(self._resource, values, "create", lambda name: None)
        (row,) = self._writer(reading).plan_import(self._resource, [values]).rows
        left = [name for name in row.ignored if takes(self._resource, name, "create")]
        return None if left or row.lost or told else Ready(one.part, values, (*one.ignored, *foreign))

    def _writer(self, reading: Reading) -> Writer:
        return Writer(self._source.reader, reading.session.tables[self._source.name])

    async def send(self, reading: Reading, ready: Sequence[Ready]) -> list[tuple[Result, ...]] | None:
        """What became of each row; None while that is still to be found out.

        Once something may be sent it goes on to its end, whoever stops waiting for it.
        """
        change = Change(self._source.name, self._resource.name, Action.IMPORT, save=tuple(one.values for one in ready))
        plan = self._writer(reading).plan_import(self._resource, change.save)
        if self._imported.dry_run:
            return self._dry(self._writer(reading), plan, change, ready)
        return await self._stores.running.finish(self._send(reading, plan, change, ready))

    def _dry(
        self, writer: Writer, plan: ImportPlan, change: Change, ready: Sequence[Ready]
    ) -> list[tuple[Result, ...]]:
        """The call that all rows share stands in the first of them."""
        calls = tuple(shown(call) for call in writer.calls_of(plan.plan))
        results = [_result(one, row, each) for one, row, each in zip(ready, plan.rows, each_of(change), strict=True)]
        return [(replace(one, calls=calls if at == 0 else ()),) for at, one in enumerate(results)]

    async def _send(
        self, reading: Reading, plan: ImportPlan, change: Change, ready: Sequence[Ready]
    ) -> list[tuple[Result, ...]] | None:
        journal, numbers = self._stores.journal, [one.part.number for one in ready]
        told = as_bytes({"import": self._imported.id, "source": change.source, "rows": numbers})
        step = PlannedStep(change.source, change.resource, change.action.value, None, self._clue(change, None))
        intent = await journal.open(Plan(self._imported.caller, NAME, told, (step,)))
        await self._stores.imports.tie(self._imported.id, change.source, numbers, intent)
        now = reading.gateway.clock.now()
        await journal.sending(intent, 0, None, self._clue(change, now))
        results = await self._sent(reading, plan, change, ready)
        if results is None:
            settle = timedelta(seconds=settle_of(self._resource, change.action))
            await journal.release(intent, reading.gateway.clock.now() + settle)
            return None
        await journal.settled(intent, 0, settled(*results))
        return [(one,) for one in results]

    def _clue(self, change: Change, sent: datetime | None) -> bytes:
        told = encoded(change, self._resource.kind)
        return as_bytes({"change": told, "sent": sent and sent.isoformat(), "before": None})

    async def _sent(
        self, reading: Reading, plan: ImportPlan, change: Change, ready: Sequence[Ready]
    ) -> list[Result] | None:
        driver = Driver(self._source, reading.session.meters[self._source.name])
        try:
            rows = await driver.run(self._writer(reading).perform_import(plan))
        except OutcomeUnknown as error:
            _log.warning("an import was not answered", source=self._source.name, error=error.for_logs)
            return None
        except CrmGraphError as error:
            return [failed(one, error) for one in each_of(change)]
        return [_result(one, row, each) for one, row, each in zip(ready, rows, each_of(change), strict=True)]


def _half_a_name(values: Mapping[str, Any]) -> bool:
    """Whether only one part of a name is given: alone it would take the place of the whole."""
    return "fullName" not in values and ("givenName" in values) != ("familyName" in values)


def _result(ready: Ready, row: TakenRow, change: Change) -> Result:
    """A row of the CRM's summary as a result; a planned one would be done."""
    outcome = WriteOutcome.DONE if row.outcome is None else _OUTCOMES[row.outcome]
    error = None if row.reason is None else Failure(_CODES.get(outcome, "UNAVAILABLE"), row.reason)
    ignored = (*ready.ignored, *row.ignored)
    return Result(change.source, change.resource, outcome, ignored=ignored, error=error)


_CODES = {WriteOutcome.REJECTED: "REJECTED", WriteOutcome.UNKNOWN: "OUTCOME_UNKNOWN"}
