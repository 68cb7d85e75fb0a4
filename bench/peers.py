"""The servers that are measured: how each is started over one upstream, with two workers."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from bench.installing import TAILCALL
from bench.ports import free_port
from bench.processes import running, wait_for

HERE = Path(__file__).parent

_CONFIGURATION = """\
sources:
  bench:
    connector: ./upstream.yaml
    base_url: {upstream}
    allow_private: true
    limits: {{concurrency: 256}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers GraphQL at `url`; `process` is the root of its processes."""

    name: str
    url: str
    process: int


@contextmanager
def crmgraph(upstream: str, folder: Path) -> Iterator[Server]:
    """The gateway as a default install serves it."""
    (folder / "upstream.yaml").write_text((HERE / "upstream.yaml").read_text())
    (folder / "crmgraph.yaml").write_text(_CONFIGURATION.format(upstream=upstream))
    port = free_port()
    command = [sys.executable, "-m", "crmgraph", "serve", "--port", port, "--workers", 2]
    with running(command, folder, "crmgraph.log") as process:
        wait_for(f"http://127.0.0.1:{port}/health/ready", 30, "crmgraph")
        yield Server("crmgraph", f"http://127.0.0.1:{port}/graphql", process)


@contextmanager
def baseline(upstream: str, folder: Path) -> Iterator[Server]:
    """The plainly written server under uvicorn."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.baseline:app", "--port", port, "--workers", 2]
    command += ["--log-level", "warning", "--no-access-log"]
    environment = {"BENCH_UPSTREAM": upstream, "PYTHONPATH": str(HERE.parent)}
    with running(command, folder, "baseline.log", environment) as process:
        wait_for(f"http://127.0.0.1:{port}/graphql", 30, "The baseline")
        yield Server("baseline", f"http://127.0.0.1:{port}/graphql", process)


@contextmanager
def tailcall(upstream: str, folder: Path) -> Iterator[Server]:
    """Tailcall, which batches by itself; it does not write a line for each call, as it otherwise would."""
    port = free_port()
    configuration = Template((HERE / "tailcall.graphql").read_text()).substitute(port=port, upstream=upstream)
    (folder / "tailcall.graphql").write_text(configuration)
    environment = {"TAILCALL_TRACKER": "false", "TAILCALL_LOG_LEVEL": "error"}
    with running([TAILCALL.program, "start", "tailcall.graphql"], folder, "tailcall.log", environment) as process:
        wait_for(f"http://127.0.0.1:{port}/graphql", 30, "Tailcall")
        yield Server("tailcall", f"http://127.0.0.1:{port}/graphql", process)


PEERS: dict[str, Callable[[str, Path], AbstractContextManager[Server]]] = {
    "crmgraph": crmgraph,
    "tailcall": tailcall,
    "baseline": baseline,
}
