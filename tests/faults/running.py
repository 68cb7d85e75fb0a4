"""One case: a gateway whose one CRM fails in one way from one of its calls on, and what came of one operation."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import httpx
from tests.chaos.records import held
from tests.faults.faults import Fault
from tests.faults.operations import Operation
from tests.faults.wire import Wire
from tests.sources.authority import Authority, authority

from crmgraph.api.outcome import Outcome
from crmgraph.app import App
from crmgraph.config.loading import load
from crmgraph.config.settings import Settings
from crmgraph.connectors import catalog
from crmgraph.connectors.rates import Rate
from crmgraph.demo import stage
from crmgraph.demo.people import world
from crmgraph.demo.simulator import Simulator
from crmgraph.sources.account import Account
from crmgraph.sources.direct import Direct
from crmgraph.sources.transport import Transport

FAULTY = "leadconnector"
"""The CRM that fails; it is the most trusted one, and every operation asks it."""

DEADLINE = 3.0
"""Seconds that an operation has."""

LATE = 0.5
"""Seconds by which an answer may be later than that."""

POSITIONS = ("first", "middle", "last")


@dataclass(frozen=True, slots=True)
class Case:
    """The call to the CRM at `position` of the operation is the first that fails."""

    fault: Fault
    operation: Operation
    position: str

    def __str__(self) -> str:
        return f"{self.fault.name}, {self.operation.name}, {self.position} call"

    def at(self, calls: int) -> int:
        """The number of that call where there are so many."""
        return {"first": 1, "middle": (calls + 1) // 2, "last": calls}[self.position]


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of an operation; `struck` is how many of the CRM's calls failed, `targets` what it was asked for,
    and `made` whether it holds the person of the mutation afterwards.
    """

    outcome: Outcome | None
    seconds: float
    calls: int
    struck: int
    targets: tuple[str, ...]
    made: bool


class Ground:
    """Where cases are run: a certificate, a folder, and how an operation ends when nothing fails."""

    def __init__(self, folder: Path, deadline: float = DEADLINE, guarded: bool = True) -> None:
        self.deadline = deadline
        self._folder = folder
        self._guarded = guarded
        self._authority: Authority = authority("localhost")
        self._well: dict[str, Seen] = {}

    async def well(self, operation: Operation) -> Seen:
        """How an operation ends when nothing fails."""
        if operation.name not in self._well:
            self._well[operation.name] = await self._seen(operation, None, None, 30.0)
        return self._well[operation.name]

    async def seen(self, case: Case) -> Seen:
        """What comes of a case."""
        at = case.at((await self.well(case.operation)).calls)
        while True:
            seen = await self._seen(case.operation, case.fault, at, self.deadline)
            if seen.struck or at == 1:
                return seen
            at = min(seen.calls, at - 1)  # This time the CRM got fewer calls: what runs at once may share them.

    async def _seen(self, operation: Operation, fault: Fault | None, at: int | None, deadline: float) -> Seen:
        crms = stage.simulators(world(), per_minute=10**6)
        secured = self._authority.serving() if fault is not None and fault.tls else None
        strike, before = (None, None) if fault is None else (fault.strike, fault.before)
        wire = Wire(crms[FAULTY].app, at, strike, before, secured)
        with TemporaryDirectory(dir=self._folder) as folder:
            async with wire:
                url = f"{'https://localhost' if secured else 'http://127.0.0.1'}:{wire.port}"
                app = App(self._settings(crms, url, deadline, Path(folder)), transport_for=self._roads(crms))
                try:
                    return await self._asked(app, operation, wire, crms, deadline)
                finally:
                    await app.aclose()

    async def _asked(
        self, app: App, operation: Operation, wire: Wire, crms: Mapping[str, Simulator], deadline: float
    ) -> Seen:
        await app.store.loaded()
        began = monotonic()
        outcome: Outcome | None = None
        try:
            # Who waits for much longer than was promised is told that nothing came.
            async with asyncio.timeout(deadline + 2 * LATE):
                outcome = await app.execution.execute(operation.text)
        except TimeoutError:
            pass
        seconds = monotonic() - began
        return Seen(outcome, seconds, wire.calls, wire.struck, tuple(wire.targets), made(crms))

    def _roads(self, crms: Mapping[str, Simulator]) -> "object":
        def road(account: Account) -> Transport | httpx.ASGITransport:
            if account.name != FAULTY:
                return httpx.ASGITransport(crms[account.name].app)
            return Direct(account.base_url, account.allow_private, trusted=self._authority.trusting())

        return road

    def _settings(self, crms: Mapping[str, Simulator], url: str, deadline: float, folder: Path) -> Settings:
        urls = {name: f"http://{name}.test" for name in crms} | {FAULTY: url}
        environ = stage.environment(urls, crms) | stage.store_in(folder)
        with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path:
            settings = load(path, environ, catalog)
        # A gateway without a guard gives every call, and every question, all the time there is.
        whole = deadline if self._guarded else 600.0
        sources = [
            replace(one, rates=(Rate(10**9, 1.0),), timeout=seconds, connect=seconds, total=None)
            for one in settings.sources
            for seconds in [whole / 8 if one.name == FAULTY else whole]
        ]
        return replace(settings, sources=tuple(sources), server=replace(settings.server, deadline=whole))


def made(crms: Mapping[str, Simulator]) -> bool:
    """Whether the CRM that fails holds the person whom the mutation makes."""
    return any(one.source == FAULTY and "nora@quill.example" in one.emails for one in held(crms))


def cases(faults: Mapping[str, Fault], operations: Mapping[str, Operation]) -> Iterator[Case]:
    """The whole grid."""
    for fault in faults.values():
        for operation in operations.values():
            for position in POSITIONS:
                yield Case(fault, operation, position)
