"""`doctor`: one cheap authenticated read per source and of our own store, a verdict in a sentence each."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give
from crmgraph.cli.settings import settings
from crmgraph.domain.errors import CrmGraphError
from crmgraph.service.intents import Intent, Step, StepState
from crmgraph.service.ports import Source

STORE = "(store)"
"""What stands for our own store among the sources."""

PENDING = (StepState.PLANNED, StepState.SENDING, StepState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one source is, or our own store."""

    source: str
    well: bool
    code: str
    sentence: str


def doctor(path: Path, as_json: bool) -> None:
    """Look at every source and at the store; ends with 3 when one is not well."""
    verdicts = asyncio.run(_look(App(settings(path))))
    if as_json:
        told = [{"source": v.source, "ok": v.well, "code": v.code, "message": v.sentence} for v in verdicts]
        give(json.dumps(told, indent=2))
    else:
        for one in verdicts:
            give(f"{'ok  ' if one.well else 'FAIL'} {one.source}: {one.sentence}")
    end(Code.OK if all(one.well for one in verdicts) else Code.UPSTREAM)


async def _look(app: App) -> list[Verdict]:
    try:
        sources = await asyncio.gather(*(_at(app, source) for source in app.pool.sources))
        return [*sources, *await _store(app)]
    finally:
        await app.aclose()


async def _store(app: App) -> list[Verdict]:
    """How our own store is, and the writes of which nobody knows what became of them."""
    try:
        pending = await app.stores.journal.pending()
    except CrmGraphError as error:
        return [Verdict(STORE, False, error.code, error.message)]
    open_steps = [(one, step) for one in pending for step in one.steps if step.state in PENDING]
    return [
        Verdict(STORE, True, "OK", f"It can be read; {len(open_steps)} writes are of unknown outcome."),
        *(Verdict(STORE, True, "PENDING", _sentence(intent, step)) for intent, step in open_steps),
    ]


def _sentence(intent: Intent, step: Step) -> str:
    when = intent.created_at.isoformat(timespec="seconds")
    what = f"{intent.mutation} of {when} at {step.plan.source}, intent {intent.id}"
    return f"{what}: {step.reason or 'it is still to be found out.'}"


async def _at(app: App, source: Source) -> Verdict:
    began = app.gateway.clock.monotonic()
    try:
        await app.gateway.read(anew=True).session.run(source, source.reader.probe())
    except CrmGraphError as error:
        return Verdict(source.name, False, error.code, error.message)
    took = app.gateway.clock.monotonic() - began
    left = [
        f"{one.remaining} of {one.limit} calls left in {one.window}"
        for one in source.quota
        if one.limit and one.remaining is not None
    ]
    said = f"{source.reader.definition.title} answered in {took:.2f} s with these credentials"
    return Verdict(source.name, True, "OK", "; ".join([said, *left]) + ".")
