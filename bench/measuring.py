"""One measurement: the load, and what the server and the upstream had to do for it."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields

from bench.load import load
from bench.peers.server import Server
from bench.tree import used
from bench.upstreams import Upstream

QUIET = 0.02
"""Seconds of CPU in a fifth of a second, below which a server rests."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of each kind.

    `rate` is answers without errors a second; `p50` and `p99` are milliseconds, `cpu` is milliseconds and `calls` are
    upstream calls, each for a request; `memory` is MiB after the load, `failed` the share of requests.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    calls: float
    memory: float
    failed: float


def measure(
    server: Server, upstream: Upstream, questions: Sequence[bytes], connections: int, seconds: float
) -> Measured:
    """Put the server under load for so many seconds."""
    before, asked = used(server.process), upstream.calls()
    heard = load(server.url, questions, connections, seconds)
    after, calls = used(server.process), upstream.calls() - asked - upstream.counted
    requests = max(heard.requests, 1)
    return Measured(
        rate=max(heard.requests - heard.failed, 0) / max(heard.seconds, 0.001),
        p50=heard.p50,
        p99=heard.p99,
        cpu=(after.cpu - before.cpu) * 1000 / requests,
        calls=calls / requests,
        memory=after.memory / 2**20,
        failed=heard.failed / requests,
    )


def settle(server: Server, seconds: float = 20) -> None:
    """Wait until the server rests, for so many seconds at the most: it may read what it wants to know beforehand."""
    until, busy = time.monotonic() + seconds, used(server.process).cpu
    while time.monotonic() < until:
        time.sleep(0.2)
        was, busy = busy, used(server.process).cpu
        if busy - was < QUIET:
            return


def middle(rounds: Sequence[Measured]) -> Measured:
    """The median of each figure over the rounds."""
    names = [one.name for one in fields(Measured)]
    return Measured(**{name: statistics.median(getattr(one, name) for one in rounds) for name in names})
