"""Many tags at once on one person, through two gateways that share a store."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.chaos.asking import Client
from tests.chaos.gateway import Gateway, settings
from tests.chaos.history import DONE, Asked, Heard, Held
from tests.chaos.operations import SOURCES, introduction
from tests.chaos.running import LAG
from tests.chaos.simulated import simulated

GATEWAYS = 2
ATTEMPTS = 5

DEADLINE = 300.0
"""Seconds for one operation, and for one call: the last in the queue waits for all that came before it."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """What became of it: what was heard, the person's records, and how long it took (seconds)."""

    heard: Sequence[Heard]
    records: Sequence[Held]
    seconds: float

    def again(self) -> int:
        """How often a tag was asked for again, because a source was busy or could not be asked."""
        return sum(len(heard.answers) - 1 for heard in self.heard)

    def missing(self) -> dict[str, list[str]]:
        """A source's name → the tags that are not in its record."""
        asked = [tag for heard in self.heard for tag in heard.asked.values["tags"]]
        return {record.source: [tag for tag in asked if tag not in record.values["tags"]] for record in self.records}


async def tagged(folder: Path, count: int) -> Tagged:
    """Add so many different tags to one person at the same time."""
    async with AsyncExitStack() as stack:
        crms = await stack.enter_async_context(simulated(folder))
        limits = httpx.Limits(max_connections=None)
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=DEADLINE, limits=limits))
        clients = [await _client(stack, folder, number, crms.environment, http) for number in range(GATEWAYS)]
        known = Heard(introduction(0))
        id = (await clients[0].ask(known, "contact { id }"))["contact"]["id"]
        await asyncio.sleep(LAG)
        heard = [Heard(tag(f"mark-{number:05}", id, known.asked.email)) for number in range(count)]
        began = time.monotonic()
        await asyncio.gather(*(_ask(clients[number % GATEWAYS], one) for number, one in enumerate(heard)))
        took = time.monotonic() - began
        records = [one for one in await crms.records() if known.asked.email in one.emails]
        return Tagged(heard, records, took)


async def _ask(client: Client, heard: Heard) -> None:
    """Ask, and ask again while a source says that nothing happened there, or says nothing."""
    for _ in range(ATTEMPTS):
        await client.ask(heard)
        if sum(told.outcome in DONE for told in heard.answers[-1]) == len(SOURCES):
            return


async def _client(
    stack: AsyncExitStack, folder: Path, number: int, environment: dict[str, str], http: httpx.AsyncClient
) -> Client:
    gateway = Gateway(folder, {**environment, **settings(DEADLINE, DEADLINE)}, name=f"gateway-{number}")
    stack.push_async_callback(gateway.kill)
    await gateway.start()
    return Client(gateway, http)


def tag(mark: str, id: str, email: str) -> Asked:
    """One tag for a person, by the graph's id."""
    return Asked(mark, "addTags", email, {"tags": (mark,)}, {"id": id, "tags": [mark]})
