"""Every request has an id, which its answer and its log lines tell alike: the caller's own, or one of ours."""

import re
import secrets
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

HEADER = b"x-request-id"

_FIT = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""What a caller may call its request; anything else could be anything."""

Responded = Callable[[int], None]
"""Told of each answer's status."""


class Identified:
    """ASGI middleware that gives each request its id, and tells the status of each answer."""

    def __init__(
        self,
        app: ASGIApp,
        responded: Responded | None = None,
        make_id: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._app = app
        self._responded = responded
        self._make_id = make_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, whose id stands in its own headers and in its answer's."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = self._named(scope)
        bind_contextvars(request_id=name.decode("ascii"))

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, name)]
                if self._responded is not None:
                    self._responded(message["status"])
            await send(message)

        await self._app(scope, receive, telling)

    def _named(self, scope: Scope) -> bytes:
        given = [value for name, value in scope["headers"] if name == HEADER]
        if len(given) == 1 and _FIT.fullmatch(given[0]):
            return bytes(given[0])
        made = self._make_id().encode("ascii")
        others = [(name, value) for name, value in scope["headers"] if name != HEADER]
        scope["headers"] = [*others, (HEADER, made)]
        return made
