"""The judgements of people in the store: kept for ever, numbered without gaps, heard by all workers, asked for free."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select
from tests.store.given import NOON, Crew

from crmgraph.domain.errors import ConfigError, InputError
from crmgraph.domain.judgements import NOTHING, Different, Judgement, Pin, Same, Undo, standing
from crmgraph.domain.records import Ref
from crmgraph.store.database import Database
from crmgraph.store.judgements import DatabaseJudgements
from crmgraph.store.notices import DatabaseNotices
from crmgraph.store.rotation import Resealed, resealed
from crmgraph.store.tables import audit_entries
from crmgraph.store.tables import judgements as table
from crmgraph.store.vault import Vault

ANNA, ANN, BOB = Ref("sales", "contact", "c1"), Ref("support", "contact", "7", "org"), Ref("sales", "contact", "c2")
PINNED = {"value": ["Anna", None, 1.5]}


class Counted(Database):
    """A database that counts what it is asked."""

    reads = 0

    async def read(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        self.reads += 1
        return await super().read(work)


@pytest.fixture
async def counted(url: str):
    database = Counted(url)
    yield database
    await database.aclose()


async def test_what_was_said_is_read_back_whole_also_by_another_worker(database: Database, crew: Crew) -> None:
    mine, others = (DatabaseJudgements(database, crew.worker()) for _ in range(2))
    first = await mine.say(Same(ANN, ANNA), "ada", "They told me.")
    second = await mine.say(Pin(ANN, "givenName", PINNED), "bo")
    third = await mine.say(Undo(1), "bo", "A mistake.")
    assert first == Judgement(1, Same(ANNA, ANN), (ANNA, ANN), "ada", NOON, "They told me.")
    assert third.refs == (ANNA, ANN)
    assert await mine.all() == await others.all() == [first, second, third]


async def test_what_stands_and_what_was_ever_said_can_be_asked_by_record(database: Database, crew: Crew) -> None:
    store = DatabaseJudgements(database, crew.worker())
    assert await store.standing() == NOTHING
    said = [await store.say(saying, "ada") for saying in (Same(ANNA, ANN), Different(ANNA, BOB), Undo(1))]
    assert await store.standing() == standing(said)
    assert [one.number for one in await store.of([ANNA])] == [2]
    assert [one.number for one in await store.of([ANN])] == []
    assert [one.number for one in await store.history(ANN)] == [1, 3]


async def test_to_ask_costs_no_query_while_nobody_judges(counted: Counted, crew: Crew) -> None:
    store = DatabaseJudgements(counted, crew.worker())
    await store.say(Same(ANNA, ANN), "ada")
    await store.standing()
    before = counted.reads
    for _ in range(3):
        await store.standing(), await store.all(), await store.of([ANNA]), await store.history(ANN)
    assert counted.reads == before


async def test_another_worker_hears_of_a_judgement_with_the_notices(database: Database, crew: Crew) -> None:
    speaker, listening = DatabaseJudgements(database, crew.worker()), crew.worker()
    listener = DatabaseJudgements(database, listening)
    notices = DatabaseNotices(database, listening, [listener])
    await notices.heard()
    assert await listener.standing() == NOTHING
    await speaker.say(Same(ANNA, ANN), "ada")
    assert await listener.standing() == NOTHING
    (told,) = await notices.heard()
    assert (told.judged, told.written) == (True, False)
    assert (await listener.standing()).same == {(ANNA, ANN)}


async def test_what_was_said_before_a_worker_listened_is_not_missed(database: Database, crew: Crew) -> None:
    listening = crew.worker()
    listener = DatabaseJudgements(database, listening)
    assert await listener.standing() == NOTHING
    await DatabaseJudgements(database, crew.worker()).say(Same(ANNA, ANN), "ada")
    await DatabaseNotices(database, listening, [listener]).heard()
    assert (await listener.standing()).same == {(ANNA, ANN)}


async def test_workers_that_judge_at_once_get_numbers_without_gaps(url: str, crew: Crew) -> None:
    databases = [Database(url) for _ in range(3)]
    stores = [DatabaseJudgements(one, crew.worker()) for one in databases]
    said = await asyncio.gather(*(one.say(Same(ANNA, ANN), "ada") for one in stores for _ in range(4)))
    assert sorted(one.number for one in said) == list(range(1, 13))
    undone = await asyncio.gather(*(one.say(Undo(1), "bo") for one in stores), return_exceptions=True)
    assert [type(one) for one in undone].count(InputError) == 2
    for one in databases:
        await one.aclose()


async def test_an_undoing_of_nothing_leaves_nothing(database: Database, crew: Crew) -> None:
    store = DatabaseJudgements(database, crew.worker())
    with pytest.raises(InputError, match="There is no judgement 3"):
        await store.say(Undo(3), "ada")
    assert (await store.say(Same(ANNA, ANN), "ada")).number == 1


async def test_who_judged_which_record_is_in_the_audit_log_and_no_value_is(database: Database, crew: Crew) -> None:
    await DatabaseJudgements(database, crew.worker()).say(Pin(ANNA, "givenName", "Anna"), "ada", "She said so.")
    (entry,) = (await database.read(lambda connection: connection.execute(select(audit_entries)))).all()
    assert (entry.who, entry.what, entry.outcome, entry.source, entry.record) == ("ada", "judge", "PIN", "sales", "c1")
    assert "Anna" not in str(entry)


async def test_what_people_wrote_is_sealed_where_there_is_a_vault_and_sealed_anew_with_it(
    database: Database, crew: Crew
) -> None:
    old, new = Vault({"old": b"o" * 32}, crew.random), Vault({"new": b"n" * 32}, crew.random)
    plain, sealed = (DatabaseJudgements(database, crew.worker(), vault) for vault in (None, old))
    await plain.say(Pin(ANNA, "jobTitle", "Director"), "ada")
    said = await sealed.say(Pin(ANNA, "givenName", "Anna"), "ada", "She said so.")
    rows = (await database.read(lambda connection: connection.execute(select(table)))).all()
    shown = (b"Director" in rows[0].payload, b"Anna" in rows[1].payload, b"She" in rows[1].payload)
    assert shown == (True, False, False)
    with pytest.raises(ConfigError, match="there is no vault"):
        await plain.all()
    both = Vault({"new": b"n" * 32, "old": b"o" * 32}, crew.random)
    assert await resealed(database, both) == Resealed(anew=1)
    assert said in await DatabaseJudgements(database, crew.worker(), new).all()
