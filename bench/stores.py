"""The stores that something is tried on: a file of SQLite, and a throwaway database where PostgreSQL lets us in."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

SERVER = os.environ.get("CRMGRAPH_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/")


@asynccontextmanager
async def sqlite() -> AsyncIterator[str | None]:
    """The URL of a file that is gone at the end."""
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'crmgraph.db'}"


@asynccontextmanager
async def postgres() -> AsyncIterator[str | None]:
    """The URL of a database that is gone at the end; None where no server lets us in."""
    try:
        server = await asyncpg.connect(f"{SERVER}postgres", timeout=5)
    except (OSError, asyncpg.PostgresError):
        yield None
        return
    name = f"crmgraph_throwaway_{secrets.token_hex(6)}"
    await server.execute(f"CREATE DATABASE {name}")
    try:
        yield SERVER + name
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


STORES = {"SQLite": sqlite, "PostgreSQL": postgres}
