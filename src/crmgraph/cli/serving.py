"""`serve`."""

import os
import secrets
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from crmgraph.app import App
from crmgraph.cli import logs
from crmgraph.cli.ending import Code, end, say
from crmgraph.cli.examples import EXAMPLES
from crmgraph.cli.settings import settings

_PATH = "CRMGRAPH_CONFIG_FILE"
_KEY = "CRMGRAPH__SERVER__CURSOR_KEY"


def serve(path: Path, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve until told to stop. What is wrong with the configuration is told before anything is opened."""
    told = settings(path)
    host, port = host or told.server.host, told.server.port if port is None else port
    workers = workers or told.server.workers
    if told.server.cursor_key is None:
        # Every worker must open the cursors that another one sealed, so they are all given one key.
        os.environ.setdefault(_KEY, secrets.token_hex(32))
    os.environ[_PATH] = str(path)
    if not _is_loopback(host):
        say(f"Anyone who reaches {host}:{port} can read your CRMs; put something that knows its callers in front.")
    say(f"Serving {len(told.sources)} sources at http://{host}:{port} (console at /, graph at /graphql).")
    run(host, port, workers)


def run(host: str, port: int, workers: int) -> None:
    """Run uvicorn over the application that the environment names."""
    try:
        uvicorn.run(
            "crmgraph.cli.serving:application",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    except OSError as wrong:
        say(f"Cannot listen on {host}:{port}: {wrong.strerror}.")
        end(Code.USAGE)


def application() -> FastAPI:
    """One worker's application, from the environment that `serve` left."""
    logs.configure()
    return App(settings(Path(os.environ[_PATH]))).web(EXAMPLES)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
