"""How often several workers renew tokens that end for all of them at once: a CRM, a store, processes, and counts."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.renewer import KEYS, LOCATION, SOURCE, AheadClock
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.leadconnector_oauth import Tokens as Given
from crmgraph.demo.people import world
from crmgraph.demo.serving import serving
from crmgraph.service.tokens import Tokens
from crmgraph.store.database import Database
from crmgraph.store.tokens import DatabaseTokens
from crmgraph.store.vault import Vault
from crmgraph.store.worker import new_worker

DAY = 86_400.0

ENDLESS = 1_000_000_000

PATIENCE = 60.0
"""Seconds that a worker may take for its answer."""


@dataclass
class Crm:
    """The simulated CRM and where it is; its clock is `clock`."""

    clock: AheadClock
    given: Given
    base_url: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What rounds came to: how many had how many renewals, and how often each status was answered."""

    renewals: Counter[int] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def exact(self) -> bool:
        """Whether every round had one renewal and every call was answered well."""
        return set(self.renewals) == {1} and set(self.answers) == {"200"}


class Renewer:
    """A worker process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def heard(self) -> str:
        """Its next line."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            return (await self.process.stdout.readline()).decode().strip()

    def asked(self, ahead: float) -> None:
        """Have it call, its clock being so many seconds ahead."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{ahead}\n".encode())


@asynccontextmanager
async def crm() -> AsyncIterator[Crm]:
    """A CRM that nobody can ask too often."""
    clock = AheadClock()
    one = leadconnector(world(), clock=clock.now, rate_limit=ENDLESS)
    async with serving({"crm": one.app}) as urls:
        yield Crm(clock, one.state.tokens, urls["crm"])


@asynccontextmanager
async def renewers(crm: Crm, url: str, ways: Sequence[str]) -> AsyncIterator[list[Renewer]]:
    """A connected store, and a worker for each way of keeping tokens; whoever is left at the end is killed."""
    await connect(crm, url)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(renewer(crm, url, way)) for way in ways]


@asynccontextmanager
async def renewer(crm: Crm, url: str, way: str) -> AsyncIterator[Renewer]:
    """A worker, once it is ready; at the end it is killed."""
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "bench.renewer", crm.base_url, url, way]
    environment = {"PYTHONPATH": ":".join([str(Path(__file__).parents[1]), *sys.path])}
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=environment)
    one = Renewer(process)
    try:
        assert await one.heard() == "ready"
        yield one
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def rounds(
    crm: Crm, workers: Sequence[Renewer], count: int, say: Callable[[str], None] = lambda _: None
) -> Figures:
    """So many ends of the tokens, in turn by the clock (a day has passed) and by the CRM, which takes them no more."""
    figures = Figures()
    for number in range(count):
        if number % 2:
            crm.given.expire()
        else:
            crm.clock.ahead += DAY
        before = crm.given.refreshes
        for one in workers:
            one.asked(crm.clock.ahead)
        for said in await asyncio.gather(*(one.heard() for one in workers)):
            figures.answers.update(said.split())
        figures.renewals[crm.given.refreshes - before] += 1
        if (number + 1) % 50 == 0:
            say(f"  {number + 1} rounds")
    return figures


async def connect(crm: Crm, url: str) -> None:
    """Keep tokens that the CRM takes for a day."""
    database = Database(url)
    store = DatabaseTokens(
        database, new_worker(crm.clock, lambda size: bytes(size)), Vault(KEYS, lambda size: bytes(size))
    )
    access, refresh = crm.given.issue("Location"), crm.given.start("Location")
    ends = datetime.now(UTC) + timedelta(seconds=crm.clock.ahead + DAY)
    await store.connect(SOURCE, LOCATION, Tokens(access, refresh, ends - timedelta(minutes=15), ends))
    await database.aclose()


async def measured(url: str, workers: int, count: int, way: str, say: Callable[[str], None]) -> Figures:
    """Rounds of so many workers over one store."""
    async with crm() as one, renewers(one, url, [way] * workers) as running:
        return await rounds(one, running, count, say)


def told(name: str, figures: Figures, workers: int) -> str:
    """What is printed."""
    counts = ", ".join(f"{rounds} rounds with {renewals}" for renewals, rounds in sorted(figures.renewals.items()))
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(figures.answers.items()))
    return f"{name}, {workers} workers: renewals: {counts}; answers: {answers}"
