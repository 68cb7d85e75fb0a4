"""The ways a CRM can fail, switched on and off while it runs.

A fault stands in front of a simulator's own answer. Over a real socket (see `serving`) a reset or truncated answer
really closes the connection; in process, where there is no connection, a reset raises ConnectionResetError, a truncated
answer ends early without a sign, and a hanging one waits until its caller gives up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Mode = Literal["delay", "status", "reset", "hang", "truncate", "html", "error200"]

TRANSPORT = "crmgraph.transport"
"""The ASGI extension under which `serving` hands over the connection's transport."""

_PAGE = "<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>We will be right back.</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """One way of failing: for paths that start with `path`, `times` more times (None: for ever).

    An `applied` fault does what was asked, `seconds` later, and then fails to say so.
    """

    mode: Mode
    path: str | None = None
    times: int | None = None
    seconds: float = 0.0
    status: int = 503
    retry_after: float | None = None
    body: Any = None
    applied: bool = False

    def claims(self, path: str) -> bool:
        """Whether this fault strikes now; striking uses it up by one."""
        if self.times == 0 or (self.path is not None and not path.startswith(self.path)):
            return False
        if self.times is not None:
            self.times -= 1
        return True


Choose = Callable[[str, str], Fault | None]
"""Which fault strikes a request, by its method and its full path; None for none."""


class Faults:
    """The faults of one simulator. The latest fault set for a path is asked first; `clear` heals everything."""

    def __init__(self, error_body: Any = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._error_body = {"error": "Something went wrong."} if error_body is None else error_body
        self.sleep = sleep
        self._active: list[Fault] = []
        self._choose: Choose | None = None

    def set(
        self,
        mode: Mode,
        *,
        path: str | None = None,
        times: int | None = None,
        seconds: float = 0.0,
        status: int = 503,
        retry_after: float | None = None,
        body: Any = None,
        applied: bool = False,
    ) -> None:
        """Fail from now on.

        `path` is a prefix of the full path ("/api/contacts"); `seconds` is for delay and for what is `applied`;
        `status`, `retry_after` (seconds; None sends no Retry-After) and `body` (JSON) are for status; `body` also
        replaces the CRM's own error in error200. `applied` does what was asked before it fails; a truncated or
        delayed answer does so anyway.
        """
        self._active.insert(0, Fault(mode, path, times, seconds, status, retry_after, body, applied))

    def choose(self, by: Choose) -> None:
        """Ask `by` about each request from now on that no fault was set for."""
        self._choose = by

    def clear(self) -> None:
        """Answer as if nothing had ever been wrong."""
        self._active.clear()
        self._choose = None

    def around(self, inner: ASGIApp) -> ASGIApp:
        """`inner` with these faults in front of it."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            fault = self._striking(scope)
            if fault is None:
                await inner(scope, receive, send)
            else:
                await self._strike(fault, inner, scope, receive, send)

        return app

    def _striking(self, scope: Scope) -> Fault | None:
        fault = next((fault for fault in self._active if fault.claims(scope["path"])), None)
        if fault is None and self._choose is not None:
            return self._choose(scope["method"], scope["path"])
        return fault

    async def _strike(self, fault: Fault, inner: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.mode == "delay":
            await self.sleep(fault.seconds)
            await inner(scope, receive, send)
        elif fault.mode == "truncate":
            await _truncate(inner, scope, receive, send)
        else:
            if fault.applied:
                await self.sleep(fault.seconds)
                await inner(scope, receive, _unsaid)
            await self._fail(fault, scope, receive, send)

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Give no answer, or a wrong one."""
        if fault.mode == "reset":
            await _reset(scope, receive)
        elif fault.mode == "hang":
            await _until_the_client_leaves(receive)
        else:
            await self._answer(fault)(scope, receive, send)

    def _answer(self, fault: Fault) -> Response:
        """The wrong answer of a fault that does answer."""
        if fault.mode == "html":
            return HTMLResponse(_PAGE)
        body = self._error_body if fault.body is None else fault.body
        status = 200 if fault.mode == "error200" else fault.status
        headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        return Response(orjson.dumps(body), status, headers, "application/json")


async def _unsaid(_: Message) -> None:
    """Where an answer goes that nobody is to hear."""


async def _until_the_client_leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reset(scope: Scope, receive: Receive) -> None:
    """Tear the connection down before any byte of an answer."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError("The simulator tore the connection down, as it was told to.")
    transport.abort()
    await _until_the_client_leaves(receive)


async def _truncate(inner: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Promise the whole of the true answer, send its first half and close the connection."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await inner(scope, receive, keep)
    whole = b"".join(message.get("body", b"") for message in sent[1:])
    transport = scope.get("extensions", {}).get(TRANSPORT)
    await send(sent[0])
    await send({"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": transport is not None})
    if transport is not None:
        transport.close()
        await _until_the_client_leaves(receive)
