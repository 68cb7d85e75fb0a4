"""Which upstream a work is done on, and by whom."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench import lists, simulated
from bench.peers.baseline import BASELINE
from bench.peers.gateway import CRMGRAPH, MERGING, WALKED
from bench.peers.hive import HIVE
from bench.peers.server import Peer
from bench.peers.tailcall import TAILCALL
from bench.upstreams import Upstream


@dataclass(frozen=True, slots=True)
class Bed:
    """An upstream, as it is served with so many ms of latency, and those who are measured on it."""

    works: str
    serving: Callable[[Path, int], AbstractContextManager[Upstream]]
    peers: Sequence[Peer]
    missing: Callable[[], str | None] = lambda: None


BEDS = (
    Bed("acde", lists.serving, (CRMGRAPH, TAILCALL, HIVE, BASELINE), lists.missing),
    Bed("b", simulated.serving, (MERGING, WALKED)),
)

NAMES = tuple(dict.fromkeys(peer.name for bed in BEDS for peer in bed.peers))
