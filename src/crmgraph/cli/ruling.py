"""`rules`: what is kept alike between CRMs, listed and run."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.querying import fill
from crmgraph.cli.settings import settings
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.ruling.asking import rule_called
from crmgraph.service.ruling.reports import OPEN, RuleOutcome, RuleRun, RunState, Treated
from crmgraph.service.ruling.running import RuleRunning

CALLER = "command line"
"""Whose the writes are in the journal."""


def listed(path: Path, as_json: bool) -> None:
    """Print the rules."""
    found = settings(path).rules
    if as_json:
        give(json.dumps([_portrait(one) for one in found], indent=2))
        return
    for one in found:
        told = ", ".join(said if said == to else f"{said} → {to}" for said, to in one.fields)
        give(f"{one.name}: {one.source} → {one.target}: {told}")
    if not found:
        say("There are no rules; write one under `rules` in the configuration.")


def run(name: str, path: Path, dry: bool, as_json: bool) -> None:
    """Run a rule to its end; records that are left open end it with 1, a source that fails with 3."""
    found = asyncio.run(_run(App(settings(path)), name, dry))
    if as_json:
        give(json.dumps(_told(found), indent=2))
    else:
        for one in found.records:
            if one.outcome is not RuleOutcome.UNCHANGED:
                give(_line(one))
    counts = ", ".join(f"{count} {outcome.lower()}" for outcome, count in found.counts.items() if count)
    say(f"{'Would be: ' if dry else ''}{counts or 'nobody was there to be looked at'}.")
    if found.reason is not None:
        say(found.reason)
    end(_code(found))


async def _run(app: App, name: str, dry: bool, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> RuleRun:
    try:
        reading = app.gateway.read()
        rule = rule_called(reading, name)
        await fill(app)
        running = RuleRunning(reading, app.stores, rule, CALLER, dry, sleep)
        return await running.run(app.settings.identity.index_limit)
    finally:
        await app.aclose()


def _line(one: Treated) -> str:
    to = "" if one.to is None else f" → {one.to.source} {one.to.resource} {one.to.id}"
    reason = "" if one.reason is None else f": {one.reason}"
    return f"{one.outcome.lower():9} {one.of.source} {one.of.resource} {one.of.id}{to}{reason}"


def _code(found: RuleRun) -> Code:
    if found.state is RunState.STOPPED:
        return Code.UPSTREAM
    return Code.FINDINGS if any(one.outcome in OPEN for one in found.records) else Code.OK


def _portrait(one: CrossRule) -> dict[str, Any]:
    fields = [{"from": said, "to": to} for said, to in one.fields]
    push = [kind.value for kind in one.push]
    return {"name": one.name, "from": one.source, "to": one.target, "fields": fields, "push": push}


def _told(found: RuleRun) -> dict[str, Any]:
    counts = {outcome.lower(): count for outcome, count in found.counts.items()}
    records = [
        {
            "kind": one.kind.value,
            "from": {"source": one.of.source, "resource": one.of.resource, "id": one.of.id},
            "to": None if one.to is None else {"source": one.to.source, "resource": one.to.resource, "id": one.to.id},
            "outcome": one.outcome.value,
            "reason": one.reason,
        }
        for one in found.records
    ]
    return {
        "rule": found.rule,
        "state": found.state.value,
        "counts": counts,
        "reason": found.reason,
        "records": records,
    }
