"""`serve`."""

import os
import secrets
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from crmgraph.cli import logs
from crmgraph.cli.building import building
from crmgraph.cli.ending import say
from crmgraph.cli.listening import Punctual, listener
from crmgraph.cli.measuring import measured
from crmgraph.cli.settings import checked, settings
from crmgraph.config.secrets import secrets_of
from crmgraph.domain.errors import InputError
from crmgraph.web.hosts import is_loopback

_PATH = "CRMGRAPH_CONFIG_FILE"
_KEY = "CRMGRAPH__SERVER__CURSOR_KEY"
_HOST = "CRMGRAPH__SERVER__HOST"

_RIGHT = "Say in the configuration how callers prove who they are, or listen on 127.0.0.1."

LAST_ANSWERS = 10
"""Seconds in which answers under way are finished after we are told to stop."""

LOOP: Final = "asyncio" if sys.platform == "win32" else "uvloop"
"""The event loop; uvloop, where it can be had, answers about a third more."""

KEEP = 30
"""Seconds that an idle connection is kept."""


def serve(path: Path, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve until told to stop. What is wrong with the configuration or the address is told before anything is done."""
    with building():
        told = checked(path)
    host, port = host or told.server.host, told.server.port if port is None else port
    if told.auth is None and not is_loopback(host):
        raise InputError(f"Without `auth` everybody who reaches {host} could read and write your CRMs. {_RIGHT}")
    answering = Answering()
    metrics = measured(told.telemetry.metrics_host, told.telemetry.metrics_port, answering.processes)
    with listener(host, port) as open_port, metrics as metrics_port:
        if told.server.cursor_key is None:
            # Every worker must open the cursors that another one sealed, so they are all given one key.
            os.environ.setdefault(_KEY, secrets.token_hex(32))
        os.environ[_PATH], os.environ[_HOST] = str(path), host
        address = f"http://{f'[{host}]' if ':' in host else host}:{open_port.getsockname()[1]}"
        console = "console at /, graph at /graphql" if told.server.console else "graph at /graphql"
        say(f"Serving {', '.join(one.name for one in told.sources)} at {address} ({console}).")
        if metrics_port is not None:
            say(f"Metrics are at http://{told.telemetry.metrics_host}:{metrics_port}/metrics.")
        run(open_port, workers or told.server.workers, answering)


class Answering:
    """Who answers: this process, or the workers that it watches over."""

    def __init__(self) -> None:
        self.workers: Multiprocess | None = None

    def processes(self) -> list[int]:
        """Their numbers."""
        if self.workers is None:
            return [os.getpid()]
        return [one.pid for one in self.workers.processes if one.pid is not None]


def run(open_port: socket.socket, workers: int, answering: Answering) -> None:
    """Run uvicorn over the application that the environment names, until a signal ends it."""
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
        timeout_graceful_shutdown=LAST_ANSWERS,
    )
    # uvicorn raises a signal again once it has stopped; to be told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with suppress(KeyboardInterrupt):
        if workers == 1:
            Server(config).run(sockets=[open_port])
        else:
            answering.workers = Multiprocess(config, sockets=[open_port])
            answering.workers.run()


def application() -> ASGIApp:
    """One worker's application, from the environment that `serve` left."""
    logs.configure(level="info")
    with building():
        # Imported here because a process that only watches over workers needs none of it.
        from crmgraph.app import App
        from crmgraph.cli.examples import EXAMPLES

        told = settings(Path(os.environ[_PATH]))
        logs.configure(level=told.telemetry.log, secrets=secrets_of(told))
        return App(told).web(EXAMPLES)
