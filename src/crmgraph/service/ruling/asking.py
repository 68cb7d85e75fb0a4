"""A run as it is asked for by a caller: once for each idempotency key, every mistake told before anything is sent."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec

from crmgraph.connectors.shapes import unknown
from crmgraph.service.beginnings import Fresh, Stored
from crmgraph.service.cross_rules import CrossRule
from crmgraph.service.reading import Reading
from crmgraph.service.ruling.reports import RuleRun
from crmgraph.service.ruling.running import RuleRunning
from crmgraph.service.ruling.writing import MUTATION
from crmgraph.service.writing.encoding import as_bytes
from crmgraph.service.writing.mistakes import MistakeCode, mistaken
from crmgraph.service.writing.once import LONGEST_KEY
from crmgraph.service.writing.stores import Stores

MOST = 500
"""How many people one request may go through."""

_RUN = msgspec.json.Decoder(RuleRun)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants of a rule; `since` must be aware."""

    name: str
    limit: int
    since: datetime | None = None
    dry_run: bool = False
    key: str | None = None


def rule_called(reading: Reading, name: str) -> CrossRule:
    """The rule of this name; raises Mistaken with the nearest one."""
    rules = reading.gateway.cross_rules
    if name not in rules:
        raise mistaken("name", unknown(name, rules), MistakeCode.NOT_FOUND)
    return rules[name]


async def run_asked(reading: Reading, stores: Stores, caller: str, asked: Asked) -> RuleRun:
    """Run a rule; a caller who leaves does not end it. Raises Mistaken, StoreUnavailable."""
    rule = rule_called(reading, asked.name)
    if not 1 <= asked.limit <= MOST:
        raise mistaken("limit", f"`limit` is {asked.limit}; it must be from 1 to {MOST}.")
    if asked.since is not None and asked.since.tzinfo is None:
        raise mistaken("since", "`since` lacks its offset; write one like 2026-11-20T12:00:00Z.")
    running = RuleRunning(reading, stores, rule, caller, asked.dry_run)
    if asked.key is None or asked.dry_run:
        return await stores.running.finish(running.run(asked.limit, asked.since))
    begun = await _begun(stores, caller, asked, asked.key)
    return (
        begun if begun is not None else await stores.running.finish(_first(running, stores, caller, asked, asked.key))
    )


async def _begun(stores: Stores, caller: str, asked: Asked, key: str) -> RuleRun | None:
    """What was answered before under a key, None for the first who asks; raises Mistaken."""
    if not 1 <= len(key) <= LONGEST_KEY:
        raise mistaken("idempotencyKey", f"A key has 1 to {LONGEST_KEY} characters; this one {len(key)}.")
    since = None if asked.since is None else asked.since.isoformat()
    said = as_bytes({"mutation": MUTATION, "name": asked.name, "limit": asked.limit, "since": since})
    begun = await stores.idempotency.begin(caller, key, hashlib.sha256(said).digest())
    if isinstance(begun, Stored):
        return _RUN.decode(begun.payload)
    if isinstance(begun, Fresh):
        return None
    told = "This key was used for another input, or its run is still under way; ask again in a moment."
    raise mistaken("idempotencyKey", told, MistakeCode.CONFLICT)


async def _first(running: RuleRunning, stores: Stores, caller: str, asked: Asked, key: str) -> RuleRun:
    try:
        run = await running.run(asked.limit, asked.since)
        return _RUN.decode(await stores.idempotency.finish(caller, key, msgspec.json.encode(run)))
    except BaseException:
        await stores.idempotency.abandon(caller, key)
        raise
