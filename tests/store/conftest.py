"""The databases that the store is tried on: a file of SQLite, and a throwaway one in a PostgreSQL that runs here."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.needs import needs
from tests.store.given import Crew

from crmgraph.store.database import Database

SERVER = os.environ.get("CRMGRAPH_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/")


async def _postgres() -> Any:
    """A connection to the server, or None where none runs or lets us in."""
    try:
        return await asyncpg.connect(f"{SERVER}postgres", timeout=5)
    except (OSError, asyncpg.PostgresError):
        return None


@pytest.fixture(params=["SQLite", "PostgreSQL"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database of each kind."""
    if request.param == "SQLite":
        yield f"sqlite:///{tmp_path}/crmgraph.db"
        return
    async with postgres_database() as made:
        yield made


@asynccontextmanager
async def postgres_database() -> AsyncIterator[str]:
    """A throwaway database in the PostgreSQL that runs here."""
    server = await _postgres()
    needs("PostgreSQL", server is not None)
    name = f"crmgraph_test_{secrets.token_hex(6)}"
    await server.execute(f"CREATE DATABASE {name}")
    try:
        yield SERVER + name
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.aclose()


@pytest.fixture
def crew() -> Crew:
    return Crew()
