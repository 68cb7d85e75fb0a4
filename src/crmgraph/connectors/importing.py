"""Many records by one call: what it would send, and what its summary tells of each row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.planner import Planner
from crmgraph.connectors.planning import Loss, Plan, Step, parted, placed, put_all
from crmgraph.connectors.replies import Verdict
from crmgraph.connectors.spec import Import, Write
from crmgraph.domain.errors import OutcomeUnknown, Rejected, SourceError, Unsupported


class RowOutcome(StrEnum):
    """What became of a row. TAKEN: created, updated or skipped, which the summary does not tell row by row."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    SKIPPED = "SKIPPED"
    TAKEN = "TAKEN"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `reason` says why it was not taken, `lost` and `ignored` what of it was not sent. Planned rows have no
    outcome.
    """

    lost: tuple[Loss, ...] = ()
    ignored: tuple[str, ...] = ()
    outcome: RowOutcome | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import that is ready: `plan` has a step for every call, `rows` are in the order in which they were given."""

    spec: Import
    plan: Plan
    rows: tuple[Row, ...]
    sizes: tuple[int, ...]


def plan_import(planner: Planner, resource: Resource, rows: Sequence[Mapping[str, Any]]) -> ImportPlan:
    """What importing these values would send, in calls of as many rows as the CRM takes; raises Unsupported."""
    spec = resource.spec.imports
    if spec is None:
        raise Unsupported(f"{planner.source} cannot import {resource.name} records.", planner.source)
    bodies: list[dict[str, Any]] = []
    told: list[Row] = []
    for values in rows:
        taken, ignored = _parted(resource, spec, values)
        body, lost = put_all(resource, taken, {}, planner.tables)
        bodies.append(body)
        told.append(Row(lost, ignored))
    parts = [bodies[at : at + spec.max] for at in range(0, len(bodies), spec.max)]
    plan = Plan(resource, tuple(Step(spec, {}, placed(spec, part), ()) for part in parts), {})
    return ImportPlan(spec, plan, tuple(told), tuple(len(part) for part in parts))


def perform_import(planned: ImportPlan, send: Callable[[Step], Flow[Verdict]]) -> Flow[tuple[Row, ...]]:
    """Make the calls and tell what became of each row; raises what the first call is answered with when it fails."""
    outcomes: list[tuple[RowOutcome, str | None]] = []
    for number, (step, size) in enumerate(zip(planned.plan.steps, planned.sizes, strict=True)):
        try:
            verdict = yield from send(step)
        except SourceError as error:
            if number == 0:
                raise
            outcomes += [(_failed(error), error.message)] * size
        else:
            outcomes += _told(planned.spec, verdict.body, size)
    both = zip(planned.rows, outcomes, strict=True)
    return tuple(replace(row, outcome=outcome, reason=reason) for row, (outcome, reason) in both)


def _parted(resource: Resource, spec: Import, values: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What of a row is sent, and the names of what is not: what has calls of its own, and what the import omits."""
    taken, ignored = parted(resource, values, "create")
    without = {*spec.omits, *(("customFields",) if isinstance(resource.spec.custom, Write) else ())}
    sent = {name: value for name, value in taken.items() if name not in without}
    return sent, (*ignored, *(name for name in taken if name in without))


def _failed(error: SourceError) -> RowOutcome:
    if isinstance(error, OutcomeUnknown):
        return RowOutcome.UNKNOWN
    return RowOutcome.REJECTED if isinstance(error, Rejected) else RowOutcome.FAILED


def _told(spec: Import, body: Any, size: int) -> list[tuple[RowOutcome, str | None]]:
    """Each row's outcome: of those that were not refused only where all of them went the same way."""
    refused = dict(_refused(spec, body))
    taken = _common(spec, body)
    return [(RowOutcome.REJECTED, refused[at]) if at in refused else (taken, None) for at in range(size)]


def _refused(spec: Import, body: Any) -> Iterator[tuple[int, str]]:
    for one in compile_path(spec.errors)(body) or []:
        at = compile_path(spec.row)(one)
        if isinstance(at, int):
            yield at, str(compile_path(spec.why)(one) or "The CRM does not say why.")


def _common(spec: Import, body: Any) -> RowOutcome:
    """What became of all rows that were taken, where it is the same."""
    counts = {
        RowOutcome.CREATED: compile_path(spec.created)(body),
        RowOutcome.UPDATED: compile_path(spec.updated)(body),
        RowOutcome.SKIPPED: compile_path(spec.skipped)(body),
    }
    some = [outcome for outcome, count in counts.items() if count]
    return some[0] if len(some) == 1 else RowOutcome.TAKEN
