"""Whether memory stays flat: one server under load for very many requests."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.gateway_alone import gateway
from bench.load import load
from bench.measuring import settle
from bench.peers.server import Server
from bench.tree import used

AIM = 1.05
"""The most that the memory at the end may be, over that after the warm-up."""

WARM = 0.05
"""The share of the requests after which the server counts as warm."""

SLICE = 10.0
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Look:
    """How many requests had been answered, and the MiB that were resident then."""

    requests: int
    memory: float


def lasting(letter: str, requests: int, connections: int, say: Callable[[str], None]) -> list[Look]:
    """Ask one work until so many requests were answered; the first look is after the warm-up."""
    with gateway(letter) as (server, questions):
        answered, looks = 0, []
        while answered < requests:
            answered += load(server.url, questions, connections, SLICE).requests
            if answered >= WARM * requests:
                looks.append(_look(server, answered))
                say(f"  {answered:,} requests, {looks[-1].memory:,.1f} MiB")
        return looks


def told(looks: list[Look]) -> str:
    """The growth from the first look to the last, and the judgement."""
    first, last = looks[0], looks[-1]
    ratio = last.memory / first.memory
    word = "reached" if ratio <= AIM else "not reached"
    return (
        f"* Memory: {first.memory:,.0f} MiB after {first.requests:,} requests, {last.memory:,.0f} MiB after"
        f" {last.requests:,}; ≤ {AIM} × asked: {ratio:.3f}, {word}"
    )


def _look(server: Server, requests: int) -> Look:
    settle(server)
    return Look(requests, used(server.process).memory / 2**20)
