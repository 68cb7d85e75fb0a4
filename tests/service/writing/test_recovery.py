"""What becomes of writes that were sent and not answered, and of those that a dead worker left behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.api.staged import settings_for
from tests.sources.given import Told

from crmgraph.app import App
from crmgraph.connectors.exchange import Terms
from crmgraph.connectors.flows import EVERYTHING
from crmgraph.demo import stage
from crmgraph.demo.faults import Fault
from crmgraph.demo.simulator import Simulator
from crmgraph.domain.model import Kind
from crmgraph.service.intents import Plan, PlannedStep, StepState
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.encoding import as_bytes, encoded
from crmgraph.service.writing.finding_out import SETTLE


@dataclass
class HandClock:
    """It is noon until time is made to pass."""

    passed: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, tzinfo=UTC) + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def pass_(self, seconds: float) -> None:
        self.passed += timedelta(seconds=seconds)


@dataclass
class Office:
    """A gateway over one simulator, and its journal."""

    app: App
    crm: Simulator
    clock: HandClock

    async def ask(self, query: str) -> Any:
        outcome = await self.app.execution.execute(query)
        assert not outcome.errors, outcome.errors
        return outcome.data

    async def create(self, email: str = "nora@quill.example", key: str = "") -> Any:
        keyed = f', idempotencyKey: "{key}"' if key else ""
        data = await self.ask(
            f'mutation {{createContact(input: {{givenName: "Nora", familyName: "Quill", emails: [{{value: "{email}"}}]'
            f"{keyed}}}) {{ results {{ outcome recordId error {{ code }} }} userErrors {{ code }} }} }}"
        )
        return data["createContact"]

    async def outcome(self, **how: Any) -> str:
        (result,) = (await self.create(**how))["results"]
        return str(result["outcome"])

    async def pending(self) -> list[str]:
        data = await self.ask("{ pendingWrites { steps { state } } }")
        return [step["state"] for one in data["pendingWrites"] for step in one["steps"]]

    async def is_settled(self, intent: str) -> bool:
        found = await self.app.stores.journal.read(intent)
        assert found is not None
        return found.settled_at is not None

    async def known(self, email: str = "nora@quill.example") -> int:
        """How many records the CRM itself has with this address."""
        return str(self.crm.state.contacts).count(email)


@pytest.fixture(params=["bigcontacts", "orgcrm", "leadconnector"])
async def office(request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    clock = HandClock()
    crms = stage.simulators(clock=clock.now, per_minute=10**6)
    settings = settings_for(crms, (request.param,))
    app = App(settings, transport_for=lambda one: Resetting(crms[one.name].app), clock=clock)
    yield Office(app, crms[request.param], clock)
    await app.aclose()


class Resetting(httpx.ASGITransport):
    """A transport whose torn connections look as they do over a socket."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except ConnectionResetError:
            raise httpx.ReadError("") from None


def only_posts(applied: bool) -> Callable[[str, str], Fault | None]:
    """The next write is cut off, done or not."""
    left = [Fault("reset", applied=applied)]
    return lambda method, path: left.pop() if method == "POST" and "search" not in path and left else None


async def test_a_create_that_was_done_and_not_answered_is_seen_to_be_done(office: Office) -> None:
    office.crm.faults.choose(only_posts(applied=True))
    assert await office.outcome() == "DONE"
    assert await office.known() == 1
    assert await office.pending() == []


async def test_a_create_that_is_nowhere_to_be_seen_is_unknown_until_it_surely_never_will_be(office: Office) -> None:
    office.crm.faults.choose(only_posts(applied=False))
    assert await office.outcome() == "UNKNOWN"
    assert await office.pending() == ["SENDING"]
    office.clock.pass_(1)
    await office.app.recovery.once()
    assert await office.pending() == ["SENDING"]
    office.clock.pass_(3 * SETTLE)
    await office.app.recovery.once()
    assert await office.pending() == []
    assert await office.known() == 0


async def test_once_it_is_told_what_became_of_a_write_nobody_is_told_of_the_time_before(office: Office) -> None:
    office.crm.faults.choose(only_posts(applied=False))
    assert await office.outcome() == "UNKNOWN"
    (source,), told = office.app.pool.sources, Told()
    call = next(source.reader.page(source.reader.definition.resources["contact"].listings[0], EVERYTHING, None))
    lasting = replace(call, terms=Terms(source.reader.definition.spec.reply, 300))
    for _ in range(2):
        await source.read(lasting, told)
    office.clock.pass_(3 * SETTLE)
    await office.app.recovery.once()
    await source.read(lasting, told)
    assert (told.calls, len(told.ages)) == (2, 1)


async def test_who_asks_again_with_the_key_is_told_what_was_found_out(office: Office) -> None:
    office.crm.faults.choose(only_posts(applied=False))
    assert await office.outcome(key="k1") == "UNKNOWN"
    office.clock.pass_(3 * SETTLE)
    await office.app.recovery.once()
    assert await office.outcome(key="k1") == "FAILED"
    assert await office.outcome(key="k1") == "FAILED"
    assert await office.outcome(key="k2") == "DONE"
    assert await office.known() == 1


async def test_a_source_that_cannot_be_asked_leaves_it_open_until_it_can(office: Office) -> None:
    office.crm.faults.choose(posted_then_down)
    assert await office.outcome(key="k1") == "UNKNOWN"
    office.clock.pass_(3 * SETTLE)
    await office.app.recovery.once()
    assert await office.pending() == ["SENDING"]
    office.crm.faults.clear()
    office.clock.pass_(3 * SETTLE)
    await office.app.recovery.once()
    assert await office.pending() == []
    assert await office.outcome(key="k1") == "DONE"
    assert await office.known() == 1


def posted_then_down(method: str, path: str) -> Fault:
    """The write is done and not answered; whatever else is asked fails."""
    return Fault("reset", applied=True) if method == "POST" and "search" not in path else Fault("status")


async def test_a_source_that_is_slow_to_answer_keeps_no_other_write_waiting(office: Office) -> None:
    """Of two that are open the first look does not come back, and the second is settled meanwhile."""
    for email in ("nora@quill.example", "otto@quill.example"):
        office.crm.faults.choose(only_posts(applied=False))
        assert await office.outcome(email=email) == "UNKNOWN"
    office.clock.pass_(3 * SETTLE)
    first, second = await office.app.stores.journal.unsettled()
    goes_on = asyncio.Event()

    async def wait(_: float) -> None:
        await goes_on.wait()

    office.crm.faults.sleep = wait
    office.crm.faults.set("delay", times=1)
    looking = asyncio.create_task(office.app.recovery.once())
    while not await office.is_settled(second.id):
        assert not looking.done()
    goes_on.set()
    await looking
    assert await office.is_settled(first.id)


async def test_what_was_planned_by_a_dead_worker_was_never_sent(office: Office) -> None:
    """The plan stands in the journal, no byte went out, and the worker is gone."""
    name = office.app.pool.sources[0].name
    told = encoded(Change(name, "contact", Action.CREATE), Kind.CONTACT)
    clue = as_bytes({"change": told, "sent": None, "before": None})
    plan = Plan("anybody", "createContact", b"{}", (PlannedStep(name, "contact", "CREATE", None, clue),))
    intent = await office.app.stores.journal.open(plan)
    await office.app.stores.journal.release(intent, office.clock.now())
    await office.app.recovery.once()
    found = await office.app.stores.journal.read(intent)
    assert found is not None
    assert [step.state for step in found.steps] == [StepState.FAILED]
    assert "before anything was sent" in str(found.steps[0].reason)
