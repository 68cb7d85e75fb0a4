"""Finding out what became of a change that was sent and not answered: by looking, never by sending it again."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.writes import Outcome, Writer, Written
from crmgraph.domain.errors import CrmGraphError, Unsupported
from crmgraph.domain.records import Record
from crmgraph.service.session import Session
from crmgraph.service.writing.changes import Action, Change, each_of, planned
from crmgraph.service.writing.driver import Driver
from crmgraph.service.writing.encoding import as_bytes
from crmgraph.service.writing.results import Failure, Result, WriteOutcome, done

SETTLE = 5.0
"""Seconds after which a call that was cut off has been carried out or never will be."""

_CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a CRM's clock may be from ours: a record that is older than that is not the one we asked for."""


def settle_of(resource: Resource, action: Action) -> float:
    """Seconds after which looking tells what became of a change."""
    spec = resource.spec
    writes = {Action.CREATE: spec.create, Action.DELETE: spec.delete, Action.IMPORT: spec.imports}
    write = writes.get(action) or spec.update
    return max(SETTLE, write.settle if write is not None else 0.0)


def fingerprint(raw: Any) -> str:
    """Stands for a raw record as it is: equal records have equal ones."""
    return hashlib.sha256(as_bytes(raw)).hexdigest()[:32]


async def looked(
    session: Session, change: Change, writer: Writer, resource: Resource, before: str | None, sent: datetime, last: bool
) -> Result | None:
    """What became of a change; None while that cannot be told.

    `before` is the fingerprint of the record before it was sent, `sent` the time; `last` says that by now it has been
    carried out or never will be. Raises SourceError when the source cannot be asked.
    """
    source = session.sources[change.source]
    driver = Driver(source, session.meters[change.source])
    if change.action is Action.CREATE:
        return await _created(session, driver, change, writer, resource, sent, last)
    plan = await driver.run(planned(writer, resource, change))
    if not plan.steps:
        written = Written(Outcome.DONE, change.id, None, plan.before)
        return done(change, plan, written, writer)
    if not last:
        return None
    same = before is not None and fingerprint(plan.before) == before
    return _nothing(change) if same else unknown(change)


async def _created(
    session: Session,
    driver: Driver,
    change: Change,
    writer: Writer,
    resource: Resource,
    sent: datetime,
    last: bool,
) -> Result | None:
    try:
        items = await driver.run(writer.look_for(resource, change.values))
    except Unsupported:
        return unknown(change)
    records = await session.records(session.sources[change.source], resource, items, ("createdAt",))
    found = [one for one in records if _is_new(one, sent)]
    if not found:
        return _nothing(change) if last else None
    plan = writer.plan_create(resource, change.values, change.parent)
    lost, altered = writer.compared(plan, found[0].raw, set())
    written = Written(Outcome.DONE, found[0].ref.id, None, found[0].raw, lost, altered, plan.ignored)
    return done(replace(change, id=found[0].ref.id), plan, written, writer)


async def looked_at_each(session: Session, change: Change, writer: Writer, resource: Resource) -> tuple[Result, ...]:
    """What became of each record of an import, once it has been carried out or never will be.

    A record that is there as it was asked is DONE, by whomever; raises SourceError when the source cannot be asked.
    """
    driver = Driver(session.sources[change.source], session.meters[change.source])
    return tuple([await _row(driver, one, writer, resource) for one in each_of(change)])


async def _row(driver: Driver, change: Change, writer: Writer, resource: Resource) -> Result:
    found = await driver.run(writer.look_for(resource, {"emails": change.values["emails"]}))
    if not found:
        return _nothing(change)
    ident = str(resource.ident(found[0], writer.tables))
    plan = await driver.run(writer.plan_update(resource, ident, change.values))
    if plan.steps:
        return _nothing(replace(change, id=ident))
    return done(replace(change, id=ident), plan, Written(Outcome.DONE, ident, None, plan.before), writer)


def _is_new(record: Record, sent: datetime) -> bool:
    made = record.peek("createdAt")
    return made is None or made >= sent - _CLOCKS_DIFFER


def _nothing(change: Change) -> Result:
    said = f"{change.source} did not answer, and it was found out that nothing happened there; it may be tried again."
    failure = Failure("UNAVAILABLE", said, retryable=True)
    return Result(change.source, change.resource, WriteOutcome.FAILED, change.id, change.parent, error=failure)


def unknown(change: Change, error: CrmGraphError | None = None) -> Result:
    """The result of a change of which nobody can tell what became of it."""
    said = f"{change.source} did not answer, and nothing tells whether it was done; look there before it is repeated."
    failure = Failure("OUTCOME_UNKNOWN", said if error is None else error.message)
    return Result(change.source, change.resource, WriteOutcome.UNKNOWN, change.id, change.parent, error=failure)


def not_sent(change: Change) -> Result:
    """The result of a change that was planned by a worker that died before it sent anything."""
    said = f"The gateway stopped before anything was sent to {change.source}; it may be tried again."
    failure = Failure("UNAVAILABLE", said, retryable=True)
    return Result(change.source, change.resource, WriteOutcome.FAILED, change.id, change.parent, error=failure)
