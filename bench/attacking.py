"""Whether a gateway holds when it is asked badly: no failure of its own, no hang, no growth, and nobody else waits."""

import asyncio
import gc
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from starlette.types import ASGIApp, Message

from bench.lagging import Lag

TOGETHER = 16
"""How many are asked at once."""

PATIENCE = 20.0
"""Seconds after which a request counts as hung."""

LATE = 0.1
"""Seconds that the loop may be late in 99 of 100 looks."""

GROWTH = 1.03
"""The most that the memory at the end may be, over that after the warm-up."""

WARM = 0.7
"""The share of the requests after which the gateway counts as warm: what it remembers is full by then."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that went wrong: its body, and what became of it."""

    body: bytes
    why: str


@dataclass(slots=True)
class Report:
    """What became of an attack. `p99` and `worst` are the loop's lag in seconds, `busy` its CPU in 99 of 100 looks;
    `memory` is how much the process grew, as a ratio.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[Failed] = field(default_factory=list)
    p99: float = 0.0
    busy: float = 0.0
    worst: float = 0.0
    memory: float = 1.0

    @property
    def sent(self) -> int:
        return self.statuses.total()

    @property
    def holds(self) -> bool:
        """Whether all that is promised was kept."""
        return not self.failed and self.p99 < LATE and self.memory <= GROWTH


async def attack(app: ASGIApp, bodies: Iterable[bytes], count: int, patience: float = PATIENCE) -> Report:
    """Ask an application with bodies, so many of which are to come, some at once."""
    report, waiting, lag = Report(), iter(bodies), Lag()
    await _part(app, islice(waiting, int(WARM * count)), report, patience, lag)
    warm = _resident()
    await _part(app, waiting, report, patience, lag)
    report.memory = _resident() / warm
    report.p99, report.busy, report.worst = lag.late(0.99), lag.busy(0.99), lag.late(1.0)
    return report


async def _part(app: ASGIApp, waiting: Iterator[bytes], report: Report, patience: float, lag: Lag) -> None:
    async def asking() -> None:
        for body in waiting:
            # As between two requests of a server: what is refused at once never waits by itself.
            await asyncio.sleep(0)
            await _asked(app, body, report, patience)

    async with lag:
        await asyncio.gather(*(asking() for _ in range(TOGETHER)))


async def _asked(app: ASGIApp, body: bytes, report: Report, patience: float) -> None:
    try:
        status, content = await asyncio.wait_for(ask(app, body), patience)
    except TimeoutError:
        report.statuses[0] += 1
        report.failed.append(Failed(body, f"no answer within {patience:g} seconds"))
        return
    report.statuses[status] += 1
    if status >= 500 or b'"INTERNAL"' in content:
        report.failed.append(Failed(body, f"{status} {content[:200].decode(errors='replace')}"))


async def ask(app: ASGIApp, body: bytes) -> tuple[int, bytes]:
    """Post a body to the graph; the status and the content of the answer."""
    sent: list[Message] = []
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return left.pop() if left else await asyncio.get_running_loop().create_future()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(_scope(), receive, send)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])


def _scope() -> dict[str, object]:
    headers = [
        (b"host", b"127.0.0.1"),
        (b"content-type", b"application/json"),
        (b"accept", b"application/graphql-response+json"),
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


def _resident() -> float:
    """Bytes of this process that are in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a dear document came to: seconds of CPU in which nothing else could run, and what was said of it."""

    held: float
    status: int
    told: str


async def held_up(ask_once: Callable[[], Awaitable[tuple[int, bytes]]]) -> Refusal:
    """The longest stretch of CPU that one asking takes from everybody else."""
    stretches = [0.0]
    plain = asyncio.events.Handle._run  # type: ignore[attr-defined]  # A loop has no other place to look.

    def timed(handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        plain(handle)
        stretches.append(time.thread_time() - begun)

    await asyncio.sleep(0)
    asyncio.events.Handle._run = timed  # type: ignore[attr-defined]  # As above.
    try:
        status, content = await asyncio.create_task(_all(ask_once))  # type: ignore[arg-type]  # It is a coroutine.
    finally:
        asyncio.events.Handle._run = plain  # type: ignore[attr-defined]  # As above.
    return Refusal(max(stretches), status, content[:120].decode(errors="replace"))


async def _all(ask_once: Callable[[], Awaitable[tuple[int, bytes]]]) -> tuple[int, bytes]:
    return await ask_once()


def told(name: str, report: Report) -> str:
    """A report in a line, and every request that failed in one of its own."""
    statuses = ", ".join(f"{count:,} × {status or 'nothing'}" for status, count in sorted(report.statuses.items()))
    word = "holds" if report.holds else "DOES NOT HOLD"
    lag = f"the loop {_ms(report.p99)} late at p99 (< {_ms(LATE)}; {_ms(report.busy)} of its own CPU)"
    memory = f"memory × {report.memory:.3f} (≤ {GROWTH})"
    lines = [
        f"* {name}: {report.sent:,} requests, {statuses}; {lag}, {_ms(report.worst)} at the most; {memory}; {word}"
    ]
    lines += [f"  * {one.why}: {one.body[:300]!r}" for one in report.failed[:20]]
    return "\n".join(lines)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
