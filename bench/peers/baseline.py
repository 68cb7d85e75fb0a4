"""The baseline: `plain.py` under uvicorn."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peers.server import WORKERS, Peer, Server
from bench.ports import free_port
from bench.processes import running, wait_for
from bench.upstreams import Upstream

ROOT = Path(__file__).parents[2]


@contextmanager
def start(upstream: Upstream, folder: Path) -> Iterator[Server]:
    """The plainly written server."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.peers.plain:app", "--port", port, "--workers", WORKERS]
    command += ["--log-level", "warning", "--no-access-log"]
    environment = {"BENCH_UPSTREAM": upstream.url, "PYTHONPATH": str(ROOT)}
    with running(command, folder, "baseline.log", environment) as process:
        wait_for(f"http://127.0.0.1:{port}/graphql", 120, "The baseline")
        yield Server("baseline", f"http://127.0.0.1:{port}/graphql", process)


BASELINE = Peer("baseline", start)
