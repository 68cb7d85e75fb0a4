"""An application whose answers are remembered, so that a simulated CRM costs next to nothing when asked again."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Key = tuple[str, str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as it was sent."""

    messages: tuple[Message, ...]


class Remembering:
    """Asks `inner` each question once, and answers each `seconds` late. It is meant for reads alone."""

    def __init__(self, inner: ASGIApp, seconds: float = 0) -> None:
        self.calls = 0
        self._inner = inner
        self._seconds = seconds
        self._known: dict[Key, Remembered] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        body = await Request(scope, receive).body()
        key = (scope["method"], scope["path"], scope["query_string"], body)
        if key not in self._known:
            self._known[key] = await self._asked(scope, body)
        if self._seconds:
            await asyncio.sleep(self._seconds)
        for message in self._known[key].messages:
            await send(message)

    async def _asked(self, scope: Scope, body: bytes) -> Remembered:
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            messages.append(_without_allowance(message))

        await self._inner(scope, receive, send)
        return Remembered(tuple(messages))


def _without_allowance(message: Message) -> Message:
    """The message without what is left of an allowance: remembered, it would never be made up again."""
    if message["type"] != "http.response.start":
        return message
    kept = [(name, value) for name, value in message["headers"] if b"ratelimit" not in name.lower()]
    return {**message, "headers": kept}
