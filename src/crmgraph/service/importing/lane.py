"""One source's share of an import: its rows a few at a time, at the pace that the CRM keeps up with.

A source that is throttled or away is waited for, and the other sources' rows go on.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

import orjson

from crmgraph.connectors.definition import Resource
from crmgraph.domain.errors import InputError, SourceError
from crmgraph.domain.model import Kind
from crmgraph.service.importing.batches import Batches, Ready
from crmgraph.service.importing.placing import placed
from crmgraph.service.importing.rows import values_of
from crmgraph.service.importing.taking_in import NAME
from crmgraph.service.imports import Import, ItemOutcome, Part, Told
from crmgraph.service.intents import IntentId
from crmgraph.service.ports import Source
from crmgraph.service.reading import Gateway, Reading
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.doing import Doing, Made, Mutation
from crmgraph.service.writing.keying import keyed
from crmgraph.service.writing.mistakes import Mistaken
from crmgraph.service.writing.once import Once
from crmgraph.service.writing.results import Failure, Result, WriteOutcome, failed, from_json, to_json
from crmgraph.service.writing.stores import Stores

TOGETHER = 2
"""How many rows one source is given at once, so that interactive calls still get through."""

CHUNK = 100
"""How many rows are read from the store at once."""

ATTEMPTS = 5
"""How often a row is sent in all, where a source fails at it and says that nothing happened."""

FAILURES = 12
"""After how many failures without any success between them a source is given up."""

LONGEST_REST = 60.0
"""Seconds that a source is left alone at the most before it is tried again, unless it asks for more."""

PAUSE = 1.0
"""Seconds between two looks at rows whose outcome is being found out."""

PATIENT = frozenset({"THROTTLED", "BUSY"})
"""Failures that pass by themselves: they are waited for, however often they come."""

Sleep = Callable[[float], Awaitable[None]]


class Lane:
    """The rows of one import at one source."""

    def __init__(self, gateway: Gateway, stores: Stores, imported: Import, source: Source, sleep: Sleep) -> None:
        self._gateway = gateway
        self._stores = stores
        self._imported = imported
        self._source = source
        self._sleep = sleep
        self._resource: Resource = source.reader.definition.of_kind(Kind.CONTACT)[0]
        self._batches = Batches(stores, imported, source, self._resource)
        self._failures = 0
        self._rest_until = 0.0
        self._given_up: str | None = None

    async def run(self) -> str | None:
        """Go on until every row is told; why the source was given up, where it was."""
        while await self._pass():
            if self._given_up is not None:
                return self._given_up
            await self._sleep(PAUSE)
        return None

    async def _pass(self) -> bool:
        """Go once through what is to be told; whether something is left."""
        after, left = -1, False
        while self._given_up is None:
            parts = await self._stores.imports.pending(
                self._imported.id, self._source.name, after, self._batches.size or CHUNK
            )
            if not parts:
                return left
            after = parts[-1].number
            left |= not all(await self._take(parts))
        return True

    async def _take(self, parts: Sequence[Part]) -> list[bool]:
        """Bring these rows on; for each whether it is told."""
        tied: defaultdict[IntentId, list[Part]] = defaultdict(list)
        for part in parts:
            if part.intent is not None:
                tied[part.intent].append(part)
        told = [await self._found_out(intent, some) for intent, some in tied.items()]
        free = [part for part in parts if part.intent is None]
        together = await self._fitting(free)
        if together:
            told.append(await self._together(together))
        gone = {one.part.number for one in together}
        return told + await self._one_by_one([part for part in free if part.number not in gone])

    async def _found_out(self, intent: IntentId, parts: Sequence[Part]) -> bool:
        """Tell what was found out of rows that went together, once it was."""
        found = await self._stores.journal.read(intent)
        if found is None or found.settled_at is None:
            return False
        numbers: list[int] = orjson.loads(found.input)["rows"]
        results = from_json(found.steps[0].told or b"[]")
        by_number = dict(zip(numbers, results, strict=True))
        return await self._tell([(part, (by_number[part.number],)) for part in parts])

    async def _fitting(self, parts: Sequence[Part]) -> list[Ready]:
        """The rows that the CRM's own import takes."""
        reading = self._gateway.read(anew=True)
        try:
            return await self._batches.fitting(reading, [self._ready(reading, one) for one in parts])
        finally:
            await reading.session.close()

    async def _together(self, ready: Sequence[Ready]) -> bool:
        """Send these by the CRM's own import; whether they are told."""
        await self._rest()
        reading = self._gateway.read(anew=True)
        try:
            results = await self._batches.send(reading, ready)
        finally:
            await reading.session.close()
        if results is None:
            return False
        return await self._tell(list(zip((one.part for one in ready), results, strict=True)))

    def _ready(self, reading: Reading, part: Part) -> Ready:
        """The row in this source's words; what is wrong with a row was told before it was taken in."""
        checking = Checking(reading)
        values = values_of(orjson.loads(part.row), self._gateway.identity.region, checking.wrong)
        own, ignored = keyed(self._gateway.custom, self._source.name, values)
        return Ready(part, own, ignored)

    async def _one_by_one(self, parts: Iterable[Part]) -> list[bool]:
        told, waiting = list[bool](), iter(parts)

        async def hand() -> None:
            for part in waiting:
                await self._rest()
                told.append(self._given_up is None and await self._alone(part))

        async with asyncio.TaskGroup() as hands:
            for _ in range(TOGETHER):
                hands.create_task(hand())
        return told

    async def _alone(self, part: Part) -> bool:
        """Bring one row on, once for its key; whether it is told."""
        key = f"import:{self._imported.id}:{part.number}:{self._source.name}:{part.attempts}"
        mutation = Mutation(NAME, self._imported.caller, part.row, key, self._imported.dry_run)
        reading = self._gateway.read(anew=True)
        try:
            once = Once(self._stores, self._gateway.clock, self._sleep, patience=0)
            made = await once.made(mutation, lambda: self._made(reading, mutation, part))
        except Mistaken:
            return False  # What this key stands for is still being done, or found out.
        except SourceError as error:
            made = Made((failed(self._new(), error),))
        finally:
            await reading.session.close()
        return made.final and await self._tell([(part, made.results)])

    def _new(self) -> Change:
        return Change(self._source.name, self._resource.name, Action.CREATE)

    async def _made(self, reading: Reading, mutation: Mutation, part: Part) -> Made:
        ready = self._ready(reading, part)
        mode = self._imported.mode
        try:
            changes = await placed(reading, self._source, self._resource, mode, ready.values)
        except InputError as error:
            return Made((failed(self._new(), error),))
        own = [replace(change, ignored=ready.ignored) for change in changes]
        return await Doing(reading, self._stores).make(mutation, own)

    async def _tell(self, results: Sequence[tuple[Part, tuple[Result, ...]]]) -> bool:
        """Keep what attempts came to, and the source's pace; whether nothing is to be sent again."""
        told = [Told(part, self._outcome(part, some), to_json(some)) for part, some in results]
        await self._stores.imports.tell(self._imported.id, self._source.name, told)
        self._pace([one for _, some in results for one in some])
        return all(one.outcome is not ItemOutcome.PENDING for one in told)

    def _outcome(self, part: Part, results: Sequence[Result]) -> ItemOutcome:
        if _again(results) and (part.attempts + 1 < ATTEMPTS or _waits(results)):
            return ItemOutcome.PENDING
        outcomes = [ItemOutcome(one.outcome.value) for one in results]
        return max(outcomes, key=list(ItemOutcome).index)

    def _pace(self, results: Sequence[Result]) -> None:
        """Rest after failures, longer each time; give up where going on is of no use."""
        failures = [one.error for one in results if one.outcome is WriteOutcome.FAILED and one.error is not None]
        if len(failures) < len(results):
            self._failures = 0
        if not failures:
            return
        first = failures[0]
        self._failures += first.code not in PATIENT
        if first.code == "DENIED" or self._failures >= FAILURES:
            self._given_up = first.message
        rest = first.retry_after or min(2.0 ** max(self._failures - 1, 0), LONGEST_REST)
        if first.code != "BUSY":
            self._rest_until = max(self._rest_until, self._gateway.clock.monotonic() + rest)

    async def _rest(self) -> None:
        """Wait while the source is to be left alone."""
        while self._given_up is None and (left := self._rest_until - self._gateway.clock.monotonic()) > 0:
            await self._sleep(left)


def _again(results: Sequence[Result]) -> bool:
    """Whether nothing happened, and the same may go well another time."""
    return all(one.outcome is WriteOutcome.FAILED and _may_pass(one.error) for one in results)


def _may_pass(error: Failure | None) -> bool:
    return error is not None and (error.retryable or error.code == "DENIED")


def _waits(results: Sequence[Result]) -> bool:
    """Whether it is no failure of this row: the source is closed to all of them."""
    return any(one.error is not None and one.error.code in {*PATIENT, "DENIED"} for one in results)
