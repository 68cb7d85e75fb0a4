"""Idempotency keys: who asks second gets the first one's answer, and nobody begins twice."""

import asyncio

import pytest
from tests.store.given import DONE, Crew, plan

from crmgraph.service.beginnings import Beginning, Conflict, Fresh, Running, Stored, Unfinished
from crmgraph.service.intents import LostIntent
from crmgraph.service.ports import Idempotency
from crmgraph.store.database import Database
from crmgraph.store.idempotency import DatabaseIdempotency
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.tidying import tidy
from crmgraph.store.worker import beat

MONTH = 30 * 86400

AGAIN: list[tuple[str, str, bytes, bool, float, Beginning]] = [
    ("ada", "k", b"same", True, 0, Stored(b"{}")),
    ("ada", "k", b"other", True, 0, Conflict()),
    ("bob", "k", b"other", True, 0, Fresh()),
    ("ada", "l", b"same", True, 0, Fresh()),
    ("ada", "k", b"same", True, MONTH - 1, Stored(b"{}")),
    ("ada", "k", b"other", True, MONTH, Fresh()),
    ("ada", "k", b"same", False, 0, Running()),
    ("ada", "k", b"other", False, 0, Conflict()),
    ("ada", "k", b"same", False, 29, Running()),
    ("ada", "k", b"same", False, 30, Fresh()),
    ("ada", "k", b"other", False, 30, Conflict()),
]


@pytest.mark.parametrize(("caller", "key", "digest", "finished", "later", "expected"), AGAIN)
async def test_after_ada_began_k_with_the_same(
    database: Database,
    crew: Crew,
    caller: str,
    key: str,
    digest: bytes,
    finished: bool,
    later: float,
    expected: Beginning,
) -> None:
    first = DatabaseIdempotency(database, crew.worker())
    second: Idempotency = DatabaseIdempotency(database, crew.worker())
    assert await first.begin("ada", "k", b"same") == Fresh()
    if finished:
        assert await first.finish("ada", "k", b"{}") == b"{}"
    crew.clock.pass_(later)
    assert await second.begin(caller, key, digest) == expected


async def test_of_many_that_begin_at_once_one_is_fresh(database: Database, crew: Crew) -> None:
    many = [DatabaseIdempotency(database, crew.worker()) for _ in range(8)]
    begun = await asyncio.gather(*(one.begin("ada", "k", b"d") for one in many))
    assert sorted(map(repr, begun)) == [repr(Fresh()), *[repr(Running())] * 7]


async def test_a_key_leads_to_its_intent_when_the_worker_died(database: Database, crew: Crew) -> None:
    """Open: still running, for nobody may send again. Settled: the journal holds the answer."""
    dead, living = crew.worker(), crew.worker()
    keys, journal = DatabaseIdempotency(database, living), DatabaseJournal(database, living)
    await DatabaseIdempotency(database, dead).begin("ada", "k", b"d")
    id = await DatabaseJournal(database, dead).open(plan("sales", key="k"))
    await DatabaseJournal(database, dead).sending(id, 0)
    crew.clock.pass_(3600)
    assert await keys.begin("ada", "k", b"d") == Running()
    assert await journal.claim(id) is not None
    await journal.settled(id, 0, DONE)
    assert await keys.begin("ada", "k", b"d") == Unfinished(id)
    assert await keys.finish("ada", "k", b"[1]") == b"[1]"
    assert await keys.begin("ada", "k", b"d") == Stored(b"[1]")


async def test_the_first_answer_counts(database: Database, crew: Crew) -> None:
    keys = DatabaseIdempotency(database, crew.worker())
    await keys.begin("ada", "k", b"d")
    assert [await keys.finish("ada", "k", each) for each in (b"1", b"2")] == [b"1", b"1"]
    with pytest.raises(LostIntent):
        await keys.finish("ada", "never begun", b"1")


async def test_a_plan_is_opened_only_under_a_key_that_is_still_ones_own(database: Database, crew: Crew) -> None:
    """A worker that was away for longer than its lease finds its key taken, and sends nothing."""
    slow, quick = crew.worker(), crew.worker()
    await DatabaseIdempotency(database, slow).begin("ada", "k", b"d")
    crew.clock.pass_(30)
    assert await DatabaseIdempotency(database, quick).begin("ada", "k", b"d") == Fresh()
    with pytest.raises(LostIntent):
        await DatabaseJournal(database, slow).open(plan("sales", key="k"))
    assert await DatabaseJournal(database, quick).open(plan("sales", key="k"))
    with pytest.raises(LostIntent):
        await DatabaseJournal(database, quick).open(plan("sales", key="k"))
    crew.clock.pass_(60)
    assert len(await DatabaseJournal(database, slow).pending()) == 1


async def test_a_key_that_was_given_back_begins_anew_and_one_with_an_intent_does_not(
    database: Database, crew: Crew
) -> None:
    worker = crew.worker()
    keys, journal = DatabaseIdempotency(database, worker), DatabaseJournal(database, worker)
    await keys.begin("ada", "k", b"d")
    await keys.abandon("ada", "k")
    assert await keys.begin("ada", "k", b"another") == Fresh()
    id = await journal.open(plan("sales", key="k"))
    await keys.abandon("ada", "k")
    assert await keys.begin("ada", "k", b"another") == Running()
    await journal.sending(id, 0)
    await journal.settled(id, 0, DONE)
    assert await keys.begin("ada", "k", b"another") == Unfinished(id)


async def test_who_is_cancelled_while_beginning_leaves_no_key_behind(database: Database, crew: Crew) -> None:
    keys = DatabaseIdempotency(database, crew.worker())
    await keys.begin("ada", "first", b"d")
    beginning = asyncio.create_task(keys.begin("ada", "k", b"d"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    beginning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beginning
    await database.settle()
    assert await keys.begin("ada", "k", b"other") == Fresh()


async def test_tidying_takes_what_is_old_and_leaves_what_is_open_or_unknown(database: Database, crew: Crew) -> None:
    worker = crew.worker()
    keys, journal = DatabaseIdempotency(database, worker), DatabaseJournal(database, worker)
    await keys.begin("ada", "k", b"d")
    done, left = await journal.open(plan("sales", key="k")), await journal.open(plan("sales"))
    await journal.sending(done, 0)
    await journal.settled(done, 0, DONE)
    await keys.finish("ada", "k", b"{}")
    crew.clock.pass_(MONTH - 1)
    await tidy(database, worker)
    assert await keys.begin("ada", "k", b"d") == Stored(b"{}")
    crew.clock.pass_(1)
    await tidy(database, worker)
    assert await journal.read(done) is None
    assert await journal.read(left) is not None
    assert await keys.begin("ada", "k", b"other") == Fresh()


async def test_a_worker_that_beats_keeps_its_keys(database: Database, crew: Crew) -> None:
    worker, other = crew.worker(), crew.worker()
    await DatabaseIdempotency(database, worker).begin("ada", "k", b"d")
    for _ in range(4):
        crew.clock.pass_(20)
        await beat(database, worker)
    assert await DatabaseIdempotency(database, other).begin("ada", "k", b"d") == Running()
