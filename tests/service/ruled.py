"""A gateway with rules over simulators that never refuse for their rate; time passes only when somebody sleeps."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.specs.test_specs import configured
from tests.specs.upstreams import NOW, Made, Upstreams

from crmgraph.app import App
from crmgraph.demo import stage
from crmgraph.demo.leadconnector import leadconnector
from crmgraph.demo.people import World, world
from crmgraph.service.ruling.reports import RuleOutcome, RuleRun
from crmgraph.service.ruling.running import RuleRunning

FREE = {"rate": "1000000/1s"}
"""Our own limit out of the way; the simulators keep theirs."""


PEOPLE = 24
"""How many people there are in a world of few."""


class Time:
    """A clock that is set forward."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Ruled:
    """The gateway, its CRMs, and what was written to them since the last run."""

    def __init__(self, app: App, crms: Upstreams, time: Time) -> None:
        self.app = app
        self.crms = crms
        self.time = time
        self.writes: list[Made] = []

    async def run(self, rule: str, limit: int = 500, *, dry: bool = False, patient: bool = True) -> RuleRun:
        """Run a rule once, long enough after the run before that no CRM's allowance or index stands in the way."""
        await self.time.sleep(120)
        self.crms.made.clear()
        reading = self.app.gateway.read()
        sleep = self.time.sleep if patient else None
        running = RuleRunning(reading, self.app.stores, self.app.gateway.cross_rules[rule], "test", dry, sleep)
        found = await running.run(limit)
        await reading.session.close()
        self.writes = [one for one in self.crms.made if _writes(one)]
        return found

    def state(self, source: str) -> Any:
        return self.crms.simulators[source].state


def _writes(made: Made) -> bool:
    return made.method in ("PUT", "PATCH", "DELETE") or (made.method == "POST" and "search" not in made.path)


def counts(run: RuleRun) -> dict[RuleOutcome, int]:
    """What came to something at all."""
    return {outcome: count for outcome, count in run.counts.items() if count}


def few(world: World) -> World:
    """The world without most of its ordinary people: those who are hard to tell apart stay."""
    keys = {one.key for one in world.people[:PEOPLE]}
    seen = tuple(one for one in world.sightings if one.person in keys)
    known = {(one.crm, one.number) for one in seen}
    deals, todos, memos = (
        tuple(one for one in several if (one.crm, one.contact) in known)
        for several in (world.all_deals, world.all_todos, world.all_memos)
    )
    return replace(world, sightings=seen, all_deals=deals, all_todos=todos, all_memos=memos, all_events=())


@asynccontextmanager
async def ruled(folder: Path, sources: Sequence[str], rules: Mapping[str, Any], **more: Any) -> AsyncIterator[Ruled]:
    """A gateway over these simulators with these rules, its key index filled."""
    crms, time = Upstreams(), Time()
    cast = few(world())
    open_door = {"leadconnector": leadconnector(cast, clock=time.now, rate_limit=1_000_000)}
    crms.simulators = {**stage.simulators(cast, clock=time.now, per_minute=1_000_000), **open_door}
    crms.simulate({}, {})
    config = {
        "sources": {name: {"connector": name, "limits": FREE} for name in sources},
        "identity": {"index": "on"},
        "rules": rules,
        **more,
    }
    app = App(configured(config, folder, crms), transport_for=crms.transport_for, clock=time)
    await app.fill_index()
    try:
        yield Ruled(app, crms, time)
    finally:
        await app.aclose()
