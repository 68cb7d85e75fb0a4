"""All sources, each put together from its account."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from cachetools import TTLCache

from crmgraph.connectors.exchange import Site
from crmgraph.connectors.flows import Reader
from crmgraph.service.ports import Clock
from crmgraph.sources.account import Account
from crmgraph.sources.auth import authed, credential_of
from crmgraph.sources.direct import Direct
from crmgraph.sources.flights import shared
from crmgraph.sources.health import Health, watched
from crmgraph.sources.limit import Limiter, Sleep, limited
from crmgraph.sources.quotas import rate_of
from crmgraph.sources.scope import scope_of
from crmgraph.sources.send import over_http
from crmgraph.sources.shelf import Shelf, kept, renewed
from crmgraph.sources.source import HttpSource, Tables, Vocabularies
from crmgraph.sources.transport import Transport
from crmgraph.sources.writes import Writes, noted

if TYPE_CHECKING:
    from crmgraph.sources.over_httpx import AnyTransport

TABLES_LAST = 300.0
"""Seconds for which a vocabulary is believed."""

TABLES_MOST = 256
"""How many vocabularies of one source are kept."""

TransportFor = Callable[[Account], "AnyTransport"]


class Pool:
    """The sources of `accounts` in their order, the most trusted first; leaving it gives their connections back.

    `transport_for` says how an account is reached, when not over connections of its own. `scope_key` are the random
    bytes that scopes are made with (at most 64); processes that share replies share them too. Raises ConfigError when a
    credential cannot be sent.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        clock: Clock,
        *,
        transport_for: TransportFor | None = None,
        sleep: Sleep = asyncio.sleep,
        scope_key: bytes | None = None,
    ) -> None:
        key = scope_key or secrets.token_bytes(32)
        reach = transport_for or _directly
        self.sources = tuple(_source(account, clock, _ours(reach(account)), sleep, key) for account in accounts)

    async def __aenter__(self) -> "Pool":
        return self

    async def __aexit__(
        self, sort: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every source, also when one of them fails at it."""
        async with AsyncExitStack() as stack:
            for source in self.sources:
                stack.push_async_callback(source.aclose)


def _source(account: Account, clock: Clock, transport: Transport, sleep: Sleep, key: bytes) -> HttpSource:
    name, spec = account.name, account.definition.spec
    credential = credential_of(name, spec.auth, account.texts())
    health = Health(slow=account.timeout / 2)
    rate = account.rate or rate_of(spec.limits.rate)
    limiter = Limiter(name, _concurrency(account), rate, account.timeout, clock, sleep, spec.limits.quota)
    wire = over_http(name, account.base_url, transport, account.timeout)
    writes = Writes()
    shelf = Shelf(writes, clock)
    send = limited(noted(watched(authed(wire, credential), health, clock), writes), limiter)
    read = kept(shared(renewed(send, shelf), writes), shelf)
    site = Site(name, scope_of(account, key), MappingProxyType(account.public()))
    reader = Reader(account.definition.fitted(site.settings), site)

    def new_tables() -> Tables:
        return TTLCache(TABLES_MOST, TABLES_LAST, clock.monotonic)

    return HttpSource(reader, Vocabularies(new_tables), send, read, writes, limiter, health, transport)


def _concurrency(account: Account) -> int:
    return account.concurrency or account.definition.spec.limits.concurrency


def _directly(account: Account) -> Transport:
    return Direct(account.base_url, account.allow_private)


def _ours(transport: "AnyTransport") -> Transport:
    """A transport of httpx goes by an adapter, which is imported with httpx where there is one: most have none."""
    if isinstance(transport, Transport):
        return transport
    from crmgraph.sources.over_httpx import OverHttpx

    return OverHttpx(transport)
