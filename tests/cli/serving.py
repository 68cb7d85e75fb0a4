"""A real server in the test's own loop, and waiting for what it tells nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.types import ASGIApp
from uvicorn import Config, Server

from crmgraph.cli.listening import Punctual, listener


@asynccontextmanager
async def serving(app: ASGIApp, protocol: type[Punctual] = Punctual) -> AsyncIterator[tuple[Server, tuple[str, int]]]:
    """A server in this loop, and where it is."""
    config = Config(app, http=protocol, lifespan="off", log_config=None)
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    with listener("127.0.0.1", 0) as open_port:
        address = open_port.getsockname()
        await server.startup(sockets=[open_port])
        try:
            yield server, address
        finally:
            for one in server.servers:
                one.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110  # The server tells no events.
            await asyncio.sleep(0.01)
