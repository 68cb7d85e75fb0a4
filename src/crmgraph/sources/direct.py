"""Connections of one source alone, so that no other uses them up."""

import asyncio
import ssl
from collections import deque
from functools import lru_cache
from urllib.parse import urlsplit

import certifi

from crmgraph.connectors.exchange import Reply
from crmgraph.sources.addresses import Resolve, first_to_answer, public, resolved
from crmgraph.sources.connection import Connection
from crmgraph.sources.failures import not_answered_in_time, not_connected_in_time, unreached
from crmgraph.sources.message import Messages
from crmgraph.sources.transport import Asked

KEEP = 30.0
"""Seconds that an idle connection is kept."""

_PORTS = {"http": 80, "https": 443}


class Direct:
    """A transport over sockets; to private addresses only by leave.

    It opens a connection when none is idle, so there are never more than calls at once. All calls go to where
    `base_url` leads. `trusted` says whom to trust, when not the usual authorities; an idle connection is kept for
    `keep` seconds.
    """

    def __init__(
        self,
        base_url: str,
        allow_private: bool,
        resolve: Resolve = resolved,
        trusted: ssl.SSLContext | None = None,
        keep: float = KEEP,
    ) -> None:
        parts = urlsplit(base_url)
        self._before_target = len(f"{parts.scheme}://{parts.netloc}")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._messages = Messages(parts.netloc.lower().removesuffix(f":{_PORTS[parts.scheme]}"))
        self._resolve = resolve if allow_private else public(resolve)
        self._trusted = trusted
        self._keep = keep
        self._idle: deque[Connection] = deque()

    async def exchange(self, asked: Asked) -> Reply:
        """The whole reply; raises as any transport does."""
        sent = self._messages.message(asked, asked.address[self._before_target :])
        now = asyncio.get_running_loop().time
        until = now() + asked.timeout
        connection = self._idle_one(now()) or await self._connected(min(asked.timeout, asked.connect))
        try:
            async with asyncio.timeout_at(until):
                reply = await connection.exchange(sent, asked.largest)
        except TimeoutError:
            raise not_answered_in_time(asked.timeout) from None
        if connection.open:
            connection.idle_since = now()
            self._idle.append(connection)
        return reply

    async def aclose(self) -> None:
        """Give the connections back."""
        while self._idle:
            self._idle.pop().cut()
        await asyncio.sleep(0)

    def _idle_one(self, now: float) -> Connection | None:
        """The one used last, which is the least likely to have been closed at the other end; old ones are closed."""
        while self._idle and self._idle[0].idle_since + self._keep <= now:
            self._idle.popleft().cut()
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        return None

    async def _connected(self, seconds: float) -> Connection:
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._resolve(self._host, self._port)
                return await first_to_answer(addresses, self._port, seconds, self._connect)
        except TimeoutError:
            raise not_connected_in_time(seconds) from None
        except (OSError, UnicodeError) as error:
            raise unreached(error) from None

    async def _connect(self, address: str, port: int, seconds: float) -> Connection:
        """To the very address that was looked at; TLS and the Host header keep to the name all the same."""
        secured = (self._trusted or _authorities(), self._host) if self._secure else (None, None)
        async with asyncio.timeout(seconds):
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection, address, port, ssl=secured[0], server_hostname=secured[1]
            )
        return connection


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    """The same for every source, and slow to make: so it is made for the first connection, not at the start."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
