"""Tailcall: a gateway in Rust, told by `tailcall.graphql` what to ask. npm brings its program."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from bench.installing import Package, install
from bench.peers.server import WORKERS, Peer, Server
from bench.ports import free_port
from bench.processes import running, wait_for
from bench.upstreams import Upstream

PACKAGE = Package(
    "tailcall",
    {"@tailcallhq/core-linux-x64-gnu": "1.0.0"},
    proof="@tailcallhq/core-linux-x64-gnu/bin/tailcall",
)

# It reports its use to its makers, and writes a line for each call; neither is wanted here.
_ENVIRONMENT = {"TAILCALL_TRACKER": "false", "TAILCALL_LOG_LEVEL": "error"}


@contextmanager
def start(upstream: Upstream, folder: Path) -> Iterator[Server]:
    """Tailcall with batched owners."""
    port = free_port()
    template = Template(Path(__file__).with_suffix(".graphql").read_text())
    (folder / "tailcall.graphql").write_text(template.substitute(port=port, workers=WORKERS, upstream=upstream.url))
    with running([PACKAGE.program, "start", "tailcall.graphql"], folder, "tailcall.log", _ENVIRONMENT) as process:
        wait_for(f"http://127.0.0.1:{port}/graphql", 120, "Tailcall")
        yield Server("tailcall", f"http://127.0.0.1:{port}/graphql", process)


TAILCALL = Peer("tailcall", start, lambda: install(PACKAGE))
