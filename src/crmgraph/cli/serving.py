"""`serve`."""

import os
import secrets
import socket
import sys
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp
from uvicorn import Config, Server

from crmgraph.cli import logs
from crmgraph.cli.building import building
from crmgraph.cli.ending import say, told
from crmgraph.cli.listening import Punctual, listener
from crmgraph.cli.measuring import measured
from crmgraph.cli.settings import checked
from crmgraph.cli.signals import Watch, deaf_at_first, heed
from crmgraph.cli.succession import Application, Succession
from crmgraph.config.secrets import secrets_of
from crmgraph.domain.errors import InputError
from crmgraph.web.hosts import is_loopback

_PATH = "CRMGRAPH_CONFIG_FILE"
_KEY = "CRMGRAPH__SERVER__CURSOR_KEY"
_HOST = "CRMGRAPH__SERVER__HOST"
_WORKERS = "CRMGRAPH__SERVER__WORKERS"

_RIGHT = "Say in the configuration how callers prove who they are, or listen on 127.0.0.1."

LOOP: Final = "asyncio" if sys.platform == "win32" else "uvloop"
"""The event loop; uvloop, where it can be had, answers about a third more."""

KEEP = 30
"""Seconds that an idle connection is kept."""


def serve(path: Path, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve until told to stop. What is wrong with the configuration or the address is told before anything is done."""
    with building():
        found = checked(path)
    host, port = host or found.server.host, found.server.port if port is None else port
    if found.auth is None and not is_loopback(host):
        raise InputError(f"Without `auth` everybody who reaches {host} could read and write your CRMs. {_RIGHT}")
    answering = Answering()
    metrics = measured(found.telemetry.metrics_host, found.telemetry.metrics_port, answering.processes)
    with listener(host, port) as open_port, metrics as metrics_port:
        if found.server.cursor_key is None:
            # Every worker must open the cursors that another one sealed, so they are all given one key.
            os.environ.setdefault(_KEY, secrets.token_hex(32))
        workers = workers or found.server.workers
        # Every worker must know how many share a CRM's rate.
        os.environ[_PATH], os.environ[_HOST], os.environ[_WORKERS] = str(path), host, str(workers)
        address = f"http://{f'[{host}]' if ':' in host else host}:{open_port.getsockname()[1]}"
        console = "console at /, graph at /graphql" if found.server.console else "graph at /graphql"
        say(f"Serving {', '.join(one.name for one in found.sources)} at {address} ({console}).")
        if metrics_port is not None:
            say(f"Metrics are at http://{found.telemetry.metrics_host}:{metrics_port}/metrics.")
        run(open_port, workers, found.server.within, answering)


class Answering:
    """Who answers: this process, or the workers that it watches over."""

    def __init__(self) -> None:
        self.workers: Watch | None = None

    def processes(self) -> list[int]:
        """Their numbers."""
        if self.workers is None:
            return [os.getpid()]
        return [one.pid for one in self.workers.processes if one.pid is not None]


def run(open_port: socket.socket, workers: int, within: float, answering: Answering) -> None:
    """Run uvicorn over the application that the environment names, until a signal ends it; then there are `within`
    seconds for the last answers.
    """
    config = Config(
        "crmgraph.cli.serving:application",
        factory=True,
        loop=LOOP,
        http=Punctual,
        ws="none",
        # Nothing here asks who the caller is, so nobody need work it out.
        proxy_headers=False,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP,
        timeout_graceful_shutdown=ceil(within),
    )
    deaf_at_first()
    with suppress(KeyboardInterrupt):
        if workers == 1:
            Server(config).run(sockets=[open_port])
        else:
            answering.workers = Watch(config, [open_port], Path(os.environ[_PATH]))
            answering.workers.run()


def application() -> ASGIApp:
    """One worker's applications, one after another, each from the environment that `serve` left."""
    logs.configure(level="info")
    with told():
        applications = Succession(_built)
    heed(applications)
    return applications


def _built() -> Application:
    with building():
        # Imported here because a process that only watches over workers needs none of it.
        from crmgraph.app import App
        from crmgraph.cli.examples import EXAMPLES

        found = checked(Path(os.environ[_PATH]))
        logs.configure(level=found.telemetry.log, secrets=secrets_of(found))
        app = App(found)
        return Application(app.web(EXAMPLES), app.running, app.stop_soon, found.server.notice)
