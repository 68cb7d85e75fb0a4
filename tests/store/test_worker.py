"""A worker: a name of its own, and a pulse as long as it lives."""

import os

import pytest
from tests.store.given import LEASE, Crew, HandClock, plan

from crmgraph.store.database import Database
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.worker import beating, new_worker


class Died(Exception):
    """The end of a process, as its pulse sees it."""


async def test_a_pulse_keeps_what_the_worker_holds_until_it_stops(database: Database, crew: Crew) -> None:
    worker, other = crew.worker(), DatabaseJournal(database, crew.worker())
    id = await DatabaseJournal(database, worker).open(plan("sales"))
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 9:
            raise Died
        crew.clock.pass_(seconds)

    with pytest.raises(Died):
        await beating(database, worker, sleep)
    assert set(pauses) == {LEASE.total_seconds() / 3}
    assert await other.claim(id) is None
    crew.clock.pass_(LEASE.total_seconds())
    assert await other.claim(id) is not None


def test_no_two_workers_have_one_name() -> None:
    assert new_worker(HandClock(), os.urandom).id != new_worker(HandClock(), os.urandom).id
