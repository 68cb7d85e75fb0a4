"""What the store's tests start from: a clock that is set by hand, workers, plans."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from crmgraph.service.intents import Outcome, Plan, PlannedStep, StepState
from crmgraph.store.worker import Worker

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)

DONE = Outcome(StepState.DONE, record="r1", told=b'{"ignored":[]}')
UNKNOWN = Outcome(StepState.UNKNOWN, reason="The connection broke after the request was sent.")
FAILED = Outcome(StepState.FAILED, reason="It was never sent.")


@dataclass
class HandClock:
    """Time stands still until it is moved; every clock made from one shares its time."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.pass_(seconds)


@dataclass
class Crew:
    """Workers on one clock, with names and ids that are counted instead of drawn."""

    clock: HandClock = field(default_factory=HandClock)
    numbers: "count[int]" = field(default_factory=count)

    def random(self, size: int) -> bytes:
        return (next(self.numbers) % 256**size).to_bytes(size, "big")

    def worker(self) -> Worker:
        return Worker(self.random(16).hex(), self.clock, self.random, LEASE)


def plan(*sources: str, key: str | None = None, caller: str = "ada") -> Plan:
    """A plan to change one record at each source."""
    steps = tuple(PlannedStep(one, "contact", "update", record="r1", clue=b'{"settle":2}') for one in sources)
    return Plan(caller, "updateContact", b'{"id":"1"}', steps, key)
