"""The database: durable as it was set, made when it is first used, and clear about what it will not open."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.store.conftest import postgres_database
from tests.store.given import Crew, plan

from crmgraph.domain.errors import ConfigError
from crmgraph.service.ports import StoreUnavailable
from crmgraph.store.database import Database, engine_url, in_wal
from crmgraph.store.journal import DatabaseJournal


async def test_the_file_is_made_when_it_is_first_used_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "crmgraph.db"
    database = Database(f"sqlite:///{path}")
    assert os.listdir(tmp_path) == []

    async def set_to(connection: AsyncConnection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [(await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in names]

    assert await database.read(set_to) == ["wal", 2, 1]
    await database.aclose()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


async def test_a_transaction_that_fails_leaves_nothing(database: Database, crew: Crew) -> None:
    journal = DatabaseJournal(database, crew.worker())

    async def fails(connection: AsyncConnection) -> None:
        await connection.execute(text("DELETE FROM steps"))
        raise ValueError

    id = await journal.open(plan("sales"))
    with pytest.raises(ValueError):
        await database.write(fails)
    assert await journal.read(id) is not None


async def test_a_store_that_cannot_be_reached_promises_nothing_and_repeats_no_value(tmp_path: Path, crew: Crew) -> None:
    nowhere = Database(f"sqlite:///{tmp_path}/missing/crmgraph.db")
    with pytest.raises(StoreUnavailable, match="no write can be promised") as caught:
        await DatabaseJournal(nowhere, crew.worker()).open(plan("sales"))
    assert "updateContact" not in str(caught.value)
    await nowhere.aclose()


async def test_what_is_asked_often_is_planned_for_what_it_is_asked_for() -> None:
    """After five times PostgreSQL would plan once for any word, and take a slow way for a short one."""
    async with postgres_database() as url:
        database = Database(url)

        async def plans(connection: AsyncConnection) -> tuple[int, int]:
            for number in range(12):
                asked = "SELECT id FROM replica_contacts WHERE source = 'a' AND full_name LIKE :part"
                await connection.execute(text(asked), {"part": f"%{number}%"})
            counts = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE :own"
            once, each = (await connection.execute(text(counts), {"own": "SELECT id FROM%"})).one()
            return once, each

        assert await database.read(plans) == (0, 12)
        await database.aclose()


URLS = [
    ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
    ("sqlite+aiosqlite:////a/b.db", "sqlite+aiosqlite:////a/b.db"),
    ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
    ("postgresql://u@h:1/d", "postgresql+asyncpg://u@h:1/d"),
]


@pytest.mark.parametrize(("written", "used"), URLS)
def test_a_url_gets_the_driver_that_is_used(written: str, used: str) -> None:
    assert str(engine_url(written)) == used


@pytest.mark.parametrize("wrong", ["", "crmgraph.db", "mysql://u:secret@h/d", "postgresql+psycopg://u:secret@h/d"])
def test_another_url_is_refused_without_its_password(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        engine_url(wrong)
    assert "secret" not in caught.value.message


def test_the_program_and_its_configuration_are_read_without_the_database() -> None:
    names = ("alembic", "sqlalchemy", "aiosqlite", "asyncpg", "crmgraph.store.database")
    imports = "import sys, crmgraph.cli.main, crmgraph.config.loading"
    program = f"{imports}; print([one for one in {names!r} if one in sys.modules])"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"


def test_a_file_that_another_worker_is_just_making_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself refuses at once; the other one is done after the first pause."""
    path = str(tmp_path / "crmgraph.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        pauses: list[float] = []

        def sleep(seconds: float) -> None:
            pauses.append(seconds)
            other.execute("COMMIT")

        in_wal(path, sleep)
        assert len(pauses) == 1
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk. " * 100)
    with pytest.raises(OSError, match="not a database"):
        in_wal(str(path))
    assert path.read_text().startswith("Buy milk.")
