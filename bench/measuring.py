"""One measurement: the load, and what the server and the upstream had to do for it."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import load
from bench.peers import Server
from bench.tree import used
from bench.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Measured:
    """Per second, in milliseconds, calls per request, in bytes; `failed` counts requests."""

    rate: float
    p50: float
    p99: float
    failed: float
    cpu: float
    calls: float
    memory: float


def measure(server: Server, upstream: Upstream, question: str, connections: int, seconds: int) -> Measured:
    """Put the server under load for so many seconds."""
    before, asked = used(server.process), upstream.calls()
    heard = load(server.url, question, connections, seconds)
    settle(server)
    after, calls = used(server.process), upstream.calls() - asked - 1
    requests = max(heard.requests, 1)
    return Measured(
        rate=heard.requests / heard.seconds,
        p50=heard.p50,
        p99=heard.p99,
        failed=heard.failed,
        cpu=(after.cpu - before.cpu) * 1000 / requests,
        calls=calls / requests,
        memory=after.memory,
    )


def settle(server: Server, seconds: float = 10) -> None:
    """Wait until the server rests, for so many seconds at the most: it may still answer those who are gone."""
    until, busy = time.monotonic() + seconds, used(server.process).cpu
    while time.monotonic() < until:
        time.sleep(0.2)
        was, busy = busy, used(server.process).cpu
        if busy - was < 0.02:
            return


def middle(rounds: Sequence[Measured]) -> Measured:
    """The median of each figure over the rounds."""
    names = Measured.__dataclass_fields__
    return Measured(**{name: statistics.median(getattr(one, name) for one in rounds) for name in names})
