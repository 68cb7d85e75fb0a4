"""A port of this machine to which a browser comes back from a CRM, once."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn import Config, Server

from crmgraph.cli.listening import Punctual
from crmgraph.domain.errors import InputError
from crmgraph.sources.consent import Foreign

PATH = "/callback"

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


async def came_back(port: socket.socket, path: str, code: Callable[[Mapping[str, str]], str], within: float) -> str:
    """The code that `code` finds in what a browser brings; who brings something else is sent away, and waited on.

    Raises InputError when the person did not agree, or did not come within so many seconds.
    """
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def endpoint(request: Request) -> PlainTextResponse:
        try:
            one = code(dict(request.query_params))
        except Foreign as wrong:
            return PlainTextResponse(wrong.message, 400, _HEADERS)
        except InputError as wrong:
            if not found.done():
                found.set_exception(wrong)
            return PlainTextResponse(wrong.message, 400, _HEADERS)
        if not found.done():
            found.set_result(one)
        server.should_exit = True
        return PlainTextResponse(
            "Thank you. The terminal says what was connected; this window may be closed.", 200, _HEADERS
        )

    app = Starlette(routes=[Route(path, endpoint)])
    server = Server(Config(app, http=Punctual, ws="none", lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[port]))
    try:
        async with asyncio.timeout(within):
            either: list[asyncio.Future[Any]] = [found, serving]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not found.done():
                raise KeyboardInterrupt  # The server was told to stop.
            return found.result()
    except TimeoutError:
        raise InputError(f"Nobody came back within {within:g} s; `--wait` waits longer.") from None
    finally:
        server.should_exit = True
        await serving
