"""The ids of persons in the store: one for each person over all workers, remembered, heard of, leading on for ever."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select
from tests.domain.test_assigning import REFS, RUNS, SOURCES, House, drawing
from tests.store.given import Crew

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.forgetting import traces
from crmgraph.service.persons import Led, Resolved
from crmgraph.store.database import Database
from crmgraph.store.forgetting import DatabaseForgetting
from crmgraph.store.notices import DatabaseNotices
from crmgraph.store.person_memory import PersonMemory
from crmgraph.store.person_rows import known_around
from crmgraph.store.persons import DatabasePersons
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.tables import person_records, persons

ANNA, ANN, BOB, BEN = (Ref(source, "contact", ident) for source in ("sales", "support") for ident in ("1", "2"))
CHILD, OTHER_CHILD = Ref("sales", "contact", "1", "p1"), Ref("sales", "contact", "1", "p2")
READ = ("sales", "support")


class Counted(Database):
    """A database that counts what it is asked and told, and says when it is being told."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.times = 0
        self.writing = asyncio.Event()

    async def read(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        self.times += 1
        return await super().read(work)

    async def write(self, *work: Any, **more: Any) -> Any:
        self.times += 1
        self.writing.set()
        return await super().write(*work, **more)


@pytest.fixture
async def counted(url: str):
    database = Counted(url)
    yield database
    await database.aclose()


async def test_whom_records_belong_to_is_kept_and_told_by_any_worker(database: Database, crew: Crew) -> None:
    mine, others = (DatabasePersons(database, crew.worker()) for _ in range(2))
    given = await mine.assign([(ANNA, ANN), (BOB,)], READ)
    assert given[ANNA] == given[ANN] != given[BOB]
    assert await others.of([ANNA, ANN, BOB, BEN]) == await mine.of([ANNA, ANN, BOB, BEN]) == given


async def test_records_that_differ_in_what_they_hang_on_are_two(database: Database, crew: Crew) -> None:
    store = DatabasePersons(database, crew.worker())
    given = await store.assign([(ANNA,), (CHILD,), (OTHER_CHILD,)], READ)
    assert len(set(given.values())) == 3
    assert await DatabasePersons(database, crew.worker()).of([CHILD]) == {CHILD: given[CHILD]}


async def test_an_old_id_leads_to_whom_it_was_joined_with_and_back_when_they_part(
    database: Database, crew: Crew
) -> None:
    store = DatabasePersons(database, crew.worker())
    first = await store.assign([(ANNA,), (ANN,)], READ)
    await store.assign([(ANNA, ANN)], READ)
    assert await store.resolve(first[ANN]) == await store.resolve(first[ANNA]) == Resolved(first[ANNA], (ANNA, ANN))
    assert await store.assign([(ANNA,), (ANN,)], READ) == first
    assert await store.resolve(first[ANN]) == Resolved(first[ANN], (ANN,))
    assert await store.resolve(first[ANNA]) == Resolved(first[ANNA], (ANNA,), (first[ANN],))
    assert await store.resolve(PersonId("never")) is None


async def test_a_split_is_told_with_the_persons_who_came_off(database: Database, crew: Crew) -> None:
    store = DatabasePersons(database, crew.worker())
    whole = (await store.assign([(ANNA, ANN, BOB)], READ))[ANNA]
    parts = await store.assign([(ANNA,), (ANN, BOB)], READ)
    assert await store.resolve(whole) == Resolved(whole, (ANN, BOB), (parts[ANNA],))


async def test_a_source_that_is_down_changes_nothing_and_writes_nothing(counted: Counted, crew: Crew) -> None:
    store = DatabasePersons(counted, crew.worker())
    given = await store.assign([(ANNA, ANN, BOB), (BEN,)], READ)
    assert await store.assign([(ANNA,), (ANN,)], ["sales"]) == {ref: given[ref] for ref in (ANNA, ANN)}
    assert await store.of([ANNA, ANN, BOB, BEN]) == given


async def test_a_page_of_known_people_costs_no_query(counted: Counted, crew: Crew) -> None:
    store = DatabasePersons(counted, crew.worker())
    given = await store.assign([(ANNA, ANN), (BOB,)], READ)
    before = counted.times
    assert await store.assign([(BOB,), (ANN, ANNA)], READ) == given
    assert await store.of([ANNA, BOB]) == {ref: given[ref] for ref in (ANNA, BOB)}
    assert counted.times == before


async def test_all_records_of_known_people_are_told_without_a_query(counted: Counted, crew: Crew) -> None:
    await DatabasePersons(counted, crew.worker()).assign([(ANNA, ANN), (BOB,)], READ)
    store = DatabasePersons(counted, crew.worker())
    told = await store.around([ANNA, BOB, BEN])
    assert {ref: told[ref] for ref in (ANNA, ANN, BOB)} == told
    assert told[ANNA] == told[ANN] != told[BOB]
    before = counted.times
    assert await store.around([ANN, BOB]) == told
    assert counted.times == before


async def test_who_knows_somebody_hears_of_a_record_that_comes_to_them(database: Database, crew: Crew) -> None:
    listening = crew.worker()
    listener, speaker = DatabasePersons(database, listening), DatabasePersons(database, crew.worker())
    notices = DatabaseNotices(database, listening, [listener])
    await notices.heard()
    await speaker.assign([(ANNA,)], READ)
    assert await listener.around([ANNA]) == await speaker.of([ANNA])
    await speaker.assign([(ANNA, ANN)], READ)
    await notices.heard()
    assert await listener.around([ANNA]) == await speaker.of([ANNA, ANN])


async def test_an_id_tells_for_whom_it_was_given_also_when_it_redirects(database: Database, crew: Crew) -> None:
    store = DatabasePersons(database, crew.worker())
    given = await store.assign([(ANNA,), (ANN,)], READ)
    joined = await store.assign([(ANNA, ANN, BOB)], READ)
    assert set(joined.values()) == {given[ANNA]}
    assert await store.leads([given[ANN], given[ANNA], PersonId("never"), PersonId("ne\0ver")]) == {
        given[ANN]: Led(given[ANNA], (ANNA, ANN, BOB), frozenset([ANN])),
        given[ANNA]: Led(given[ANNA], (ANNA, ANN, BOB), frozenset([ANNA, BOB])),
    }


async def test_where_an_id_leads_is_remembered_until_something_of_it_changes(counted: Counted, crew: Crew) -> None:
    """Also where an old id leads, whose person only gains a record, or is joined with somebody else."""
    store = DatabasePersons(counted, crew.worker())
    given = await store.assign([(ANNA,), (ANN,), (BOB,)], READ)
    await store.assign([(ANNA, ANN)], READ)
    asked = [given[ANN], given[ANNA]]
    told = await store.leads(asked)
    before = counted.times
    assert await store.leads(asked) == told
    assert counted.times == before
    for cluster in ((ANNA, ANN, BEN), (ANNA, ANN, BEN, BOB)):
        await store.assign([cluster], READ)
        told = await store.leads([*asked, given[BOB]])
        assert told == await DatabasePersons(counted, crew.worker()).leads([*asked, given[BOB]])
        assert set(told[given[ANN]].members) == set(cluster)


async def test_what_is_doubted_is_told_as_what_was_known_last_and_not_believed(counted: Counted, crew: Crew) -> None:
    store = DatabasePersons(counted, crew.worker())
    given = await store.assign([(ANNA,), (BOB,)], READ)
    store.doubt()
    store.doubt()
    before = counted.times
    assert store.last([ANNA, BOB, BEN]) == given
    assert counted.times == before
    assert await store.around([ANNA]) == {ANNA: given[ANNA]}
    assert counted.times > before


async def test_who_is_forgotten_is_not_known_from_before_either(database: Database, crew: Crew) -> None:
    listening = crew.worker()
    store = DatabasePersons(database, listening)
    notices = DatabaseNotices(database, listening, [store])
    await notices.heard()
    given = await store.assign([(ANNA,), (BOB,)], READ)
    store.doubt()
    await forget(database, crew, BOB)
    await notices.heard()
    assert store.last([ANNA, BOB]) == {ANNA: given[ANNA]}
    assert await store.around([BOB]) == {}


async def test_another_worker_hears_who_has_changed_with_the_notices(database: Database, crew: Crew) -> None:
    listening = crew.worker()
    listener, speaker = DatabasePersons(database, listening), DatabasePersons(database, crew.worker())
    notices = DatabaseNotices(database, listening, [listener])
    given = await speaker.assign([(ANNA,), (ANN,)], READ)
    await notices.heard()
    assert await listener.of([ANNA, ANN]) == given
    await speaker.assign([(ANNA, ANN)], READ)
    assert await listener.of([ANN]) == {ANN: given[ANN]}
    (told,) = await notices.heard()
    assert (told.people, told.written) == ((given[ANNA], given[ANN]), False)
    assert await listener.of([ANN]) == {ANN: given[ANNA]}


async def test_a_caller_who_leaves_takes_nothing_back_and_leaves_nothing_stale(counted: Counted, crew: Crew) -> None:
    store = DatabasePersons(counted, crew.worker())
    given = await store.assign([(ANNA,), (ANN,)], READ)
    await store.of([ANNA, ANN])
    counted.writing.clear()
    gone = asyncio.create_task(store.assign([(ANNA, ANN)], READ))
    await counted.writing.wait()
    gone.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    await counted.settle()
    assert set((await store.of([ANNA, ANN])).values()) == {given[ANNA]}


async def test_workers_that_meet_the_same_people_at_once_give_each_one_id(url: str, crew: Crew) -> None:
    databases = [Database(url) for _ in range(3)]
    stores = [DatabasePersons(one, crew.worker()) for one in databases]
    people = [(Ref("sales", "contact", str(n)), Ref("support", "contact", str(n))) for n in range(30)]

    async def meet(store: DatabasePersons, start: int) -> None:
        for number in range(len(people)):
            await store.assign([people[(start + number) % len(people)]], READ)

    await asyncio.gather(*(meet(store, start * 10) for start, store in enumerate(stores)))

    async def counts(connection: Any) -> Sequence[int]:
        tables = (persons, person_records)
        return [(await connection.execute(select(func.count()).select_from(table))).scalar() for table in tables]

    assert await databases[0].read(counts) == [30, 60]
    told = [await store.of([ref for pair in people for ref in pair]) for store in stores]
    assert told[0] == told[1] == told[2]
    for one in databases:
        await one.aclose()


async def forget(database: Database, crew: Crew, *refs: Ref) -> None:
    """Forget people by their records, as another process does."""
    worker = crew.worker()
    forgetting = DatabaseForgetting(database, worker, DatabaseReplica(database, worker, "US"), None)
    await forgetting.forget(traces(refs, (), (), ()))


async def test_who_is_forgotten_leaves_no_record_and_nobody_gets_their_id(database: Database, crew: Crew) -> None:
    listening = crew.worker()
    store = DatabasePersons(database, listening)
    notices = DatabaseNotices(database, listening, [store])
    await notices.heard()
    given = await store.assign([(ANNA,), (ANN,)], READ)
    await store.assign([(ANNA, ANN)], READ)
    await forget(database, crew, ANNA, ANN)
    await notices.heard()
    assert await store.of([ANNA, ANN]) == {}
    assert await store.resolve(given[ANNA]) == Resolved(given[ANNA], ())
    again = await store.assign([(ANNA, ANN)], READ)
    assert again[ANNA] not in given.values()


async def test_many_people_are_assigned_and_asked_for_at_once(database: Database, crew: Crew) -> None:
    """More than one statement compares with."""
    store = DatabasePersons(database, crew.worker())
    refs = [Ref("sales", "contact", str(number)) for number in range(1_200)]
    given = await store.assign([(ref,) for ref in refs], READ)
    assert len(set(given.values())) == 1_200
    assert await DatabasePersons(database, crew.worker()).of(refs) == given


def test_what_was_asked_before_something_was_forgotten_is_not_learnt_after() -> None:
    memory = PersonMemory(most=2)
    mark = memory.mark
    memory.forget(["p1"])
    memory.learn({ANNA: PersonId("p1")}, mark)
    assert memory.of([ANNA]) == {}
    memory.learn({ANNA: PersonId("p1"), ANN: PersonId("p1")}, memory.mark)
    memory.forget(["p1"])
    assert memory.of([ANNA, ANN]) == {}


def test_more_than_may_be_remembered_is_forgotten() -> None:
    memory = PersonMemory(most=2)
    memory.learn({ANNA: PersonId("p1"), ANN: PersonId("p1")}, memory.mark)
    memory.learn({BOB: PersonId("p2")}, memory.mark)
    assert memory.of([ANNA, ANN]) == {}


@given(RUNS)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_the_store_says_what_the_rule_says(tmp_path_factory: pytest.TempPathFactory, runs: Any) -> None:
    """After every run the map in the database is the map that the pure rule makes."""
    folder = tmp_path_factory.mktemp("persons")
    asyncio.run(_both(f"sqlite:///{folder}/crmgraph.db", [*runs, ([tuple(REFS)], SOURCES)]))


async def _both(url: str, runs: Any) -> None:
    database, crew, house = Database(url), Crew(), House()
    store = DatabasePersons(database, crew.worker())
    numbers = drawing()
    store._new = numbers  # type: ignore[method-assign]
    for clusters, read in runs:
        house.put(*clusters, read=read)
        await store.assign(clusters, read)
        known = await database.read(lambda connection: known_around(connection, REFS))
        same = {ref: house.known.members[ref] for ref in REFS if ref in house.known.members}
        assert _grouped(known.members) == _grouped(same)
        assert len(known.aliases) == len(house.known.aliases)
    await database.aclose()


def _grouped(members: Any) -> set[frozenset[Ref]]:
    return {frozenset(ref for ref in members if members[ref] == person) for person in members.values()}
