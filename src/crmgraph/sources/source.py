"""A CRM account that is reached over HTTP."""

from collections.abc import Callable, Mapping, MutableMapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any
from weakref import WeakSet

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.flows import Reader
from crmgraph.service.breakers import BreakerStatus
from crmgraph.service.freshness import Remembered
from crmgraph.service.ports import Clock, Quota, SourceHealth, Tally
from crmgraph.sources.breaker import Breaker
from crmgraph.sources.breaking import status_of
from crmgraph.sources.flights import Read
from crmgraph.sources.health import Health
from crmgraph.sources.limit import Limiter
from crmgraph.sources.renewal import Renewal
from crmgraph.sources.shelf import Shelf
from crmgraph.sources.transport import Transport
from crmgraph.sources.writes import Writes

Tables = MutableMapping[str, Mapping[str, Any]]
"""Vocabularies by name."""


class Vocabularies:
    """The vocabularies of one source, for all who look at it."""

    def __init__(self, new: Callable[[], Tables]) -> None:
        self._new = new
        self.now = new()

    def renew(self) -> None:
        """Believe none any more. Whoever is still reading one keeps it among the old ones."""
        self.now = self._new()


class HttpSource:
    """One configured CRM account that we call: the service's `Source`."""

    def __init__(
        self,
        reader: Reader,
        vocabularies: Vocabularies,
        send: Read,
        read: Read,
        shelf: Shelf,
        writes: Writes,
        limiter: Limiter,
        health: Health,
        breaker: Breaker,
        clock: Clock,
        transport: Transport,
        renewal: Renewal | None = None,
    ) -> None:
        self.reader = reader
        self._vocabularies = vocabularies
        self._send = send
        self._read = read
        self._shelf = shelf
        self._writes = writes
        self._limiter = limiter
        self._health = health
        self._breaker = breaker
        self._clock = clock
        self._transport = transport
        self._renewal = renewal
        self._views = WeakSet((self,))

    @property
    def name(self) -> str:
        return self.reader.site.source

    @property
    def settings(self) -> Mapping[str, str]:
        """What it was told that is no secret, and its own name as `source`."""
        return self.reader.site.settings

    @property
    def tables(self) -> Tables:
        return self._vocabularies.now

    def seen_as(self, definition: Definition) -> "HttpSource":
        """The same source, with all that is kept of it, read by another definition."""
        other = copy(self)
        other.reader = Reader(definition, self.reader.site)
        self._views.add(other)
        return other

    async def send(self, call: Call, tally: Tally) -> Reply:
        """Make one call, once more where it reads and that may help.

        Raises Unavailable when no whole reply comes in time, Throttled when its turn would come too late, BadReply when
        the reply is too large, and InputError when the call's values make no address.
        """
        return await self._send(call, tally)

    async def read(self, call: Call, tally: Tally) -> Reply:
        """The reply to a call that reads, which equal ones share; raises as `send` does."""
        return await self._read(call, tally)

    def kept(self, call: Call) -> Remembered | None:
        """The last good reply to an equal call, while nothing is known to have been written since it was asked for."""
        return self._shelf.remembered(call)

    def forget(self, vocabularies: bool = False) -> None:
        """Give nothing again that was read before."""
        self._writes.heard()
        if vocabularies:
            self._vocabularies.renew()

    def belongs_to(self, scope: str) -> None:
        """It is another account from now on: calls are told apart by its scope, and nothing that was read stands."""
        for one in self._views:
            one.reader = Reader(one.reader.definition, replace(one.reader.site, scope=scope))
        self.forget(vocabularies=True)

    @property
    def mark(self) -> int | None:
        """Stands for what was written to it; None while a write is under way."""
        return self._writes.mark

    @property
    def health(self) -> SourceHealth:
        if self._breaker.refuses:
            return SourceHealth.DOWN
        return SourceHealth.THROTTLED if self._limiter.closed else self._health.state

    @property
    def quota(self) -> tuple[Quota, ...]:
        return self._limiter.quota

    @property
    def breaker(self) -> BreakerStatus | None:
        """How its breaker stands; None where it has none."""
        return status_of(self._breaker, self._clock)

    @property
    def last_success(self) -> datetime | None:
        return self._health.last_success

    async def aclose(self) -> None:
        """Give back its connections, once tokens that are being renewed are stored, and what was lent for calls."""
        if self._renewal is not None:
            await self._renewal.aclose()
        try:
            await self._limiter.aclose()
        finally:
            await self._transport.aclose()

    def __repr__(self) -> str:
        return f"HttpSource({self.name})"
