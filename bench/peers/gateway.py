"""crmgraph, as a default install serves it; and again with graphql-core executing."""

import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.peers.server import WORKERS, Peer, Server
from bench.ports import free_port
from bench.processes import running, wait_for
from bench.simulated import crms
from bench.upstreams import Upstream

from crmgraph.demo import stage

_HERE = Path(__file__).parent

LISTS = f"""\
sources:
  lists:
    connector: {_HERE / "lists.yaml"}
    base_url: ${{BENCH_UPSTREAM}}
    allow_private: true
"""


def unlimited(name: str) -> dict[str, str]:
    """The variables that let a source be asked as hard as can be: not the CRM's limits are to be measured."""
    limits = f"CRMGRAPH__SOURCES__{name.upper()}__LIMITS__"
    return {f"{limits}RATE": "1000000/1s", f"{limits}CONCURRENCY": "256"}


def lists_environment(upstream: Upstream) -> dict[str, str]:
    return {"BENCH_UPSTREAM": upstream.url} | unlimited("lists")


def crms_environment(upstream: Upstream) -> dict[str, str]:
    """Nobody is sent away for being late: two ways of executing are compared, however slow the machine."""
    environment = {"CRMGRAPH__SERVER__DEADLINE": "60"} | stage.environment(upstream.urls, crms())
    for name in upstream.urls:
        environment |= unlimited(name)
    return environment


@contextmanager
def over_lists(upstream: Upstream, folder: Path) -> Iterator[Server]:
    """The gateway over the plain lists."""
    with served("crmgraph", folder, LISTS, lists_environment(upstream)) as server:
        yield server


@contextmanager
def over_crms(upstream: Upstream, folder: Path) -> Iterator[Server]:
    """The gateway over the four simulated CRMs."""
    with served("crmgraph", folder, stage.configuration(), crms_environment(upstream)) as server:
        yield server


@contextmanager
def walked_over_crms(upstream: Upstream, folder: Path) -> Iterator[Server]:
    """The same gateway, in which graphql-core executes."""
    walked = "bench.peers.walking:application"
    with served("graphql-core", folder, stage.configuration(), crms_environment(upstream), walked) as server:
        yield server


@contextmanager
def served(
    name: str, folder: Path, configuration: str, environment: Mapping[str, str], application: str | None = None
) -> Iterator[Server]:
    """The gateway of a configuration; with `application`, one that was changed to be measured or judged against."""
    (folder / "crmgraph.yaml").write_text(configuration)
    if application is not None:
        with _changed(name, application, folder, environment) as server:
            yield server
        return
    port = free_port()
    command = ["-m", "crmgraph", "serve", "--port", port, "--workers", WORKERS]
    with _running(name, command, port, folder, environment) as server:
        yield server


@contextmanager
def _changed(name: str, application: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """`crmgraph serve` has no word for it, so uvicorn serves the application, told what `serve` would tell it."""
    port = free_port()
    command = ["-m", "uvicorn", application, "--factory", "--port", port, "--workers", WORKERS]
    command += ["--log-level", "warning", "--no-access-log"]
    told = {
        "PYTHONPATH": str(_HERE.parents[1]),
        "CRMGRAPH_CONFIG_FILE": str(folder / "crmgraph.yaml"),
        "CRMGRAPH__SERVER__CURSOR_KEY": secrets.token_hex(32),
    }
    with _running(name, command, port, folder, {**environment, **told}) as server:
        yield server


@contextmanager
def _running(
    name: str, command: Sequence[object], port: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[Server]:
    address = f"http://127.0.0.1:{port}"
    with running([sys.executable, *command], folder, f"{name}.log", environment) as process:
        wait_for(f"{address}/livez", 120, name)
        yield Server(name, f"{address}/graphql", process)


CRMGRAPH = Peer("crmgraph", over_lists, is_ours=True)
MERGING = Peer("crmgraph", over_crms, is_ours=True)
WALKED = Peer("graphql-core", walked_over_crms, is_ours=True)
