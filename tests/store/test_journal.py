"""The journal: what is written stands, one worker at a time goes on with it, and nothing unsettled is overlooked."""

import asyncio
from dataclasses import replace

import pytest
from tests.store.given import DONE, FAILED, LEASE, NOON, UNKNOWN, Crew, plan

from crmgraph.service.holds import Hold, LostHold
from crmgraph.service.intents import IllegalStep, LostIntent, Outcome, Plan, StepState
from crmgraph.service.ports import Journal
from crmgraph.store.database import Database
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.worker import beat


async def test_a_plan_comes_back_as_it_was_written_down(database: Database, crew: Crew) -> None:
    journal: Journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales", "support"))
    intent = await journal.read(id)
    assert intent is not None
    assert (intent.caller, intent.mutation, intent.input, intent.key) == ("ada", "updateContact", b'{"id":"1"}', None)
    assert (intent.created_at, intent.settled_at) == (NOON, None)
    assert tuple(step.plan for step in intent.steps) == plan("sales", "support").steps
    assert {(step.state, step.attempts, step.changed_at) for step in intent.steps} == {(StepState.PLANNED, 0, NOON)}
    assert await journal.read("nowhere") is None


async def test_a_write_is_sent_settled_and_closed(database: Database, crew: Crew) -> None:
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales", "support"))
    assert await journal.sending(id, 0) == 1
    assert await journal.sending(id, 0) == 2
    await journal.settled(id, 0, DONE)
    await journal.settled(id, 1, Outcome(StepState.UNSUPPORTED, reason="It keeps no notes."))
    intent = await journal.read(id)
    assert intent is not None
    assert intent.settled_at == NOON
    first, second = intent.steps
    assert (first.state, first.attempts, first.record, first.told) == (StepState.DONE, 2, "r1", b'{"ignored":[]}')
    assert (second.state, second.attempts, second.reason) == (StepState.UNSUPPORTED, 0, "It keeps no notes.")
    crew.clock.pass_(3600)
    assert await journal.unsettled() == await journal.pending() == []


async def test_a_plan_without_steps_is_refused(database: Database, crew: Crew) -> None:
    with pytest.raises(IllegalStep):
        await DatabaseJournal(database, crew.worker()).open(plan())


@pytest.mark.parametrize("outcome", [Outcome(StepState.PLANNED), Outcome(StepState.SENDING)])
async def test_an_open_state_settles_nothing(database: Database, crew: Crew, outcome: Outcome) -> None:
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales"))
    with pytest.raises(IllegalStep):
        await journal.settled(id, 0, outcome)


async def test_what_was_never_sent_is_neither_done_nor_unknown(database: Database, crew: Crew) -> None:
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales"))
    for outcome in (DONE, UNKNOWN):
        with pytest.raises(IllegalStep):
            await journal.settled(id, 0, outcome)
    with pytest.raises(IllegalStep):
        await journal.sending(id, 7)


async def test_steps_of_one_intent_settle_at_the_same_time(database: Database, crew: Crew) -> None:
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan(*"abcdef"))
    await asyncio.gather(*(journal.sending(id, one) for one in range(6)))
    await asyncio.gather(*(journal.settled(id, one, DONE) for one in range(6)))
    intent = await journal.read(id)
    assert intent is not None
    assert intent.settled_at == NOON


async def test_a_worker_that_beats_keeps_its_intents(database: Database, crew: Crew) -> None:
    mine, other = crew.worker(), crew.worker()
    id = await DatabaseJournal(database, mine).open(plan("sales"))
    for _ in range(5):
        crew.clock.pass_(20)
        await beat(database, mine)
    assert await DatabaseJournal(database, other).unsettled() == []
    assert await DatabaseJournal(database, other).claim(id) is None


async def test_what_a_dead_worker_left_is_claimed_once_and_lost_to_it(database: Database, crew: Crew) -> None:
    dead, *living = (DatabaseJournal(database, crew.worker()) for _ in range(3))
    id = await dead.open(plan("sales"))
    await dead.sending(id, 0)
    crew.clock.pass_(30)
    assert [one.id for one in await living[0].unsettled()] == [id]
    claimed = await asyncio.gather(*(one.claim(id) for one in living))
    assert [one is None for one in claimed].count(False) == 1
    assert await dead.unsettled() == []
    for late in (dead.sending(id, 0), dead.settled(id, 0, DONE)):
        with pytest.raises(LostIntent):
            await late
    (taken,) = (one for one in claimed if one is not None)
    assert taken.steps[0].state is StepState.SENDING


async def test_a_worker_never_recovers_what_it_still_works_on_itself(database: Database, crew: Crew) -> None:
    """Its own process may be slow; that is no reason to do the same thing beside itself."""
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales"))
    crew.clock.pass_(3600)
    assert await journal.unsettled() == []
    assert await journal.claim(id) is None
    assert await journal.sending(id, 0) == 1


async def test_a_released_intent_waits_for_its_time_and_then_for_anybody(database: Database, crew: Crew) -> None:
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales"))
    await journal.sending(id, 0)
    await journal.release(id, NOON + LEASE / 3)
    assert await journal.claim(id) is None
    crew.clock.pass_(10)
    assert [one.id for one in await journal.pending()] == [id]
    taken = await journal.claim(id)
    assert taken is not None
    await journal.settled(id, 0, FAILED)
    assert await journal.pending() == []


async def test_the_unknown_stays_to_be_seen_until_somebody_finds_out(database: Database, crew: Crew) -> None:
    journal, other = (DatabaseJournal(database, crew.worker()) for _ in range(2))
    id = await journal.open(plan("sales"))
    await journal.sending(id, 0)
    await journal.settled(id, 0, UNKNOWN)
    crew.clock.pass_(3600)
    (seen,) = await other.pending()
    assert (seen.steps[0].state, seen.steps[0].reason) == (StepState.UNKNOWN, UNKNOWN.reason)
    assert await other.unsettled() == []
    with pytest.raises(LostIntent):
        await other.sending(id, 0)
    with pytest.raises(IllegalStep):
        await other.resolve(id, 0, UNKNOWN)
    await other.resolve(id, 0, DONE)
    assert await other.pending() == []
    with pytest.raises(IllegalStep):
        await other.resolve(id, 0, FAILED)


async def test_nothing_is_sent_under_a_hold_that_is_over(database: Database, crew: Crew) -> None:
    journal = DatabaseJournal(database, crew.worker())
    id = await journal.open(plan("sales"))
    with pytest.raises(LostHold):
        await journal.sending(id, 0, Hold("sales", "r1", 1))
    intent = await journal.read(id)
    assert intent is not None
    assert (intent.steps[0].state, intent.steps[0].attempts) == (StepState.PLANNED, 0)


async def test_an_intent_whose_opener_was_cancelled_is_left_to_recovery(database: Database, crew: Crew) -> None:
    """A client may hang up while the plan is being written; its worker lives on and must not keep it."""
    journal, other = (DatabaseJournal(database, crew.worker()) for _ in range(2))
    await journal.pending()
    opening = asyncio.create_task(journal.open(plan("sales")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await database.settle()
    (left,) = await other.unsettled()
    assert await other.claim(left.id) is not None


async def test_bytes_and_words_of_every_script_are_kept(database: Database, crew: Crew) -> None:
    journal = DatabaseJournal(database, crew.worker())
    written: Plan = replace(plan("sales"), caller="Ümit ✓", input='{"name":"名前"}'.encode())
    intent = await journal.read(await journal.open(written))
    assert intent is not None
    assert (intent.caller, intent.input) == (written.caller, written.input)
