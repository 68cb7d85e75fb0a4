"""The upstream of four simulated CRMs: a program that serves them from memory, and how it is started."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bench.ports import free_port
from bench.processes import running, wait_for
from bench.remembering import Remembering
from bench.upstreams import Upstream
from crmgraph.demo import stage
from crmgraph.demo.bigcontacts import bigcontacts
from crmgraph.demo.concord import concord
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.orgcrm import orgcrm
from crmgraph.demo.people import world
from crmgraph.demo.serving import serving as served
from crmgraph.demo.simulator import Simulator

ENDLESS = 1_000_000_000
"""An allowance that no load uses up."""

COUNTER = "counter"


def crms() -> dict[str, Simulator]:
    """The demo's CRMs, which nobody can ask too often."""
    cast, now = world(), datetime.now(stage.now().tzinfo)
    return {
        "bigcontacts": bigcontacts(cast, clock=lambda: now),
        "concord": concord(cast, clock=lambda: now, per_minute=ENDLESS),
        "orgcrm": orgcrm(cast, clock=lambda: now),
        "leadconnector": leadconnector(cast, clock=lambda: now, rate_limit=ENDLESS),
    }


@contextmanager
def serving(folder: Path, latency: int) -> Iterator[Upstream]:
    """Serve the four CRMs, each answer `latency` ms late."""
    ports = {name: free_port() for name in (*crms(), COUNTER)}
    command = [sys.executable, "-m", "bench.simulated", latency, *ports.values()]
    environment = {"PYTHONPATH": str(Path(__file__).parents[1])}
    with running(command, folder, "simulated.log", environment):
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        wait_for(urls[COUNTER], 30, "The simulated CRMs")
        yield Upstream(urls, urls.pop(COUNTER))


async def _serve(seconds: float, ports: list[int]) -> None:
    apps = {name: Remembering(one.app, seconds) for name, one in crms().items()}

    async def counter(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(str(sum(app.calls for app in apps.values())))(scope, receive, send)

    names = (*apps, COUNTER)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with served({**apps, COUNTER: counter}, ports=dict(zip(names, ports, strict=True))):
        await over.wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) / 1000, list(map(int, sys.argv[2:]))))
