"""Workers over one store and the simulated CRMs, with a clock that is set by hand and calls that may never return."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from tests.api.staged import Ticking, settings_for
from tests.store.given import HandClock

from crmgraph.app import App
from crmgraph.config.settings import StoreSettings
from crmgraph.demo import stage
from crmgraph.service.importing.taking_in import Asked, taken_in
from crmgraph.service.importing.work import Importing
from crmgraph.service.imports import Import, Item, ItemOutcome
from crmgraph.service.writing.recovery import Recovery
from crmgraph.service.writing.results import Result, from_json

Fits = Callable[[httpx.Request], bool]


@dataclass
class Freezing(httpx.AsyncBaseTransport):
    """Calls that fit never come back: their worker is as good as dead. `does` says whether the CRM was reached."""

    inner: httpx.AsyncBaseTransport
    fits: Fits | None = None
    does: bool = True
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.fits is None or not self.fits(request):
            return await self.inner.handle_async_request(request)
        if self.does:
            await self.inner.handle_async_request(request)
        self.frozen.set()
        await self.ended.wait()
        raise httpx.ReadError("The test is over.", request=request)


@dataclass
class Worker:
    """One process, as it were."""

    app: App
    wires: Mapping[str, Freezing]
    clock: HandClock

    @property
    def importing(self) -> Importing:
        """The background work, whose pauses cost no time and are when what was left open is found out."""
        return Importing(self.app.gateway, self.app.stores, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.clock.pass_(seconds)
        await Recovery(self.app.gateway, self.app.stores, self.clock.sleep).once()

    async def begin(self, rows: Sequence[Mapping[str, Any]], **more: Any) -> Import:
        """Take rows in."""
        reading = self.app.gateway.read()
        try:
            return await taken_in(reading, self.app.stores, Asked("ada", rows, **more))
        finally:
            await reading.session.close()

    async def imported(self, rows: Sequence[Mapping[str, Any]], **more: Any) -> Import:
        """Take rows in and work until nothing is left to be done."""
        begun = await self.begin(rows, **more)
        return await self.work(begun)

    async def work(self, begun: Import) -> Import:
        await asyncio.wait_for(self.importing.once(), 30)
        found = await self.app.stores.imports.read(begun.id)
        assert found is not None
        return found

    async def freeze(self, source: str, fits: Fits, does: bool) -> "asyncio.Task[None]":
        """Work until a call of this source never comes back."""
        wire = self.wires[source]
        wire.fits, wire.does = fits, does
        work = asyncio.create_task(self.importing.once())
        await asyncio.wait_for(wire.frozen.wait(), 30)
        return work

    async def items(self, begun: Import, outcome: ItemOutcome | None = None) -> Sequence[Item]:
        return await self.app.stores.imports.items(begun.id, -1, 1000, outcome)

    async def results(self, begun: Import) -> dict[int, list[Result]]:
        """The results of each row, by its number."""
        items = await self.items(begun)
        return {one.number: [result for told in one.results for result in from_json(told)] for one in items}

    async def counts(self, begun: Import) -> Mapping[ItemOutcome, int]:
        return await self.app.stores.imports.counts(begun.id)


class Bench:
    """The CRMs and the store; each `worker` is a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.crms = stage.simulators(clock=Ticking().now, per_minute=10**6)
        self.clock = HandClock(Ticking().now())
        self._store = StoreSettings(SecretStr(f"sqlite:///{folder}/crmgraph.db"))
        self._workers: list[Worker] = []

    def worker(self, *only: str) -> Worker:
        """A worker with these sources."""
        wires = {name: Freezing(httpx.ASGITransport(one.app)) for name, one in self.crms.items()}
        settings = replace(settings_for(self.crms, only or None), store=self._store)
        app = App(settings, transport_for=lambda one: wires[one.name], clock=self.clock, chance=lambda: 0.0)
        made = Worker(app, wires, self.clock)
        self._workers.append(made)
        return made

    def written(self, source: str) -> list[str]:
        """The writing calls that a CRM has got, in their order; searches are none."""
        calls = [one for one in self.crms[source].log if one.method != "GET" and not one.path.endswith("/search")]
        return [f"{one.method} {one.path}" for one in calls]

    async def close(self) -> None:
        for one in self._workers:
            for wire in one.wires.values():
                wire.ended.set()
            await one.app.aclose()


def row(number: int, **more: Any) -> dict[str, Any]:
    """A row of a person whom no CRM knows."""
    return {"email": f"p{number}@rows.example", "givenName": "Pat", "familyName": f"Row{number}", **more}
