"""What a run measures."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Works by their letters, peers by name, connections, and latencies in ms.

    Each is measured for `seconds` in one round; with 16 connections and no latency, which is what is judged, in
    `rounds`.
    """

    works: str
    peers: Sequence[str]
    connections: Sequence[int]
    latencies: Sequence[int]
    seconds: float
    rounds: int

    def rounds_of(self, work: str, latency: int, connections: int) -> int:
        return self.rounds if is_judged(latency, connections) else 1

    def latencies_of(self, work: str) -> Sequence[int]:
        """`{ __typename }` asks no upstream."""
        return self.latencies if work != "e" else self.latencies[:1]


def is_judged(latency: int, connections: int) -> bool:
    return latency == 0 and connections == 16
