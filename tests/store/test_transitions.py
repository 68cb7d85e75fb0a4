"""The states of a step: whatever is tried in whatever order, only what may follow follows."""

import asyncio
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.given import Crew, plan

from crmgraph.service.intents import NEXT, OPEN, IllegalStep, LostIntent, Outcome, StepState, before
from crmgraph.store.database import Database
from crmgraph.store.journal import DatabaseJournal

TRIES = st.lists(st.tuples(st.sampled_from(("settle", "resolve")), st.sampled_from(StepState)), max_size=8)


def allowed(verb: str, now: StepState, then: StepState) -> bool:
    """The law, told apart from the code that keeps it: nothing ends twice, and the unknown is never sent again."""
    if then is StepState.PLANNED or now not in {StepState.PLANNED, StepState.SENDING, StepState.UNKNOWN}:
        return False
    if then is StepState.SENDING:
        return now is not StepState.UNKNOWN and verb == "settle"
    if now is StepState.PLANNED:
        return verb == "settle" and then not in {StepState.DONE, StepState.UNKNOWN}
    if now is StepState.SENDING:
        return verb == "settle"
    return verb == "resolve" and then not in {StepState.UNKNOWN, StepState.UNSUPPORTED}


async def attempt(journal: DatabaseJournal, id: str, verb: str, state: StepState) -> bool:
    """Whether the journal let the step enter the state."""
    try:
        if verb == "resolve":
            await journal.resolve(id, 0, Outcome(state))
        elif state is StepState.SENDING:
            await journal.sending(id, 0)
        else:
            await journal.settled(id, 0, Outcome(state))
    except (IllegalStep, LostIntent):
        return False
    return True


async def walk(journal: DatabaseJournal, tries: list[tuple[str, StepState]]) -> None:
    id, now, sent = await journal.open(plan("sales")), StepState.PLANNED, 0
    for verb, then in tries:
        entered = await attempt(journal, id, verb, then)
        assert entered == allowed(verb, now, then), (verb, now, then)
        now, sent = (then, sent + (then is StepState.SENDING)) if entered else (now, sent)
        intent = await journal.read(id)
        assert intent is not None
        assert (intent.steps[0].state, intent.steps[0].attempts) == (now, sent)
        assert (intent.settled_at is None) == (now in OPEN)


def test_only_legal_states_follow_each_other(tmp_path: Path) -> None:
    """On a real file, and each refusal changes nothing."""
    with asyncio.Runner() as runner:
        database = Database(f"sqlite:///{tmp_path}/crmgraph.db")
        journal = DatabaseJournal(database, Crew().worker())

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(TRIES)
        def walks(tries: list[tuple[str, StepState]]) -> None:
            runner.run(walk(journal, tries))

        walks()
        runner.run(database.aclose())


def test_every_state_says_what_may_follow_and_open_states_can_end() -> None:
    assert set(NEXT) == set(StepState)
    assert {one for one in StepState if NEXT[one]} == OPEN | {StepState.UNKNOWN}
    assert before(StepState.PLANNED) == frozenset()
    assert before(StepState.UNKNOWN) == {StepState.SENDING}
