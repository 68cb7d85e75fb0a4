"""The databases that the store is tried on: a file of SQLite, and a throwaway one in a PostgreSQL that runs here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bench.stores import postgres
from tests.needs import needs
from tests.store.given import Crew

from crmgraph.store.database import Database


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
    async with postgres() as made:
        needs("PostgreSQL", made is not None)
        assert made is not None
        yield made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.aclose()


@pytest.fixture
def crew() -> Crew:
    return Crew()
