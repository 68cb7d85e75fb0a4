"""Killed without warning: what was acknowledged is there, and every open intent is found once by one worker."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.store.given import Crew, plan

from crmgraph.service.intents import NEXT, OPEN, Intent, StepState
from crmgraph.store.database import Database
from crmgraph.store.intent_rows import read_intents
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.tables import intents

WRITERS = 4
NOT_DURABLE = "sqlite+aiosqlite:///:memory:"


def started(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.store.processes", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env={"PYTHONPATH": ":".join(sys.path)}, stdin=pipe, stdout=pipe, text=True)


def killed(process: "subprocess.Popen[str]", chance: random.Random) -> list[str]:
    """What a process acknowledged before it was killed, somewhere between two of its steps."""
    assert process.stdout is not None
    with process:
        lines = [process.stdout.readline() for _ in range(chance.randrange(1, 40))]
        process.kill()
        # Whoever reads on must be the one who read so far: what it has taken in already is nowhere else.
        rest = process.stdout.read()
    return [line for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith("\n")]


def killed_while_writing(url: str, chance: random.Random, processes: int) -> list[str]:
    """What several processes acknowledged that wrote beside each other, the others going on when one is killed."""
    running = [started("write", url) for _ in range(processes)]
    return [line for one in running for line in killed(one, chance)]


async def everything(url: str) -> dict[str, Intent]:
    database = Database(url)
    found = await database.read(lambda connection: read_intents(connection, intents.c.id.is_not(None)))
    await database.aclose()
    return {one.id: one for one in found}


def may_follow(then: StepState, now: StepState) -> bool:
    """Whether a step that was told to be in one state may be found in another: at or after it, never before."""
    return now is then or now in NEXT[then] or any(now in NEXT[between] for between in NEXT[then])


def lost(acknowledged: list[str], found: dict[str, Intent]) -> list[str]:
    """The acknowledgements that the journal knows nothing of, or less than was told."""

    def known(line: str) -> bool:
        id, step, state = line.split()
        return id in found and may_follow(StepState(state), found[id].steps[int(step)].state)

    return [line for line in acknowledged if not known(line)]


def open_ones(found: dict[str, Intent]) -> list[str]:
    return sorted(id for id, one in found.items() if any(step.state in OPEN for step in one.steps))


def test_nothing_acknowledged_is_lost_and_everything_open_is_recovered_once(url: str) -> None:
    acknowledged = killed_while_writing(url, random.Random(), WRITERS)
    found = asyncio.run(everything(url))
    assert lost(acknowledged, found) == []
    left = open_ones(found)
    assert left
    assert left == sorted(id for id, one in found.items() if one.settled_at is None)
    claimed = recovered_by_two(url)
    assert sorted(claimed[0] + claimed[1]) == left
    assert open_ones(asyncio.run(everything(url))) == []


def recovered_by_two(url: str) -> list[list[str]]:
    """What each of two processes claimed that began to recover at the same moment."""
    both = [started("recover", url) for _ in range(2)]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=30)[0].split() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    return said


def test_a_journal_that_is_not_durable_would_be_caught(tmp_path: Path) -> None:
    """The same acknowledgements from a journal in memory: the check sees that all of them are gone."""
    acknowledged = killed_while_writing(NOT_DURABLE, random.Random(1), 1)
    assert acknowledged
    assert lost(acknowledged, asyncio.run(everything(f"sqlite:///{tmp_path}/crmgraph.db"))) == acknowledged


@pytest.mark.parametrize("missing", [1, 2])
async def test_an_outcome_that_went_missing_would_be_caught(tmp_path: Path, missing: int) -> None:
    """A step that is found as it was before what was acknowledged."""
    database, crew = Database(f"sqlite:///{tmp_path}/crmgraph.db"), Crew()
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales"))
    told = [f"{id} 0 {state}\n" for state in (StepState.PLANNED, StepState.SENDING, StepState.DONE)]
    if missing == 1:
        await journal.sending(id, 0)
    intent = await journal.read(id)
    assert intent is not None
    assert lost(told, {id: intent}) == told[-missing:]
    await database.aclose()
