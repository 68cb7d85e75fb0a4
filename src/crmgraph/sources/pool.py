"""All sources, each put together from its account."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from cachetools import TTLCache

from crmgraph.connectors.exchange import Site
from crmgraph.connectors.flows import Reader
from crmgraph.service.observing import Observer
from crmgraph.service.ports import Clock
from crmgraph.sources.account import Account
from crmgraph.sources.auth import authed, credential_of
from crmgraph.sources.direct import Direct
from crmgraph.sources.flights import shared
from crmgraph.sources.health import Health, watched
from crmgraph.sources.limit import Limiter, Sleep, limited
from crmgraph.sources.observed import counted, observed
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

OWN = "token"
"""The secret that a caller may bring: what a connector calls it."""

TransportFor = Callable[[Account], "AnyTransport"]


class Pool:
    """The sources of `accounts` in their order, the most trusted first; leaving it gives their connections back.

    `transport_for` says how an account is reached, when not over connections of its own. `scope_key` are the random
    bytes that scopes are made with (at most 64); processes that share replies share them too. `observer` is told of
    each call. Raises ConfigError when a credential cannot be sent.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        clock: Clock,
        *,
        transport_for: TransportFor | None = None,
        sleep: Sleep = asyncio.sleep,
        scope_key: bytes | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._key = scope_key or secrets.token_bytes(32)
        self._clock = clock
        reach = transport_for or _directly
        self._roads = {one.name: Road(one, _ours(reach(one)), clock, sleep, observer) for one in accounts}
        self.sources = tuple(_source(road.account, road, clock, self._key) for road in self._roads.values())

    def as_caller(self, name: str, token: str) -> HttpSource:
        """A source as it is asked with a caller's own token: by the same road, with nothing kept in common.

        Raises ConfigError when the token cannot be sent.
        """
        road = self._roads[name]
        account = replace(road.account, secrets={**road.account.secrets, OWN: token})
        return _source(account, road, self._clock, self._key)

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


class Road:
    """What leads to a source, whoever goes there: its connections, its limits, what is written, who counts."""

    def __init__(
        self, account: Account, transport: Transport, clock: Clock, sleep: Sleep, observer: Observer | None
    ) -> None:
        self.account = account
        self.observer = observer
        self.transport = transport
        spec = account.definition.spec.limits
        rate, concurrency = account.rate or rate_of(spec.rate), account.concurrency or spec.concurrency
        self.limiter = Limiter(account.name, concurrency, rate, account.timeout, clock, sleep, spec.quota)
        self.writes = Writes()


def _source(account: Account, road: Road, clock: Clock, key: bytes) -> HttpSource:
    """A source as one credential knows it."""
    name, limiter, writes = account.name, road.limiter, road.writes
    credential = credential_of(name, account.definition.spec.auth, account.texts())
    health = Health(slow=account.timeout / 2)
    wire = over_http(name, account.base_url, road.transport, account.timeout)
    shelf = Shelf(writes, clock)
    seen = observed(watched(authed(wire, credential), health, clock), road.observer, clock)
    send = limited(noted(seen, writes), limiter)
    read = counted(kept(shared(renewed(send, shelf), writes), shelf), name, road.observer)
    site = Site(name, scope_of(account, key), MappingProxyType(account.public()))
    reader = Reader(account.definition.fitted(site.settings), site)

    def new_tables() -> Tables:
        return TTLCache(TABLES_MOST, TABLES_LAST, clock.monotonic)

    return HttpSource(reader, Vocabularies(new_tables), send, read, writes, limiter, health, road.transport)


def _directly(account: Account) -> Transport:
    return Direct(account.base_url, account.allow_private)


def _ours(transport: "AnyTransport") -> Transport:
    """A transport of httpx goes by an adapter, which is imported with httpx where there is one: most have none."""
    if isinstance(transport, Transport):
        return transport
    from crmgraph.sources.over_httpx import OverHttpx

    return OverHttpx(transport)
