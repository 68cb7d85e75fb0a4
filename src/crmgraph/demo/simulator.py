"""What every simulated CRM is made of: an app behind its faults, the log of what it was asked, small shared parts.

A simulator file says what one CRM answers; this one keeps the log, the gate, the rate window and page arithmetic.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from math import ceil
from typing import Any

import orjson
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crmgraph.demo.faults import Faults

Gate = Callable[[Request], tuple[Response | None, Mapping[str, str]]]
"""Looks at a request first: an answer refuses it, None lets it in; the headers go on whatever is answered."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One request as it arrived: header names in lower case, JSON bodies parsed, and the status answered (0: none)."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any
    status: int


class Simulator:
    """A simulated CRM: `app` to serve, `log` to assert on, `faults` to switch, `state` to look into and to change."""

    def __init__(self, name: str, inner: ASGIApp, *, token: str, state: Any, error_body: Any = None) -> None:
        self.name = name
        self.token = token
        self.state = state
        self.log: list[Logged] = []
        self.faults = Faults(error_body)
        self.app: ASGIApp = self._logged(self.faults.around(inner))

    def calls(self, method: str | None = None, path: str | None = None) -> int:
        """How often it was asked; `path` is the full path and may hold `*` ("/api/contact/*")."""
        return len(self.requests(method, path))

    def requests(self, method: str | None = None, path: str | None = None) -> list[Logged]:
        """What it was asked, oldest first, narrowed as in `calls`."""
        return [
            entry
            for entry in self.log
            if method in (None, entry.method) and (path is None or fnmatchcase(entry.path, path))
        ]

    def clear(self) -> None:
        """Forget the log and heal every fault; the records stay."""
        self.log.clear()
        self.faults.clear()

    def _logged(self, inner: ASGIApp) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                raise NotImplementedError(f"The simulator of {self.name} speaks HTTP only, not {scope['type']}.")
            body = await _whole_body(receive)
            entry = _entry(scope, body)
            self.log.append(entry)
            status: list[int] = []

            async def watch(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status.append(message["status"])
                    self._settle(entry, message["status"])
                await send(message)

            await inner(scope, _replayed(body, receive), watch)

        return app

    def _settle(self, entry: Logged, status: int) -> None:
        """Write the answered status to the entry, unless the log was cleared meanwhile."""
        for index, known in enumerate(self.log):
            if known is entry:
                self.log[index] = replace(entry, status=status)
                return


async def _whole_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands the body over once more and then listens on."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _entry(scope: Scope, body: bytes) -> Logged:
    headers = dict(Headers(scope=scope).items())
    return Logged(scope["method"], scope["path"], scope["query_string"].decode(), headers, _parsed(body), 0)


def _parsed(body: bytes) -> Any:
    """JSON as values, anything else as text, nothing as None."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")


def gated(inner: ASGIApp, gate: Gate) -> ASGIApp:
    """`inner` behind a gate."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        refusal, headers = gate(Request(scope))
        extra = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await (inner if refusal is None else refusal)(scope, receive, marked)

    return app


def json_reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, headers, "application/json")


async def json_body(request: Request) -> Any:
    """The request's JSON, or None where there is none or it is broken."""
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None


def bearer(request: Request) -> str | None:
    """The token of `Authorization: Bearer`, or None."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def int_param(query: QueryParams, name: str, default: int, low: int = 1, high: int | None = None) -> int:
    """A whole number from the query, kept within its bounds; the default where it is absent or no number."""
    text = query.get(name, "")
    value = int(text) if text.lstrip("-").isdecimal() else default
    return max(low, value if high is None else min(value, high))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `page` counts from 1, `last` is at least 1."""

    items: Sequence[Any]
    page: int
    size: int
    total: int
    last: int


def page_of(items: Sequence[Any], page: int, size: int) -> Page:
    """The page-th `size` items; beyond the end it is empty."""
    start = (page - 1) * size
    return Page(items[start : start + size], page, size, len(items), max(1, ceil(len(items) / size)))


@dataclass(frozen=True, slots=True)
class Spent:
    """What one request did to a window; `reset_after` is in whole seconds, `reset_at` is the instant."""

    allowed: bool
    limit: int
    remaining: int
    reset_after: int
    reset_at: datetime


class RateWindow:
    """At most `limit` requests in each window of `seconds`; a window opens with its first request."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], datetime]) -> None:
        self.limit = limit
        self._length = timedelta(seconds=seconds)
        self._clock = clock
        self._ends: datetime | None = None
        self._used = 0

    def take(self) -> Spent:
        """Count one request; a refused one is not counted."""
        now = self._clock()
        if self._ends is None or now >= self._ends:
            self._ends, self._used = now + self._length, 0
        allowed = self._used < self.limit
        self._used += allowed
        wait = ceil((self._ends - now).total_seconds())
        return Spent(allowed, self.limit, self.limit - self._used, wait, self._ends)
