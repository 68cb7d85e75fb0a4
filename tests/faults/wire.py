"""A CRM's end of the wire, over real sockets: it answers as the simulator behind it does until a fault strikes."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType

import httpx
from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the simulator answers."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that a fault strikes. `answered` asks the simulator, which then has done what it was asked."""

    asked: Asked
    writer: asyncio.StreamWriter
    wire: "Wire"

    async def answered(self) -> Answer:
        return await self.wire.answered(self.asked)


Strike = Callable[[Exchange], Awaitable[None]]
"""Answers a request in a wrong way, by writing bytes."""

Before = Callable[["Wire"], Awaitable[None]]
"""Makes it impossible to connect."""


@dataclass
class Wire:
    """Serves an application. From the call `at` on (counted from 1; None for never) `strike` answers instead of it, or
    `before` is done to the wire before that call can come. `calls` counts all that came, `targets` are what they asked.
    """

    app: ASGIApp
    at: int | None = None
    strike: Strike | None = None
    before: Before | None = None
    secured: ssl.SSLContext | None = None
    calls: int = 0
    struck: int = 0
    targets: list[str] = field(default_factory=list)
    port: int = 0
    ends: list[Callable[[], object]] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _talks: set["asyncio.Task[None]"] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def __aenter__(self) -> "Wire":
        await self._listen()
        await self._perhaps_before()
        return self

    async def __aexit__(
        self, sort: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
        for end in self.ends:
            end()
        for one in self._talks:
            one.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def close(self) -> None:
        """Take no connection any more, and cut those that stand."""
        if self._server is not None:
            self._server.close()
        for one in self._writers:
            one.transport.abort()
        await asyncio.sleep(0)

    async def answered(self, asked: Asked) -> Answer:
        """What the simulator says to a request."""
        transport = httpx.ASGITransport(self.app)
        request = httpx.Request(
            asked.method, f"http://crm.test{asked.target}", headers=list(asked.headers), content=asked.body
        )
        response = await transport.handle_async_request(request)
        await response.aread()
        return Answer(response.status_code, tuple(response.headers.items()), response.content)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, ssl=self.secured)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _perhaps_before(self) -> bool:
        """Whether no call can come any more."""
        if self.before is None or self.at is None or self.calls + 1 < self.at or self.struck:
            return False
        self.struck += 1
        await self.close()
        await self.before(self)
        return True

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._writers.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass  # The gateway has gone, or this test is over.
        finally:
            self._talks.discard(task)
            self._writers.discard(writer)
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection may carry another."""
        asked = await heard(reader)
        self.calls += 1
        self.targets.append(asked.target)
        if self.strike is not None and self.at is not None and self.calls >= self.at:
            self.struck += 1
            await self.strike(Exchange(asked, writer, self))
            return False
        writer.write(written(await self.answered(asked)))
        await writer.drain()
        return not await self._perhaps_before()


async def heard(reader: asyncio.StreamReader) -> Asked:
    """The next request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    length = int(dict(headers).get("content-length", "0"))
    return Asked(method, target, headers, await reader.readexactly(length) if length else b"")


def head(status: int, *headers: tuple[str, str]) -> bytes:
    """The first lines of an answer, up to its body."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode("latin-1")


def written(answer: Answer, **changed: str) -> bytes:
    """A whole answer, with other headers where some are given."""
    kept = [(name, value) for name, value in answer.headers if name not in ("content-length", "connection")]
    told = {"content-length": str(len(answer.body))} | {name.replace("_", "-"): one for name, one in changed.items()}
    return head(answer.status, *kept, *told.items()) + answer.body


def silent_listener(port: int) -> list[socket.socket]:
    """Sockets that keep a port so that nobody is refused there and nobody is let in."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(0)
    full = [listener]
    for _ in range(4):  # They take the few places of those who wait to be let in.
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
        full.append(one)
    return full
