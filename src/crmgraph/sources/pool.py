"""All sources, each put together from its account."""

import asyncio
import random
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
from crmgraph.sources.breaking import breaking, sparing
from crmgraph.sources.bulkhead import bounded
from crmgraph.sources.direct import Direct
from crmgraph.sources.flights import shared
from crmgraph.sources.health import Health, watched
from crmgraph.sources.limit import Sleep, limited
from crmgraph.sources.observed import counted, observed
from crmgraph.sources.proving import TokensOf, renewal_of
from crmgraph.sources.renewal import Renewal
from crmgraph.sources.retry import retried
from crmgraph.sources.road import Road
from crmgraph.sources.scope import scope_of
from crmgraph.sources.send import over_http
from crmgraph.sources.share import Sharing
from crmgraph.sources.shelf import ROOM, Shelf, kept, renewed
from crmgraph.sources.source import HttpSource, Tables, Vocabularies
from crmgraph.sources.tallying import tallied
from crmgraph.sources.transport import Transport
from crmgraph.sources.unechoed import unechoed
from crmgraph.sources.writes import noted

if TYPE_CHECKING:
    from crmgraph.sources.over_httpx import AnyTransport

TABLES_LAST = 300.0
"""Seconds for which a vocabulary is believed."""

TABLES_MOST = 256
"""How many vocabularies of one source are kept."""

OWN = "token"
"""The secret that a caller may bring: what a connector calls it."""

OWN_ROOM = ROOM // 16
"""Bytes of replies that are kept for a caller with credentials of their own: there may be many such."""

TransportFor = Callable[[Account], "AnyTransport"]


class Pool:
    """The sources of `accounts` in their order, the most trusted first; leaving it gives their connections back.

    `transport_for` says how an account is reached, when not over connections of its own. `scope_key` are the random
    bytes that scopes are made with (at most 64); processes that share replies share them too. `chance` gives a number
    from 0 up to 1, `observer` is told of each call, `tokens` opens the store of what sources that go by OAuth were
    given, `sharing` says how the accounts' allowances are divided. Raises ConfigError when a credential cannot be sent.
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
        chance: Callable[[], float] = random.random,
        tokens: TokensOf | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        self._key = scope_key or secrets.token_bytes(32)
        self._clock = clock
        reach = transport_for or _directly
        self._roads = {
            one.name: Road(one, _ours(reach(one)), clock, sleep, chance, observer, sharing or Sharing())
            for one in accounts
        }
        self.sources = tuple(_own(road, self._key, sleep, tokens) for road in self._roads.values())

    def as_caller(self, name: str, token: str) -> HttpSource:
        """A source as it is asked with a caller's own token: by the same road, with nothing kept in common.

        Raises ConfigError when the token cannot be sent.
        """
        road = self._roads[name]
        account = replace(road.account, secrets={**road.account.secrets, OWN: token})
        return _source(account, road, self._key, room=OWN_ROOM)

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


def _own(road: Road, key: bytes, sleep: Sleep, tokens: TokensOf | None) -> HttpSource:
    """A source as the operator's own credential knows it."""

    def belongs_to(connected: str) -> None:
        source.belongs_to(scope_of(road.account, key, connected))

    renewal = renewal_of(road.account, tokens, road.transport, belongs_to, road.clock, sleep)
    source = _source(road.account, road, key, renewal)
    return source  # By its name, for whoever is connected later.


def _source(account: Account, road: Road, key: bytes, renewal: Renewal | None = None, room: int = ROOM) -> HttpSource:
    """A source as one credential knows it."""
    name, writes, clock, scope = account.name, road.writes, road.clock, scope_of(account, key)
    bare = over_http(name, account.base_url, road.transport, account.timeout, connect=account.connect)
    wire = unechoed(bare, account.secrets.values())
    health = Health(account.timeout / 2, lambda: renewal is not None and renewal.lost)
    breaker = road.breaker(scope)
    shelf = Shelf(writes, clock, room)

    proof = renewal or credential_of(name, account.definition.spec.auth, account.texts())
    seen = observed(watched(authed(wire, proof), health, clock), road.observer, clock)
    turn = bounded(limited(noted(breaking(seen, breaker, clock), writes), road.limiter), road.bulkhead)
    send = counted(retried(sparing(tallied(turn), breaker), road.retrying), name, road.observer)
    read = counted(kept(shared(renewed(send, shelf), writes), shelf), name, road.observer)

    site = Site(name, scope, MappingProxyType(account.public()))
    reader = Reader(account.definition.fitted(site.settings), site)

    def new_tables() -> Tables:
        return TTLCache(TABLES_MOST, TABLES_LAST, clock.monotonic)

    vocabularies, limiter = Vocabularies(new_tables), road.limiter
    return HttpSource(
        reader, vocabularies, send, read, shelf, writes, limiter, health, breaker, clock, road.transport, renewal
    )


def _directly(account: Account) -> Transport:
    return Direct(account.base_url, account.allow_private)


def _ours(transport: "AnyTransport") -> Transport:
    """A transport of httpx goes by an adapter, which is imported with httpx where there is one: most have none."""
    if isinstance(transport, Transport):
        return transport
    from crmgraph.sources.over_httpx import OverHttpx

    return OverHttpx(transport)
