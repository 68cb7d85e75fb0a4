"""Migrations: from any revision to the newest, once, by one worker at a time, and without losing a row."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Connection, Inspector, LargeBinary, MetaData, String, Table, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from tests.store import before_alembic
from tests.store.given import Crew, plan

from crmgraph.domain.errors import ConfigError
from crmgraph.store import migrations
from crmgraph.store.database import Database, engine_url
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.migrations.standing import HEAD, TABLE
from crmgraph.store.migrations.upgrading import revision, upgrade
from crmgraph.store.tables import metadata

OLD = len(before_alembic.MIGRATIONS)
OURS = {TABLE, "schema_version"}
"""Tables that tell the revision; everything else holds what people want kept."""

INDEX = "replica_pieces"
"""What begins so is an index that SQLite keeps in tables."""

OPENS = (
    "import asyncio, sys; from tests.store.processes import open_it; asyncio.run(open_it(sys.argv[1]));"
    " print('alembic' in sys.modules)"
)
"""A program that opens a store and tells whether that took Alembic."""

STANDS = f"SELECT version_num FROM {TABLE}"


def shape(connection: Connection) -> Mapping[str, object]:
    """Every table with its columns, keys and indexes, as the database tells it."""
    found = inspect(connection)
    return {
        name: (
            [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((each["name"], each["column_names"], bool(each["unique"])) for each in _indexes(found, name)),
            [(each["referred_table"], each["options"]) for each in found.get_foreign_keys(name)],
        )
        for name in found.get_table_names()
        if name not in OURS and not name.startswith(INDEX)
    }


def _indexes(found: Inspector, table: str) -> list[Any]:
    """Those that every database can keep."""
    return [each for each in found.get_indexes(table) if not str(each["name"]).endswith("_pieces")]


def filled(connection: Connection) -> None:
    """Put rows into every table, those that others point to first."""
    random, found = Random(1), MetaData()
    found.reflect(connection, only=lambda name, _: not name.startswith(INDEX))
    for table in found.sorted_tables:
        if table.name not in OURS:
            held = [row._mapping for row in connection.execute(table.select())]
            rows = [{each.name: _value(each, number, random) for each in table.columns} for number in range(3, 6)]
            connection.execute(table.insert(), [row for row in rows if row not in held])


def _value(column: Column[Any], number: int, random: Random) -> object:
    if column.primary_key or column.foreign_keys:
        return f"k{number}" if isinstance(column.type, String) else number
    if column.nullable and random.random() < 0.3:
        return None
    if isinstance(column.type, LargeBinary):
        return random.randbytes(9)
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    return f"ünïcode {number}" if isinstance(column.type, String) else random.randrange(2**31)


def contents(connection: Connection) -> Mapping[str, Sequence[Mapping[str, object]]]:
    """Everything that lies in the tables."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: not name.startswith(INDEX))

    def rows(table: Table) -> list[Mapping[str, object]]:
        held = connection.execute(table.select().order_by(*table.primary_key.columns))
        return [dict(row._mapping) for row in held]

    return {table.name: rows(table) for table in found.sorted_tables if table.name not in OURS}


def lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Mapping[str, object]]:
    """The rows that are there no longer; columns that were added since do not count."""
    held = [(row, after.get(name, ())) for name, rows in before.items() for row in rows]
    return [row for row, rows in held if not any(row.items() <= other.items() for other in rows)]


async def made(url: str, work: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
    """What one transaction comes to that no migration has gone before."""
    engine: AsyncEngine = create_async_engine(engine_url(url))
    try:
        async with engine.begin() as connection:
            return await work(connection)
    finally:
        await engine.dispose()


async def opened(url: str, work: Callable[[Connection], Any]) -> Any:
    """What something comes to in the store, once it has been opened."""
    database = Database(url)
    try:
        return await database.read(lambda connection: connection.run_sync(work))
    finally:
        await database.aclose()


def emptied(connection: Connection) -> None:
    """Drop every table."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: not name.startswith(INDEX))
    found.drop_all(connection)


def standing(connection: Connection) -> Sequence[str]:
    return list(connection.execute(text(STANDS)).scalars())


def test_the_revisions_are_one_chain_and_the_newest_is_the_one_that_the_program_knows() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    chain = [script.revision for script in scripts.walk_revisions()]
    assert chain == [revision(number) for number in range(HEAD, 0, -1)]
    assert scripts.get_heads() == [revision(HEAD)]


async def test_the_migrations_make_the_tables_that_the_program_uses(database: Database) -> None:
    """The tables as they came to be, and as they are written down, are the same."""
    migrated = await database.read(lambda connection: connection.run_sync(shape))

    async def afresh(connection: AsyncConnection) -> Mapping[str, object]:
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
        return await connection.run_sync(shape)

    assert _unordered(migrated) == _unordered(await database.write(afresh))


def _unordered(tables: Mapping[str, Any]) -> Mapping[str, object]:
    """The order of columns means nothing, and differs where a later revision adds one."""
    return {name: (sorted(columns, key=str), *rest) for name, (columns, *rest) in tables.items()}


async def test_the_first_revisions_make_what_the_list_before_alembic_made(url: str) -> None:
    """To the last type and index, so that a store that was taken over is like any other."""

    async def both(connection: AsyncConnection) -> list[object]:
        await before_alembic.migrated(connection, OLD)
        old = await connection.run_sync(shape)
        await connection.run_sync(emptied)
        await connection.run_sync(upgrade, 0, revision(OLD))
        return [old, await connection.run_sync(shape)]

    old, new = await made(url, both)
    assert new == old


@pytest.mark.parametrize("number", range(1, OLD + 1))
async def test_a_store_from_before_alembic_is_taken_over_without_loss(url: str, number: int) -> None:
    async def old(connection: AsyncConnection) -> Any:
        await before_alembic.migrated(connection, number)
        await connection.run_sync(filled)
        return await connection.run_sync(contents)

    assert lost(await made(url, old), await opened(url, contents)) == []
    assert await opened(url, standing) == [revision(HEAD)]


@pytest.mark.parametrize("number", range(1, HEAD + 1))
async def test_an_upgrade_from_any_revision_loses_no_row(url: str, number: int) -> None:
    async def then(connection: AsyncConnection) -> Any:
        await connection.run_sync(upgrade, 0, revision(number))
        await connection.run_sync(filled)
        return await connection.run_sync(contents)

    assert lost(await made(url, then), await opened(url, contents)) == []
    assert await opened(url, standing) == [revision(HEAD)]


async def test_texts_that_no_index_takes_are_shortened_and_their_people_marked(url: str) -> None:
    """A custom text is kept whole, in a column that no index holds."""
    put = (
        "INSERT INTO replica_records (id, source, resource, record, kind, digest, fetched_at)"
        " VALUES ({n}, 's', 'c', '{n}', 'contact', '', 0)",
        "INSERT INTO replica_contacts (source, id, job_title) VALUES ('s', {n}, '{text}')",
        "INSERT INTO replica_customs (source, key, id, number, text) VALUES ('s', 'k', {n}, 0, '{text}')",
    )

    async def then(connection: AsyncConnection) -> None:
        await connection.run_sync(upgrade, 0, revision(13))
        for number, said in ((1, "x" * 9_000), (2, "short")):
            for one in put:
                await connection.execute(text(one.format(n=number, text=said)))

    def told(connection: Connection) -> list[Any]:
        people = "SELECT length(job_title), cut FROM replica_contacts ORDER BY id"
        customs = "SELECT length(text), length(long) FROM replica_customs ORDER BY id"
        return [tuple(row) for asked in (people, customs) for row in connection.execute(text(asked))]

    await made(url, then)
    assert await opened(url, told) == [(500, True), (5, False), (None, 9_000), (5, None)]


async def test_what_is_up_to_date_is_migrated_no_further(url: str) -> None:
    first, second = [await opened(url, contents) for _ in range(2)]
    assert first == second
    assert await opened(url, standing) == [revision(HEAD)]


async def test_a_store_opens_again_and_many_workers_may_open_it_at_once(url: str, crew: Crew) -> None:
    many = [Database(url) for _ in range(4)]
    ids = await asyncio.gather(*(DatabaseJournal(one, crew.worker()).open(plan("sales")) for one in many))
    for one in many:
        await one.aclose()
    again = Database(url)
    assert all([await DatabaseJournal(again, crew.worker()).read(id) for id in ids])
    await again.aclose()
    assert await opened(url, standing) == [revision(HEAD)]


async def test_processes_that_start_together_do_not_migrate_together(url: str) -> None:
    await made(url, lambda connection: before_alembic.migrated(connection, OLD))
    assert await asyncio.to_thread(_all_opened, url, 3) == [0, 0, 0]
    assert await opened(url, standing) == [revision(HEAD)]


def _all_opened(url: str, times: int) -> list[int]:
    """The exit codes of so many processes that open the store at once."""
    command, environment = [sys.executable, "-c", OPENS, url], {"PYTHONPATH": ":".join(sys.path)}
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) for _ in range(times)]
    return [one.wait() for one in running]


async def test_two_stores_may_be_migrated_at_once(tmp_path: Path) -> None:
    """Each revision is handed its own connection; nothing of a migration is shared in the process."""
    both = [f"sqlite:///{tmp_path}/{name}.db" for name in ("one", "other")]
    one, other = await asyncio.gather(*(opened(url, shape) for url in both))
    assert one == other


async def test_a_store_of_a_newer_program_is_left_alone(url: str, database: Database) -> None:
    newer = f"UPDATE {TABLE} SET version_num = '0099'"
    await database.write(lambda connection: connection.execute(text(newer)))
    with pytest.raises(ConfigError, match=rf"newer crmgraph: its tables are of version 99, this one knows {HEAD}\."):
        await opened(url, standing)


async def test_a_program_from_before_alembic_leaves_the_store_alone_too(database: Database) -> None:
    """It looks for the highest number in a table of its own, and finds one that it does not know."""
    highest = text("SELECT max(version) FROM schema_version")
    found = await database.read(lambda connection: connection.execute(highest))
    assert found.scalar() > OLD


async def test_a_store_that_is_up_to_date_is_opened_without_loading_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/crmgraph.db"
    assert await asyncio.to_thread(_printed, url) == "True\n"
    assert await asyncio.to_thread(_printed, url) == "False\n"


def _printed(url: str) -> str:
    environment = {"PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-c", OPENS, url]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
