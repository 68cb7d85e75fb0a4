"""Hive Gateway over a supergraph that Mesh composes from `openapi.json`. npm brings both."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.installing import Package, install
from bench.peers.server import WORKERS, Peer, Server
from bench.ports import free_port
from bench.processes import running, wait_for
from bench.upstreams import Upstream

PACKAGE = Package(
    "hive",
    {
        "@graphql-hive/gateway": "2.15.1",
        "@graphql-mesh/compose-cli": "1.8.2",
        "@graphql-mesh/transport-rest": "0.12.2",
        "@omnigraph/openapi": "0.112.4",
        "graphql": "16.15.0",
    },
    overrides={"@graphql-tools/delegate": "12.2.0"},
    proof="@graphql-hive/gateway/dist/bin.js",
)

_HERE = Path(__file__).parent


@contextmanager
def start(upstream: Upstream, folder: Path) -> Iterator[Server]:
    """Hive Gateway with one process for each worker."""
    port, supergraph = free_port(), folder / "supergraph.graphql"
    _compose(upstream.url, supergraph)
    command = ["node", PACKAGE.program, "supergraph", supergraph, "--fork", WORKERS, "-h", "127.0.0.1", "-p", port]
    with running(command, folder, "hive.log", {"NODE_ENV": "production"}) as process:
        wait_for(f"http://127.0.0.1:{port}/healthcheck", 120, "Hive Gateway")
        yield Server("hive", f"http://127.0.0.1:{port}/graphql", process)


def _compose(upstream: str, supergraph: Path) -> None:
    """Mesh finds its packages beside its configuration, so this is copied to where they were installed."""
    for name in ("mesh.config.mjs", "openapi.json"):
        shutil.copy(_HERE / name, PACKAGE.home)
    command = ["node", "node_modules/.bin/mesh-compose", "-o", str(supergraph)]
    environment = {**os.environ, "BENCH_UPSTREAM": upstream}
    subprocess.run(command, cwd=PACKAGE.home, env=environment, check=True, capture_output=True)


HIVE = Peer("hive", start, lambda: install(PACKAGE))
