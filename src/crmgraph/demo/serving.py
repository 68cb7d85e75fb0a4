"""Serving apps over real sockets inside this event loop, and stopping them at once, whatever still hangs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crmgraph.demo.faults import TRANSPORT


class OpenProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also shows each request its connection's transport, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As in uvicorn's own class.
        super().connection_made(transport)
        self.app = _shown(self.app, transport)


def _shown(inner: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**scope.get("extensions", {}), TRANSPORT: transport}
        try:
            await inner(scope, receive, send)
        except asyncio.CancelledError:
            # Only `_stop` cancels, after cutting the connection; uvicorn would log this as the app's failure.
            return

    return app


@asynccontextmanager
async def serving(
    apps: Mapping[str, ASGIApp], host: str = "127.0.0.1", ports: Mapping[str, int] | None = None
) -> AsyncIterator[Mapping[str, str]]:
    """Serve each app and give its base URL by name ("http://127.0.0.1:40001"); a name without a port gets a free one.

    On leaving, open connections are cut and running requests cancelled. Raises OSError when a port is taken.
    """
    async with AsyncExitStack() as stack:
        urls = {}
        for name, app in apps.items():
            listener = stack.enter_context(_listener(host, (ports or {}).get(name, 0)))
            await stack.enter_async_context(_served(app, listener))
            urls[name] = f"http://{host}:{listener.getsockname()[1]}"
        yield urls


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


@asynccontextmanager
async def _served(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """One running server. It is started and stopped by hand: its own loop would catch signals and stop slowly."""
    config = Config(app, http=OpenProtocol, ws="none", lifespan="off", log_config=None, access_log=False)
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield
    finally:
        await _stop(server)


async def _stop(server: Server) -> None:
    """Take no more connections, cut the open ones, and wait for the cancelled requests to be gone."""
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        if connection.transport is not None:
            connection.transport.abort()
    await asyncio.sleep(0)  # The connections learn of it now, and requests that wait for their client end.
    running = list(server.server_state.tasks)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
