"""The composition: what the operator decided becomes sources, a gateway and a web application."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

from fastapi import FastAPI

from crmgraph.api.execution import Execution
from crmgraph.api.manner import Manner
from crmgraph.api.observed import Observed
from crmgraph.api.schema import build
from crmgraph.api.trusting import mistakes
from crmgraph.config.settings import Settings
from crmgraph.connectors.trees import Mistake
from crmgraph.parts.callers import callers
from crmgraph.parts.gateway import gateway
from crmgraph.parts.sources import account, listeners
from crmgraph.parts.telling import wanted
from crmgraph.service.admission import Admission
from crmgraph.service.allowances import Allowances
from crmgraph.service.entrance import Entrance
from crmgraph.service.filling import Filling
from crmgraph.service.hearsay import Hearsay
from crmgraph.service.importing.work import Importing
from crmgraph.service.index import MemoryIndex
from crmgraph.service.learning import IndexLearner
from crmgraph.service.notices import hearing
from crmgraph.service.ports import Clock, Source, StoreUnavailable
from crmgraph.service.refusals import Refusals
from crmgraph.service.resolving import Resolving
from crmgraph.service.syncing import Learner, Syncing
from crmgraph.service.webhooks import Inbox
from crmgraph.service.writing.recovery import Recovery
from crmgraph.sources.clock import SystemClock
from crmgraph.sources.pool import Pool, TransportFor
from crmgraph.sources.share import Sharing
from crmgraph.store.late import LateStore
from crmgraph.store.redis import RedisAllowances
from crmgraph.telemetry.telling import Telling
from crmgraph.web.app import create
from crmgraph.web.console_page import Example
from crmgraph.web.graph import Answer, Asked
from crmgraph.web.hosts import LOOPBACK, is_loopback
from crmgraph.web.over_http import Terms
from crmgraph.web.persisted import Persisted


class App:
    """A gateway with everything it needs; leaving it ends its background work and closes its connections."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport_for: TransportFor | None = None,
        clock: Clock | None = None,
        random: Callable[[int], bytes] = os.urandom,
        chance: Callable[[], float] = Random().random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        telling: Telling | None = None,
    ) -> None:
        self.settings = settings
        self._clock = clock = clock or SystemClock()
        self._random, self._sleep = random, sleep
        self._is_stopping = False
        self.telling = telling or Telling(wanted(settings.telemetry))
        self.hearsay = Hearsay()
        self.index = MemoryIndex(self.hearsay.gone) if settings.replica.sync else MemoryIndex()
        self.store = _store(settings, clock, random)
        self.stores = self.store.stores
        self.redis = RedisAllowances(settings.rates.url.get_secret_value()) if settings.rates.url else None
        self.pool = self._pool(transport_for, chance)
        self.gateway = gateway(settings, self.pool.sources, self.index, self.store, self.hearsay, clock, random)
        self.refusals = Refusals(self.stores, sleep)
        self.inbox = Inbox(self.gateway, self.stores, self.refusals, listeners(settings))
        self.recovery = Recovery(self.gateway, self.stores, sleep)
        self.importing = Importing(self.gateway, self.stores)
        self.entrance = Entrance(Admission(settings.server.room), clock)
        self.execution = self._execution()
        self._observed = Observed(self.execution, self.telling.observer, clock)
        region, limit = settings.identity.default_region, settings.identity.index_limit
        self.filling = Filling(self.index, clock, region, limit)
        self._learner = IndexLearner(self.index, region, limit)

    def _pool(self, transport_for: TransportFor | None, chance: Callable[[], float]) -> Pool:
        """The sources, as they are called."""
        settings = self.settings
        return Pool(
            map(account, settings.sources),
            self._clock,
            transport_for=transport_for,
            chance=chance,
            observer=self.telling.observer,
            tokens=self.store.tokens,
            sharing=Sharing(settings.server.workers, self._allowances(), settings.rates.reserve, self._random),
        )

    def _execution(self) -> Execution:
        """The graph over the gateway."""
        return Execution(
            build(),
            self.gateway,
            self.stores,
            limits=self.settings.limits,
            enter=self.entrance.enter,
            sources_of=self.pool.as_caller,
            denied=self.refusals.note,
        )

    async def fill_index(self) -> None:
        """Read every source's contacts once, where the operator wants the key index."""
        if self.settings.identity.index:
            await self.filling.all(list(self.pool.sources))

    async def syncing(self) -> Syncing:
        """What reads the sources into the replica; the key index learns from it."""
        replica = await self.store.replica()
        learner = self._learner if self.settings.identity.index else Learner()
        return Syncing(replica, self.stores.locks, self._clock, self._sleep, learner=learner)

    async def resolving(self) -> Resolving:
        """What puts together everybody whom the replica holds."""
        return Resolving(
            replica=await self.store.replica(),
            judgements=self.stores.judgements,
            persons=self.stores.persons,
            sources=list(self.pool.sources),
            clock=self._clock,
            region=self.settings.identity.default_region,
            policy=self.gateway.identity.policy,
            weights=self.settings.identity.weights,
        )

    async def _keep_index(self) -> None:
        """Read the sources again and again: into the replica where there is one, else into the key index alone."""
        sources: list[Source] = list(self.pool.sources)
        if self.settings.replica.sync:
            await self._keep_replica(sources)
        elif self.settings.identity.index:
            await self.filling.keep(sources)

    async def _keep_replica(self, sources: list[Source]) -> None:
        syncing = await self.syncing()
        if self.settings.identity.index:
            with suppress(StoreUnavailable):
                await asyncio.gather(*(self._learner.restore(syncing.replica, one) for one in sources))
        every = self.settings.replica.every
        await asyncio.gather(syncing.keep(sources, every), self.hearsay.keep(syncing.replica, self._sleep))

    async def _keep_telling(self) -> None:
        await self.telling.keep(self.pool.sources, lambda: self.entrance.admission.waiting, self._clock, self._sleep)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["App"]:
        """Do the background work for as long as the application runs, and end what was begun before it ends."""
        async with self.working():
            filling = asyncio.create_task(self._keep_index())
            looking = asyncio.create_task(self._keep_telling())
            try:
                yield self
            finally:
                await _ended(filling)
                await _ended(looking)

    @asynccontextmanager
    async def working(self) -> AsyncIterator["App"]:
        """Do the background work of writing alone, imports included."""
        importing, store = asyncio.create_task(self._keep_imports()), asyncio.create_task(self._keep_store())
        try:
            yield self
        finally:
            # Nothing new is begun, and what is under way keeps its leases until it has ended.
            await _ended(importing)
            await self.stores.running.settle()
            await _ended(store)
            await self.refusals.flush()
            await self.aclose()

    async def _keep_imports(self) -> None:
        await self.store.loaded()
        await self.importing.keep()

    async def _keep_store(self) -> None:
        """Resolve what was left open, keep the leases of what is under way, and throw away what is old."""
        await self.store.loaded()
        notices = hearing(self.gateway, self.stores.notices, self._sleep)
        await asyncio.gather(self.recovery.keep(), notices, self.store.keep(self._sleep), self.refusals.keep())

    async def aclose(self) -> None:
        """Close every connection."""
        await self.stores.running.settle()
        try:
            await self.pool.aclose()
        finally:
            await self.store.aclose()
            if self.redis is not None:
                await self.redis.aclose()
            await self.telling.aclose()

    def _allowances(self) -> Allowances | None:
        """Where rates are shared; one worker alone needs no such place."""
        return self.redis or (self.store if self.settings.server.workers > 1 else None)

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        extensions: Mapping[str, Any] | None,
        request: Asked,
    ) -> Answer:
        """Answer the web: where the two faces meet."""
        outcome = await self._observed.execute(
            query,
            variables,
            operation_name,
            deadline=request.deadline,
            manner=Manner(request.caller, request.reads_only, request.may_introspect, request.urgency),
            traceparent=request.headers.get("traceparent"),
        )
        told = (outcome.data, outcome.errors, outcome.extensions, outcome.executed, outcome.needs_post)
        return Answer(*told, kept=outcome.kept)

    def ready(self) -> dict[str, Any]:
        """Whether requests are welcome, why not, and how each source has been; a dead CRM leaves us ready."""
        sources = {one.name: one.health for one in self.pool.sources}
        why = "stopping" if self._is_stopping else "overloaded" if self.entrance.is_overloaded else None
        return {"ready": why is None, **({"why": why} if why else {}), "sources": sources}

    def stop_soon(self) -> None:
        """Say from now on that requests are better sent elsewhere."""
        self._is_stopping = True

    def web(self, examples: Sequence[Example] = ()) -> FastAPI:
        """The web application; its lifespan runs the background work."""

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            async with self.running():
                yield

        server, documents = self.settings.server, self.settings.documents
        hosts = LOOPBACK | {server.host} if is_loopback(server.host) else None
        return create(
            self,
            self.ready,
            examples,
            console=server.console,
            lifespan=lifespan,
            hosts=hosts,
            cors=server.cors,
            terms=Terms(get=server.get, batch=server.batch, may_introspect=not self.settings.production),
            persisted=Persisted(documents.texts(), documents.mode, documents.apq),
            inbox=self.inbox,
            callers=callers(self.settings, lambda: self.stores.keys, self.gateway.clock, self._random),
            responded=None if self.telling.observer is None else self.telling.observer.responded,
        )


def _store(settings: Settings, clock: Clock, random: Callable[[int], bytes]) -> LateStore:
    url = settings.store.url.get_secret_value()
    return LateStore(url, clock, random, settings.store.keys, settings.replica.how)


def document_mistakes(settings: Settings) -> list[Mistake]:
    """What is wrong with the documents that the operator trusts; nothing is built where there are none."""
    trusted = settings.documents.trusted
    return list(mistakes(build(), trusted, settings.limits)) if trusted else []


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
