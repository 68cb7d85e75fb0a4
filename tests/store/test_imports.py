"""Imports in the store: taken in once, worked on by one worker at a time, each part told once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from tests.store.given import LEASE, Crew

from crmgraph.service.imports import ImportMode, ImportState, ItemOutcome, Order, Part, Told
from crmgraph.store.database import Database
from crmgraph.store.imports import DatabaseImports
from crmgraph.store.tables import import_parts, import_rows
from crmgraph.store.tidying import tidy
from crmgraph.store.worker import beat


def order(rows: int, *sources: str, id: str | None = None) -> Order:
    return Order("ada", ImportMode.UPSERT, sources, tuple(b'{"email":"%d"}' % at for at in range(rows)), id=id)


@pytest.fixture
def imports(database: Database, crew: Crew) -> DatabaseImports:
    return DatabaseImports(database, crew.worker())


async def told(imports: DatabaseImports, ident: str, source: str, **outcomes: ItemOutcome) -> None:
    """Tell what became of some rows, `r0` being the first, at one source."""
    parts = {one.number: one for one in await imports.pending(ident, source, -1, 100)}
    some = [Told(parts[int(name[1:])], outcome, b"[]") for name, outcome in outcomes.items()]
    await imports.tell(ident, source, some)


async def test_an_import_is_taken_in_once_for_its_id(imports: DatabaseImports) -> None:
    first = await imports.begin(order(3, "sales", "support", id="k"))
    assert (first.total, first.sources, first.state, first.mode) == (3, ("sales", "support"), "RUNNING", "UPSERT")
    assert await imports.begin(order(5, "sales", id="k")) == first
    assert await imports.read("k") == first
    assert await imports.read("nothing") is None
    assert [one.row for one in await imports.pending("k", "support", 0, 9)] == [b'{"email":"1"}', b'{"email":"2"}']
    assert (await imports.begin(order(1, "sales"))).id != "k"


async def test_one_worker_at_a_time_works_on_an_import(database: Database, crew: Crew) -> None:
    one, other = crew.worker(), crew.worker()
    mine, theirs = DatabaseImports(database, one), DatabaseImports(database, other)
    begun = await mine.begin(order(1, "sales"))
    assert (await mine.claim() or begun).id == begun.id
    assert (await mine.claim(), await theirs.claim()) == (None, None)
    crew.clock.pass_(LEASE.total_seconds() - 1)
    await beat(database, one)
    crew.clock.pass_(2)
    assert await theirs.claim() is None
    crew.clock.pass_(LEASE.total_seconds())
    assert (await theirs.claim()) is not None
    await mine.release(begun.id)
    assert await mine.claim() is None
    await theirs.release(begun.id)
    assert await mine.claim() is not None


async def test_an_import_that_has_ended_is_nobodys(imports: DatabaseImports, crew: Crew) -> None:
    stopped, done = await imports.begin(order(1, "sales")), await imports.begin(order(1, "sales"))
    await imports.stop(stopped.id, "sales is away.")
    await imports.finish(done.id)
    assert await imports.claim() is None
    found = await imports.read(stopped.id)
    assert found is not None
    assert (found.state, found.reason, found.finished_at) == (ImportState.STOPPED, "sales is away.", crew.clock.now())
    again = await imports.resume(stopped.id)
    assert again is not None
    assert (again.state, again.reason, again.finished_at) == (ImportState.RUNNING, None, None)
    assert (await imports.resume(done.id) or again).state is ImportState.DONE
    assert await imports.resume("nothing") is None


async def test_an_attempt_is_told_once(imports: DatabaseImports) -> None:
    """A worker that was late tells nothing any more: not of an attempt before, nor of a part that was told."""
    begun = await imports.begin(order(1, "sales"))
    await imports.tie(begun.id, "sales", [0], "i1")
    (part,) = await imports.pending(begun.id, "sales", -1, 9)
    assert part == Part(0, b'{"email":"0"}', 0, "i1")
    await imports.tell(begun.id, "sales", [Told(part, ItemOutcome.PENDING, b"[]")])
    await imports.tell(begun.id, "sales", [Told(part, ItemOutcome.DONE, b"[]")])
    (again,) = await imports.pending(begun.id, "sales", -1, 9)
    assert (again.attempts, again.intent) == (1, None)
    await imports.tell(begun.id, "sales", [Told(again, ItemOutcome.REJECTED, b"[1]")])
    await imports.tell(begun.id, "sales", [Told(Part(0, b"", 2), ItemOutcome.DONE, b"[2]")])
    assert await imports.counts(begun.id) == {ItemOutcome.REJECTED: 1}
    assert (await imports.items(begun.id, -1, 9))[0].results == (b"[1]",)


async def test_a_row_counts_by_the_gravest_of_its_sources(imports: DatabaseImports) -> None:
    begun = await imports.begin(order(4, "sales", "support"))
    await told(imports, begun.id, "sales", r0=ItemOutcome.DONE, r1=ItemOutcome.DONE, r2=ItemOutcome.UNCHANGED)
    await told(imports, begun.id, "support", r0=ItemOutcome.UNKNOWN, r1=ItemOutcome.UNCHANGED, r3=ItemOutcome.DONE)
    assert await imports.counts(begun.id) == {
        ItemOutcome.UNKNOWN: 1,
        ItemOutcome.DONE: 1,
        ItemOutcome.PENDING: 2,
    }
    items = await imports.items(begun.id, -1, 9)
    assert [(one.number, one.outcome, len(one.results)) for one in items] == [
        (0, ItemOutcome.UNKNOWN, 2),
        (1, ItemOutcome.DONE, 2),
        (2, ItemOutcome.PENDING, 1),
        (3, ItemOutcome.PENDING, 1),
    ]
    assert [one.number for one in await imports.items(begun.id, 0, 2)] == [1, 2]
    assert [one.number for one in await imports.items(begun.id, -1, 9, ItemOutcome.PENDING)] == [2, 3]
    assert [one.number for one in await imports.items(begun.id, 2, 9, ItemOutcome.PENDING)] == [3]


async def test_imports_that_ended_long_ago_are_thrown_away_with_their_rows(database: Database, crew: Crew) -> None:
    worker = crew.worker()
    imports = DatabaseImports(database, worker)
    ended, running = await imports.begin(order(2, "sales")), await imports.begin(order(2, "sales"))
    await imports.finish(ended.id)
    crew.clock.pass_(timedelta(days=31).total_seconds())
    await tidy(database, worker)
    assert await imports.read(ended.id) is None
    assert await imports.read(running.id) is not None
    for table in (import_rows, import_parts):
        wanted = select(func.count()).select_from(table)
        assert (await database.read(lambda connection, wanted=wanted: connection.execute(wanted))).scalar() == 2
