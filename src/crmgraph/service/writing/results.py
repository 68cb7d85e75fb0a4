"""What became of a change at one source, as callers are told it and as the journal keeps it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec
import orjson

from crmgraph.connectors.associating import otherwise_linked
from crmgraph.connectors.exchange import Call
from crmgraph.connectors.planning import kept_part
from crmgraph.connectors.refusals import Refused
from crmgraph.connectors.writes import Outcome as Did
from crmgraph.connectors.writes import Plan, Writer, Written
from crmgraph.domain.errors import CrmGraphError, InputError, OutcomeUnknown, SourceError, Unsupported
from crmgraph.service.plain import plain_value
from crmgraph.service.writing.changes import Action, Change


class WriteOutcome(StrEnum):
    """What became of a write at one source. FAILED: nothing happened; UNKNOWN: it may have happened."""

    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    REJECTED = "REJECTED"
    UNSUPPORTED = "UNSUPPORTED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong with one field of the input, in the CRM's words."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why it is not done, or not wholly. `retry_after` is in seconds."""

    code: str
    message: str
    retryable: bool = False
    retry_after: float | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Altered:
    """A field that the CRM holds otherwise than it was asked, both as JSON."""

    field: str
    asked: Any
    kept: Any


@dataclass(frozen=True, slots=True)
class Shown:
    """One writing call, as it was made or would be: no credential is ever part of a call. `body` is its JSON."""

    method: str
    path: str
    body: Any = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change. `record` is the id in that CRM, also of what is gone by now."""

    source: str
    resource: str
    outcome: WriteOutcome
    record: str | None = None
    parent: str | None = None
    ignored: tuple[str, ...] = ()
    altered: tuple[Altered, ...] = ()
    error: Failure | None = None
    calls: tuple[Shown, ...] = ()
    gone: bool = False


_RESULTS = msgspec.json.Decoder(tuple[Result, ...])


def to_json(results: Iterable[Result]) -> bytes:
    """Results as JSON."""
    return msgspec.json.encode(tuple(results))


def from_json(told: bytes) -> tuple[Result, ...]:
    """The results that `to_json` told of."""
    return _RESULTS.decode(told)


def shown(call: Call) -> Shown:
    """A call as people may see it."""
    query = "&".join(f"{name}={value}" for name, value in call.query)
    body = None if call.body is None else orjson.loads(call.body)
    return Shown(call.method, f"{call.path}?{query}" if query else call.path, body)


def failure_of(error: CrmGraphError) -> Failure:
    """An error as a result tells it."""
    reasons: Mapping[str, str] = getattr(error, "reasons", None) or {}
    told = tuple(Reason(field, said) for field, said in reasons.items())
    if isinstance(error, SourceError):
        return Failure(error.code, error.message, error.retryable, error.retry_after, told)
    return Failure(error.code, error.message, getattr(error, "retryable", False), None, told)


def by_logical_keys(failure: Failure, key_of: Callable[[str], str]) -> Failure:
    """A failure whose reasons name custom fields as the input does; `key_of` gives a source's own key's logical one."""
    prefix = "customFields."
    reasons = [
        replace(one, field=prefix + key_of(one.field.removeprefix(prefix))) if one.field.startswith(prefix) else one
        for one in failure.reasons
    ]
    return replace(failure, reasons=tuple(reasons))


def outcome_of(error: CrmGraphError) -> WriteOutcome:
    """What an error that ended a change says of it."""
    if isinstance(error, Unsupported):
        return WriteOutcome.UNSUPPORTED
    if isinstance(error, OutcomeUnknown):
        return WriteOutcome.UNKNOWN
    return WriteOutcome.REJECTED if isinstance(error, Refused | InputError) else WriteOutcome.FAILED


def failed(change: Change, error: CrmGraphError, calls: Iterable[Shown] = ()) -> Result:
    """The result of a change that an error ended."""
    outcome, told = outcome_of(error), failure_of(error)
    record = change.id or getattr(error, "existing", None)
    return Result(change.source, change.resource, outcome, record, change.parent, error=told, calls=tuple(calls))


def intended(change: Change, plan: Plan, writer: Writer) -> Result:
    """What a change would come to: a dry run's result."""
    outcome = WriteOutcome.DONE if plan.steps else WriteOutcome.UNCHANGED
    lost = {one.field for one in plan.lost}
    altered = tuple(_altered(plan, name, kept_part(plan, name, plan.lost)) for name in plan.asked if name in lost)
    calls = tuple(map(shown, writer.calls_of(plan)))
    return Result(change.source, change.resource, outcome, plan.id, plan.parent, plan.ignored, altered, None, calls)


def done(change: Change, plan: Plan, written: Written, writer: Writer, calls: Iterable[Shown] = ()) -> Result:
    """What a change came to. A part that was refused after others had been made is told as its error."""
    if change.action is Action.REPLACE:
        return replaced(change, plan, written, writer, calls)
    fields = dict.fromkeys([*(one.field for one in written.lost), *written.altered])
    altered = tuple(_altered(plan, name, _found(plan, written, writer, name)) for name in fields if name in plan.asked)
    links = otherwise_linked(plan, written.after)
    altered += tuple(Altered(name, sorted(asked), sorted(kept)) for name, (asked, kept) in links.items())
    outcome, error = _judged(written)
    return Result(
        source=change.source,
        resource=change.resource,
        outcome=outcome,
        record=written.id,
        parent=plan.parent,
        ignored=written.ignored,
        altered=altered,
        error=error,
        calls=tuple(calls),
        gone=written.after is None and not plan.asked and change.action == "DELETE",
    )


def replaced(change: Change, plan: Plan, written: Written, writer: Writer, calls: Iterable[Shown] = ()) -> Result:
    """What a change of a set came to; `altered` goes by the name of a member, or the id of one that was to go."""
    outcome, error = _judged(written)
    members = {str(writer.value(plan.resource, raw, "name")): raw for raw in written.after or ()}
    altered = tuple(
        Altered(name, _member(plan, plan.asked[name]), _member(plan, _held(plan, writer, members.get(name))))
        for name in written.altered
    )
    return Result(
        change.source, change.resource, outcome, None, None, written.ignored, altered, error, calls=tuple(calls)
    )


def _held(plan: Plan, writer: Writer, raw: Any) -> Mapping[str, Any] | None:
    """The fields of a member as the CRM has it; None where it is not there."""
    return None if raw is None else {name: writer.value(plan.resource, raw, name) for name in plan.resource.lenses}


def _member(plan: Plan, values: Mapping[str, Any] | None) -> Any:
    kind = plan.resource.kind
    return None if values is None else {name: plain_value(kind, name, value) for name, value in values.items()}


def nothing_there(change: Change) -> Result:
    """The result of deleting what is not there."""
    return Result(change.source, change.resource, WriteOutcome.UNCHANGED, change.id, change.parent)


def _judged(written: Written) -> tuple[WriteOutcome, Failure | None]:
    if written.outcome is Did.UNCHANGED:
        return WriteOutcome.UNCHANGED, None
    if not written.failed:
        return WriteOutcome.DONE, None
    unknown = any(isinstance(error, OutcomeUnknown) for _, error in written.failed)
    reasons = tuple(Reason(name, error.message) for name, error in written.failed)
    names = ", ".join(dict.fromkeys(name for name, _ in written.failed))
    first = written.failed[0][1]
    message = f"The rest was written, but not {names}: {first.message}"
    told = Failure(first.code, message, first.retryable, first.retry_after, reasons)
    return (WriteOutcome.UNKNOWN if unknown else WriteOutcome.DONE), told


def _found(plan: Plan, written: Written, writer: Writer, name: str) -> Any:
    if written.after is None:
        return kept_part(plan, name, written.lost)
    return writer.value(plan.resource, written.after, name)


def _altered(plan: Plan, name: str, kept: Any) -> Altered:
    kind = plan.resource.kind
    return Altered(name, plain_value(kind, name, plan.asked[name]), plain_value(kind, name, kept))
