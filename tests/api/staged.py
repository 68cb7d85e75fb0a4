"""A gateway over the four simulators in this process: no network, no waiting, as many calls as one likes."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from tempfile import mkdtemp
from typing import Any

import httpx
from pydantic import SecretStr

from crmgraph.api.outcome import Outcome
from crmgraph.app import App
from crmgraph.config.loading import load
from crmgraph.config.settings import Settings, StoreSettings
from crmgraph.connectors import catalog
from crmgraph.connectors.rates import Rate
from crmgraph.demo import stage
from crmgraph.demo.simulator import Simulator


class Ticking:
    """A clock that goes on by a tenth of a second whenever it is read, so that no allowance is ever used up."""

    def __init__(self) -> None:
        self._passed = timedelta()

    def now(self) -> datetime:
        self._passed += timedelta(seconds=0.1)
        return datetime(2026, 11, 20, 12, tzinfo=UTC) + self._passed


class Standing:
    """A clock that stands, so that no deadline passes."""

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


@dataclass(frozen=True)
class Staged:
    """An application and the simulators it calls."""

    app: App
    crms: Mapping[str, Simulator]

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Outcome:
        """Answer a question; the simulators' logs hold its calls alone, and nothing is kept from before."""
        for source in self.app.pool.sources:
            source.tables.clear()
            source.forget()
        for crm in self.crms.values():
            crm.clear()
        return await self.app.execution.execute(query, variables)

    def logged(self) -> dict[str, int]:
        """How often each CRM was called."""
        return {name: len(self.crms[name].log) for name in self.crms}


def settings_for(crms: Mapping[str, Simulator], only: tuple[str, ...] | None = None) -> Settings:
    """The demo's configuration for these simulators, without a limit on calls; of some sources only."""
    environ = stage.environment({name: f"http://{name}.test" for name in crms}, crms)
    with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path:
        settings = load(path, environ, catalog)
    sources = [replace(one, rates=(Rate(10**9, 1.0),)) for one in settings.sources if only is None or one.name in only]
    return replace(
        settings,
        sources=tuple(sources),
        # However slow the machine is, nobody is sent away for being late.
        server=replace(settings.server, deadline=3600.0),
        store=StoreSettings(SecretStr(f"sqlite:///{mkdtemp()}/crmgraph.db")),
    )


@asynccontextmanager
async def staged(
    only: tuple[str, ...] | None = None,
    filled: bool = True,
    random: Callable[[int], bytes] = os.urandom,
    keeps: bool = False,
    stands: bool = False,
    store: str | None = None,
) -> AsyncIterator[Staged]:
    """The application over its simulators, its key index filled; one that `keeps` has a replica, with nothing in it.
    Its store, a file of its own unless a URL is given, `stands` from the beginning, as a server's does, or is made
    when something is first kept.
    """
    crms = stage.simulators(clock=Ticking().now, per_minute=10**6)
    settings = settings_for(crms, only)
    if store is not None:
        settings = replace(settings, store=StoreSettings(SecretStr(store)))
    app = App(
        replace(settings, replica=replace(settings.replica, sync=keeps)),
        transport_for=lambda one: httpx.ASGITransport(crms[one.name].app),
        clock=Standing(),
        random=random,
    )
    try:
        if filled:
            await app.fill_index()
        if stands:
            await app.stores.notices.heard()
        yield Staged(app, {one.name: crms[one.name] for one in app.pool.sources})
    finally:
        await app.aclose()
