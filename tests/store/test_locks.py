"""Holds: one holder per record over all processes, and none of the past."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from tests.store.given import Crew, plan

from crmgraph.service.holds import Busy, LostHold
from crmgraph.service.ports import Locks
from crmgraph.store.database import Database
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.locks import DatabaseLocks
from crmgraph.store.worker import beat

HOLDERS = 50


async def test_holders_come_one_after_the_other_with_growing_fences(database: Database, crew: Crew) -> None:
    locks: Locks = DatabaseLocks(database, crew.worker(), crew.clock.sleep)
    fences = []
    for _ in range(3):
        async with locks.hold("sales", "r1", 1) as hold:
            fences.append(hold.fence)
    assert fences == [1, 2, 3]


async def test_another_worker_waits_no_longer_than_its_patience(database: Database, crew: Crew) -> None:
    first, second = (DatabaseLocks(database, crew.worker(), crew.clock.sleep) for _ in range(2))
    async with first.hold("sales", "r1", 1):
        with pytest.raises(Busy):
            async with second.hold("sales", "r1", 1):
                pass
        async with second.hold("sales", "r2", 1), second.hold("support", "r1", 1):
            pass
    async with second.hold("sales", "r1", 1) as hold:
        assert hold.fence == 2


async def test_within_a_worker_the_queue_is_left_when_patience_ends(database: Database, crew: Crew) -> None:
    locks = DatabaseLocks(database, crew.worker(), crew.clock.sleep)
    async with locks.hold("sales", "r1", 1):
        with pytest.raises(Busy):
            async with locks.hold("sales", "r1", 0):
                pass


async def test_a_hold_that_ran_out_commits_nothing(database: Database, crew: Crew) -> None:
    """Whether or not somebody has taken the record since, and a beat that comes too late mends nothing."""
    worker = crew.worker()
    locks, journal = DatabaseLocks(database, worker, crew.clock.sleep), DatabaseJournal(database, worker)
    id = await journal.open(plan("sales"))
    async with locks.hold("sales", "r1", 1) as hold:
        assert await journal.sending(id, 0, hold) == 1
        crew.clock.pass_(30)
        await beat(database, worker)
        with pytest.raises(LostHold):
            await journal.sending(id, 0, hold)
        async with DatabaseLocks(database, crew.worker(), crew.clock.sleep).hold("sales", "r1", 1) as later:
            assert later.fence > hold.fence
            with pytest.raises(LostHold):
                await journal.sending(id, 0, hold)


async def test_leaving_late_frees_nobody_elses_hold(database: Database, crew: Crew) -> None:
    old, new, third = (DatabaseLocks(database, crew.worker(), crew.clock.sleep) for _ in range(3))
    late = old.hold("sales", "r1", 1)
    await late.__aenter__()
    crew.clock.pass_(30)
    async with new.hold("sales", "r1", 1):
        await late.__aexit__(None, None, None)
        with pytest.raises(Busy):
            async with third.hold("sales", "r1", 1):
                pass


async def test_a_hold_that_beats_lasts(database: Database, crew: Crew) -> None:
    worker = crew.worker()
    async with DatabaseLocks(database, worker, crew.clock.sleep).hold("sales", "r1", 1):
        for _ in range(4):
            crew.clock.pass_(20)
            await beat(database, worker)
        with pytest.raises(Busy):
            async with DatabaseLocks(database, crew.worker(), crew.clock.sleep).hold("sales", "r1", 1):
                pass


async def test_who_is_cancelled_while_taking_holds_nothing(database: Database, crew: Crew) -> None:
    locks, other = (DatabaseLocks(database, crew.worker(), crew.clock.sleep) for _ in range(2))
    async with other.hold("sales", "warm", 1):
        pass
    taking = asyncio.create_task(locks.hold("sales", "r1", 1).__aenter__())
    for _ in range(3):
        await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    await database.settle()
    async with other.hold("sales", "r1", 0):
        pass


def test_two_processes_of_fifty_holders_count_to_a_hundred(url: str, tmp_path: Path) -> None:
    """Each reads a number from a file and writes the next one: any two at once would lose a count."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    command = [sys.executable, "-m", "tests.store.processes", "count", url, str(counter), str(HOLDERS)]
    running = [subprocess.Popen(command, env={"PYTHONPATH": ":".join(sys.path)}) for _ in range(2)]
    assert [one.wait(timeout=60) for one in running] == [0, 0]
    assert counter.read_text() == str(2 * HOLDERS)
