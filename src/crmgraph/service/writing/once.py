"""Doing what a key stands for once: who asks again with the same key and input gets the first answer."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence

import orjson

from crmgraph.service.beginnings import Conflict, Fresh, Running, Stored, Unfinished
from crmgraph.service.intents import IntentId, Step
from crmgraph.service.ports import Clock
from crmgraph.service.writing.doing import Made, Mutation
from crmgraph.service.writing.mistakes import MistakeCode, mistaken
from crmgraph.service.writing.results import Failure, Result, WriteOutcome, from_json, to_json
from crmgraph.service.writing.stores import Stores

PAUSE = 0.2
"""Seconds between two looks at work that somebody else does under the same key."""

PATIENCE = 10.0
"""Seconds that a caller waits for it."""

LONGEST_KEY = 200

Work = Callable[[], Awaitable[Made]]
Sleep = Callable[[float], Awaitable[None]]


class Once:
    """Idempotency keys, each caller's apart."""

    def __init__(self, stores: Stores, clock: Clock, sleep: Sleep = asyncio.sleep, patience: float = PATIENCE) -> None:
        self._stores = stores
        self._clock = clock
        self._sleep = sleep
        self._patience = patience

    async def made(self, mutation: Mutation, work: Work) -> Made:
        """What `work` makes, or made when it was first asked with this key.

        Raises Mistaken where the key stands for another input or is still being worked on.
        """
        if mutation.key is None or mutation.dry_run:
            return await work()
        begun = await self._begun(mutation, mutation.key)
        if isinstance(begun, Stored):
            return Made(from_json(begun.payload))
        if isinstance(begun, Fresh):
            return await self._stores.running.finish(self._first(mutation, mutation.key, work))
        return await self._from_journal(mutation.caller, mutation.key, begun.intent)

    async def answer(self, mutation: Mutation, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """What `work` answers that sends nothing, or answered when it was first asked with this key.

        Raises Mistaken as `made` does. When it dies before its answer is kept, `work` is done again.
        """
        if mutation.key is None or mutation.dry_run:
            return await work()
        begun = await self._begun(mutation, mutation.key)
        if isinstance(begun, Stored):
            return begun.payload
        try:
            return await self._stores.idempotency.finish(mutation.caller, mutation.key, await work())
        except BaseException:
            await self._stores.idempotency.abandon(mutation.caller, mutation.key)
            raise

    async def _from_journal(self, caller: str, key: str, ident: IntentId) -> Made:
        """What was found out after its worker had died."""
        intent = await self._stores.journal.read(ident)
        results = _all_of(intent.steps) if intent is not None else []
        return Made(from_json(await self._stores.idempotency.finish(caller, key, to_json(results))))

    async def _begun(self, mutation: Mutation, key: str) -> Fresh | Stored | Unfinished:
        if not 1 <= len(key) <= LONGEST_KEY:
            raise mistaken("idempotencyKey", f"A key has 1 to {LONGEST_KEY} characters; this one {len(key)}.")
        ends = self._clock.monotonic() + self._patience
        while True:
            begun = await self._stores.idempotency.begin(mutation.caller, key, digest_of(mutation))
            if isinstance(begun, Conflict):
                said = "This key was used for another input; a new request needs a new key."
                raise mistaken("idempotencyKey", said, MistakeCode.CONFLICT)
            if not isinstance(begun, Running):
                return begun
            if self._clock.monotonic() >= ends:
                said = "What was asked with this key is still being done or found out; ask again with it in a moment."
                raise mistaken("idempotencyKey", said, MistakeCode.CONFLICT)
            await self._sleep(PAUSE)

    async def _first(self, mutation: Mutation, key: str, work: Work) -> Made:
        try:
            made = await work()
            if made.final:
                payload = await self._stores.idempotency.finish(mutation.caller, key, to_json(made.results))
                return Made(from_json(payload))
        except BaseException:
            await self._stores.idempotency.abandon(mutation.caller, key)
            raise
        # Asked again with this key, the caller is told what was found out by then.
        await self._stores.idempotency.abandon(mutation.caller, key)
        return made


def digest_of(mutation: Mutation) -> bytes:
    """What stands for a mutation and its input."""
    return hashlib.sha256(mutation.name.encode() + b"\0" + mutation.input).digest()


def _all_of(steps: Sequence[Step]) -> list[Result]:
    """The results of a mutation, those in their places that were known without a step."""
    results = [result_of(step) for step in steps]
    beside = orjson.loads(steps[0].plan.clue).get("beside") or {"places": [], "results": []}
    known = from_json(orjson.dumps(beside["results"]))
    for place, result in zip(beside["places"], known, strict=True):
        results.insert(place, result)
    return results


def result_of(step: Step) -> Result:
    """A step of the journal as a result."""
    if step.told is not None:
        return from_json(step.told)[0]
    outcome = WriteOutcome.UNKNOWN if step.state in ("PLANNED", "SENDING") else WriteOutcome(step.state.value)
    error = None if step.reason is None else Failure("UNAVAILABLE", step.reason)
    return Result(step.plan.source, step.plan.resource, outcome, step.record, error=error)
