"""Whether memory comes back: runs of far more load than is welcome, each with a calm behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.gateway_alone import gateway
from bench.load import load
from bench.measuring import settle
from bench.tree import used

AIM = 1.05
"""The most that the memory after the last run may be, over that after the first."""

WELCOME = 64
"""So many clients at once are welcome; a run has five times as many."""


@dataclass(frozen=True, slots=True)
class Run:
    """How many requests were answered, the share that was refused, and the MiB that were resident in the calm."""

    requests: int
    refused: float
    memory: float


def soaking(runs: int, seconds: float, say: Callable[[str], None]) -> list[Run]:
    """Load the gateway five times over and let it rest, again and again."""
    # Pages that differ, so that little is shared.
    with gateway("d") as (server, questions):
        found = []
        for _ in range(runs):
            heard = load(server.url, questions, 5 * WELCOME, seconds)
            settle(server)
            memory = used(server.process).memory / 2**20
            found.append(Run(heard.requests, heard.failed / max(heard.requests, 1), memory))
            say(f"  {found[-1].requests:,} requests, {found[-1].refused:.0%} refused, {memory:,.1f} MiB in the calm")
        return found


def told(found: list[Run]) -> str:
    """The growth from the first run to the last, and the judgement."""
    first, last = found[0], found[-1]
    ratio = last.memory / first.memory
    requests = sum(one.requests for one in found)
    return (
        f"* Soak: {len(found)} runs of {5 * WELCOME} clients, {requests:,} requests; in the calm {first.memory:,.0f}"
        f" MiB after the first, {last.memory:,.0f} MiB after the last; ≤ {AIM} × asked: {ratio:.3f},"
        f" {'reached' if ratio <= AIM else 'not reached'}"
    )
