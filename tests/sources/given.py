"""What these tests are given: an account of a small CRM, calls to it, a clock turned by hand, and a raw server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crmgraph.connectors.catalog import read
from crmgraph.connectors.exchange import Call, Terms
from crmgraph.connectors.spec import ReplySpec
from crmgraph.sources.account import Account

SECRET = "s3cr3t-t0ken"

_DEFINITION = """
name: tiny
title: Tiny CRM
settings:
  token: {description: The token., secret: true}
  org: {description: The organisation.}
  region: {description: Where it is., required: false, default: eu}
auth: {bearer: "{token}", header: {X-Org: "{org}"}}
headers: {X-Version: v3}
limits:
  concurrency: 2
  quota: [{window: 1m, limit: X-RateLimit-Limit, remaining: X-RateLimit-Remaining}]
resources:
  contact:
    list: {call: GET /contacts, items: data}
    fields: {givenName: first_name}
"""

DEFINITION = read(_DEFINITION, "tiny.yaml")

ACCOUNT = Account(
    name="sales",
    definition=DEFINITION,
    base_url="https://crm.example.com/api",
    settings={"org": "acme"},
    secrets={"token": SECRET},
    timeout=4.0,
)


def account(**changes: Any) -> Account:
    """The account, with changes."""
    return replace(ACCOUNT, **changes)


def call(path: str = "/contacts", method: str = "GET", **rest: Any) -> Call:
    """A call to the account's source."""
    return Call("sales", "scope", method, path, **rest)


class FakeClock:
    """Time passes only when somebody sleeps or turns the clock."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(
    talk: Talk, after: bytes = b"\r\n\r\n", secured: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A server that talks as it is told once it has heard `after`; gives its base URL. Leaving cuts every talk."""
    talks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())  # type: ignore[arg-type]  # A task runs this.
        try:
            if after:
                await reader.readuntil(after)
            await talk(reader, writer)
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=secured)
    try:
        yield f"http{'s' if secured else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for one in talks:
            one.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def reading(path: str = "/contacts", lifetime: float = 0, reply: ReplySpec | None = None, **rest: Any) -> Call:
    """A call to the account's source that reads."""
    return call(path, terms=Terms(reply or ReplySpec(), lifetime), **rest)


@dataclass
class Told:
    """A tally that can be looked at."""

    calls: int = 0
    shared: int = 0
    ages: list[float] = field(default_factory=list)

    def made(self) -> None:
        self.calls += 1

    def joined(self) -> None:
        self.shared += 1

    def aged(self, seconds: float) -> None:
        self.ages.append(seconds)
