"""One run: people become known, calls begin to fail, the gateway is killed again and again; then calm, and evidence."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import orjson
from tests.chaos.asking import PATIENCE, Client
from tests.chaos.gateway import Gateway, settings
from tests.chaos.history import SETTLED, UNKNOWN, Evidence, Heard
from tests.chaos.journal import written
from tests.chaos.operations import Known, introduction, operations
from tests.chaos.simulated import Simulated, simulated

DEADLINE = 20.0
"""Seconds that the gateway has for one operation."""

TIMEOUT = 1.0
"""Seconds that the gateway gives one call: a hanging one may be applied after that."""

LAG = 4.0
"""Seconds after which LeadConnector's search knows what was written."""

RECOVERS_WITHIN = 120.0
"""Seconds in which the gateway has brought everything to an end once no call fails any more: a dead worker's lease, the
time after which a hanging call will never be applied, and looking.
"""

ASKED_TWICE = 0.1
"""The share of answered requests with a key that are asked once more in the end."""

_PENDING = "{ pendingWrites { id steps { source state } } }"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done: operations, kills, people known beforehand, clients at once, the share of calls that fail."""

    operations: int
    kills: int
    known: int
    clients: int = 16
    share: float = 0.4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run leaves: the evidence, how often the CRMs were called and how that failed, and how long it took."""

    evidence: Evidence
    counts: Mapping[str, int]
    seconds: float


async def ran(size: Size, seed: int, folder: Path, *, forgets: bool = False) -> Outcome:
    """One run in a folder; `forgets` takes its journal from every gateway that starts."""
    began = time.monotonic()
    limits = httpx.Limits(max_connections=None)
    async with simulated(folder) as crms, httpx.AsyncClient(trust_env=False, timeout=PATIENCE, limits=limits) as http:
        gateway = Gateway(folder, {**crms.environment, **settings(DEADLINE, TIMEOUT)}, forgets=forgets)
        try:
            await gateway.start()
            run = Run(size, seed, gateway, crms, Client(gateway, http))
            await run.storm(await run.introduced())
            await run.recovery()
            await run.ask_again()
            evidence = await run.evidence()
            # Whoever wants to know how a rule came to be broken finds everything here.
            (folder / "evidence.json").write_bytes(orjson.dumps(evidence, default=list))
            return Outcome(evidence, await crms.counts(), time.monotonic() - began)
        finally:
            await gateway.kill()


class Run:
    """The parts of a run, in their order."""

    def __init__(self, size: Size, seed: int, gateway: Gateway, crms: Simulated, client: Client) -> None:
        self._size = size
        self._seed = seed
        self._gateway = gateway
        self._crms = crms
        self._client = client
        self._heard: list[Heard] = []
        self._asked = 0
        self._moments = frozenset(self._chance("kills").sample(range(1, size.operations), size.kills))
        self._due: asyncio.Queue[int] = asyncio.Queue()
        self._later: list[asyncio.Task[None]] = []

    async def introduced(self) -> list[Known]:
        """People whom all CRMs know, made while all is well."""
        heard = [Heard(introduction(number)) for number in range(self._size.known)]
        self._heard += heard
        made: dict[str, str] = {}

        async def introduce(one: Heard) -> None:
            made[one.asked.email] = (await self._client.ask(one, "contact { id }"))["contact"]["id"]

        await _each(heard, 8, introduce)
        await asyncio.sleep(LAG)
        return [Known(id, email) for email, id in made.items()]

    async def storm(self, known: Sequence[Known]) -> None:
        """Ask everything while calls fail and gateways die."""
        asked = operations(self._size.operations, known, self._chance("operations"))
        heard = [Heard(one) for one in asked]
        self._heard += heard
        await self._crms.storm(self._seed, self._size.share)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kill())
            group.create_task(_each(heard, self._size.clients, self._ask))
        await self._crms.calm()

    async def recovery(self) -> None:
        """Wait until whoever has a key is answered and no step is open, or for as long as that may take."""
        ends = time.monotonic() + RECOVERS_WITHIN
        if self._later:
            _, late = await asyncio.wait(self._later, timeout=RECOVERS_WITHIN)
            for task in late:
                task.cancel()
            for ended in await asyncio.gather(*self._later, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
        while time.monotonic() < ends:
            if all(step.state in SETTLED for step in await written(self._gateway.store)):
                return
            await asyncio.sleep(1)

    async def ask_again(self) -> None:
        """Ask some of those that were answered once more with their keys."""
        chance = self._chance("again")
        answered = [one for one in self._heard if one.asked.key and any(one.answers) and chance.random() < ASKED_TWICE]
        await _each(answered, 8, self._client.ask)

    async def evidence(self) -> Evidence:
        """What there is to judge by."""
        answer = await self._client.graph(_PENDING)
        steps = [(one["id"], step) for one in answer["data"]["pendingWrites"] for step in one["steps"]]
        listed = {(id, step["source"]) for id, step in steps if step["state"] == UNKNOWN}
        return Evidence(self._heard, await self._crms.records(), await written(self._gateway.store), frozenset(listed))

    async def _ask(self, heard: Heard) -> None:
        self._asked += 1
        if self._asked in self._moments:
            self._due.put_nowait(self._asked)
        await self._client.ask(heard)
        if heard.asked.key is not None and not heard.answers:
            self._later.append(asyncio.create_task(self._client.ask_until_answered(heard)))

    async def _kill(self) -> None:
        """Kill the gateway at moments drawn by chance, also while it is coming up, and start it anew."""
        chance = self._chance("delays")
        for _ in range(self._size.kills):
            await self._due.get()
            await asyncio.sleep(chance.uniform(0, 1))
            await self._gateway.kill()
            await self._gateway.start()

    def _chance(self, what: str) -> Random:
        return Random(f"{self._seed} {what}")


async def _each(items: Sequence[Heard], width: int, do: Callable[[Heard], Awaitable[object]]) -> None:
    """Do it for each, so many at once, in their order."""
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            await do(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(width):
            group.create_task(work())
