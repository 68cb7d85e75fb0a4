"""How much of a CRM's allowance worker processes use together, and how often the CRM has to send them away."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.ports import free_port
from bench.processes import running, wait_for
from crmgraph.demo.leadconnector import INTERVAL, leadconnector
from crmgraph.demo.people import world
from crmgraph.demo.serving import serving
from crmgraph.demo.stage import now

WORKERS = 4

CLIENTS = 48
"""Who asks, each again as soon as it is answered: more than the workers may ask at once."""

ALLOWANCE = 100
"""Calls that the CRM lets pass in each window of INTERVAL seconds."""

USED = 0.9
"""The least share of the allowance that must be used."""

REFUSED = 0.01
"""The greatest share of the calls that may be answered 429."""

CONFIGURATION = """\
sources:
  sales:
    connector: leadconnector
    base_url: ${BENCH_UPSTREAM}
    token: ${BENCH_TOKEN}
    location_id: demoLocation00000001
    allow_private: true
    limits: {timeout: 30, total: 60}
identity: {index: off}
server: {deadline: 60, console: false}
"""

QUESTION = '{ contact(by: {record: {source: "sales", id: "%s"}}) { displayName } }'


@dataclass
class Counted:
    """The CRM, and when it answered what: readings of the monotonic clock, and statuses."""

    inner: ASGIApp
    answers: list[tuple[float, int]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answers.append((time.monotonic(), message["status"]))
            await send(message)

        await self.inner(scope, receive, counted)

    def figures(self, start: float, windows: int) -> "Figures":
        """What was answered in so many windows."""
        end = start + windows * INTERVAL
        within = [status for at, status in self.answers if start <= at < end]
        return Figures(windows * ALLOWANCE, len(within), within.count(429))


@dataclass(frozen=True, slots=True)
class Figures:
    """How many calls were allowed, how many came, and how many of them were too many."""

    allowed: int
    came: int
    refused: int

    @property
    def used(self) -> float:
        """The share of the allowance that was used."""
        return (self.came - self.refused) / self.allowed

    @property
    def sent_away(self) -> float:
        """The share of the calls that were refused."""
        return self.refused / max(1, self.came)

    @property
    def reached(self) -> bool:
        return self.used >= USED and self.sent_away <= REFUSED


@dataclass(frozen=True, slots=True)
class Way:
    """How workers share: one gateway with all of them or, `apart`, a gateway for each; what else they are told; and
    what is done to them half way.
    """

    name: str
    told: Mapping[str, str] = field(default_factory=dict)
    apart: bool = False
    half_way: Callable[[], None] | None = None


def measured(way: Way, windows: int, say: Callable[[str], None]) -> list[Figures]:
    """The figures of all windows but the first one; where something was done half way, those before and after it."""
    with TemporaryDirectory(prefix="bench-") as folder:
        return asyncio.run(_measured(way, windows, Path(folder), say))


async def _measured(way: Way, windows: int, folder: Path, say: Callable[[str], None]) -> list[Figures]:
    crm = leadconnector(world(), clock=now, rate_limit=ALLOWANCE)
    counted = Counted(crm.app)
    async with serving({"crm": counted}) as urls:
        environment = {"BENCH_UPSTREAM": urls["crm"], "BENCH_TOKEN": crm.token, **way.told}
        started = ExitStack()
        gateways = await asyncio.to_thread(started.enter_context, _gateways(way, folder, environment))
        try:
            say(f"  {way.name}: {WORKERS} workers, {windows + 1} windows of {INTERVAL:g} s")
            async with _asking(gateways, list(crm.state.contacts)):
                return await _watched(way, windows, counted)
        finally:
            await asyncio.to_thread(started.close)


async def _watched(way: Way, windows: int, counted: Counted) -> list[Figures]:
    start = time.monotonic() + INTERVAL
    if way.half_way is None:
        await asyncio.sleep((windows + 1) * INTERVAL)
        return [counted.figures(start, windows)]
    await asyncio.sleep((windows // 2 + 1) * INTERVAL)
    way.half_way()
    await asyncio.sleep((windows - windows // 2 + 1) * INTERVAL)
    after = start + (windows // 2 + 1) * INTERVAL
    return [counted.figures(start, windows // 2), counted.figures(after, windows - windows // 2)]


@contextmanager
def _gateways(way: Way, folder: Path, environment: Mapping[str, str]) -> Iterator[list[str]]:
    """The addresses where the workers answer."""
    with ExitStack() as stack:
        urls = []
        for at in range(WORKERS if way.apart else 1):
            urls.append(stack.enter_context(_gateway(folder / str(at), 1 if way.apart else WORKERS, environment)))
        yield urls


@contextmanager
def _gateway(folder: Path, workers: int, environment: Mapping[str, str]) -> Iterator[str]:
    folder.mkdir()
    (folder / "crmgraph.yaml").write_text(CONFIGURATION)
    port = free_port()
    command = [sys.executable, "-m", "crmgraph", "serve", "--port", port, "--workers", workers]
    with running(command, folder, "crmgraph.log", environment):
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/livez", 120, "crmgraph")
        yield f"{url}/graphql"


@asynccontextmanager
async def _asking(urls: list[str], records: list[str]) -> AsyncIterator[None]:
    """Clients with a connection each, who ask for one contact after another."""
    following = cycle(records)

    async def client(url: str) -> None:
        async with httpx.AsyncClient(timeout=120) as one:
            while True:
                with suppress(httpx.HTTPError):
                    await one.post(url, json={"query": QUESTION % next(following)})
                await asyncio.sleep(0.01)  # Whoever is refused at once does not keep everybody else from the processor.

    tasks = [asyncio.create_task(client(url)) for _, url in zip(range(CLIENTS), cycle(urls), strict=False)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def told(name: str, figures: Figures, word: str) -> str:
    """One line of what was found, and the judgement."""
    return (
        f"* {name}: {figures.used:.1%} of the allowance used, {figures.sent_away:.1%} of {figures.came} calls answered"
        f" 429; ≥ {USED:.0%} and ≤ {REFUSED:.0%} asked: {word}"
    )
