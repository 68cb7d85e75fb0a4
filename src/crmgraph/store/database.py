"""The database that holds our own state: a file of SQLite, or PostgreSQL, by its URL."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from crmgraph.domain.errors import ConfigError
from crmgraph.service.ports import StoreUnavailable
from crmgraph.store.migrations.standing import migrate
from crmgraph.store.urls import driver_of, no_url

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

_PRAGMAS = ("busy_timeout = 15000", "synchronous = FULL", "foreign_keys = ON")


class Database:
    """Transactions over one URL. Nothing is opened or created before the first of them.

    `write` runs one transaction to its end even when its caller is cancelled: a client that hangs up leaves no
    half-told outcome behind.
    """

    def __init__(self, url: str) -> None:
        self._url = engine_url(url)
        self._engine: AsyncEngine | None = None
        self._starting = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    async def write(
        self,
        work: Work[T],
        undo: Callable[[T], Awaitable[None]] | None = None,
        ended: Callable[[], None] | None = None,
    ) -> T:
        """The work's result, once it is durable; raises StoreUnavailable when it could not be made so.

        `undo` gives back what was taken for a caller who was cancelled and will never know of it. `ended` is called
        after the transaction, well ended or not, whether or not the caller is still there.
        """
        task = self._kept(self._write(work) if ended is None else _then(self._write(work), ended))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if undo is not None:
                self._kept(_undone(task, undo))
            raise

    async def read(self, work: Work[T]) -> T:
        """The work's result, over one state of the database; raises StoreUnavailable.

        It is read to its end even when the caller is cancelled: SQLite's threads would answer a loop that is gone.
        """
        return await asyncio.shield(self._kept(self._read(work)))

    async def compact(self) -> None:
        """Write the file anew, so that nothing is left in it of what was deleted; raises StoreUnavailable."""
        try:
            engine = await self._started()
            if engine.dialect.name == "sqlite":
                async with self._writing:
                    await asyncio.to_thread(_compacted, str(self._url.database))
                return
            await _vacuumed(engine)
        except (DBAPIError, NoConnection, OSError) as wrong:
            raise _unavailable(wrong) from wrong

    async def surveyed(self, tables: Collection[Table]) -> None:
        """Have PostgreSQL see at once, after much was written, what it would see in time: how much there is, and that
        indexes alone can answer. SQLite always does. Raises StoreUnavailable.
        """
        try:
            engine = await self._started()
            if engine.dialect.name != "sqlite":
                await _vacuumed(engine, f"(ANALYZE) {', '.join(sorted(one.name for one in tables))}")
        except (DBAPIError, NoConnection, OSError) as wrong:
            raise _unavailable(wrong) from wrong

    async def settle(self) -> None:
        """Wait until no transaction is under way, those of cancelled callers included."""
        while self._running:
            await asyncio.wait(self._running)

    async def aclose(self) -> None:
        """Wait for the transactions under way and close every connection."""
        await self.settle()
        if self._engine is not None:
            await self._engine.dispose()

    def _kept(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """The work as a task that nobody's cancellation ends and that is waited for before the end."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _read(self, work: Work[T]) -> T:
        try:
            engine = await self._started()
            if engine.dialect.name != "sqlite":  # SQLite has one state for a transaction anyway.
                engine = engine.execution_options(isolation_level="REPEATABLE READ")
            async with engine.connect() as connection:
                return await work(connection)
        except (DBAPIError, NoConnection, OSError) as wrong:
            raise _unavailable(wrong) from wrong

    async def _write(self, work: Work[T]) -> T:
        try:
            engine = await self._started()
            if engine.dialect.name != "sqlite":
                return await _transaction(engine, work)
            async with self._writing:  # SQLite has one writer at a time: queue here rather than poll there.
                return await _transaction(engine.execution_options(crmgraph_writes=True), work)
        except (DBAPIError, NoConnection, OSError) as wrong:
            raise _unavailable(wrong) from wrong

    async def _started(self) -> AsyncEngine:
        async with self._starting:
            if self._engine is None:
                engine = _engine(self._url)
                try:
                    await _transaction(engine.execution_options(crmgraph_writes=True), migrate)
                except BaseException:
                    await engine.dispose()
                    raise
                self._engine = engine
            return self._engine


def engine_url(text: str) -> URL:
    """The URL with the driver that we use; raises ConfigError, without repeating a password."""
    driver = driver_of(text)
    try:
        return make_url(text).set(drivername=driver)
    except ArgumentError:
        raise no_url() from None


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what to do when the row is there already."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


async def _undone(task: asyncio.Task[T], undo: Callable[[T], Awaitable[None]]) -> None:
    await undo(await task)


async def _then(work: Awaitable[T], ended: Callable[[], None]) -> T:
    try:
        return await work
    finally:
        ended()


async def _transaction(engine: AsyncEngine, work: Work[T]) -> T:
    async with engine.begin() as connection:
        return await work(connection)


async def _vacuumed(engine: AsyncEngine, what: str = "") -> None:
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"VACUUM {what}"))


def _engine(url: URL) -> AsyncEngine:
    # Parameters are people's data and stay out of every message.
    if url.get_backend_name() == "sqlite":
        _made(url.database)
        engine = create_async_engine(url, hide_parameters=True)
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        return engine
    try:
        engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)
        event.listen(engine.sync_engine, "connect", _settled)
        return engine
    except ModuleNotFoundError:
        raise ConfigError("A store in PostgreSQL needs the extra: install `crmgraph[postgres]`.") from None


def _made(path: str | None) -> None:
    """Create the file for its owner's eyes alone: it holds what callers wrote about people."""
    if path and path != ":memory:":
        os.close(os.open(Path(path), os.O_RDWR | os.O_CREAT, 0o600))
        in_wal(path)


_TRIES = 100
_PAUSE = 0.1
"""Seconds between two tries."""


def in_wal(path: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Put the file into WAL mode, in which it stays; raises OSError.

    SQLite does not wait for the others who are just doing the same, so that is done here: workers start together.
    """
    for left in reversed(range(_TRIES)):
        try:
            with closing(sqlite3.connect(path, timeout=0)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as busy:
            if not left:
                raise OSError(str(busy)) from busy
            sleep(_PAUSE)
        except sqlite3.DatabaseError as wrong:
            raise OSError(str(wrong)) from wrong


def _compacted(path: str) -> None:
    """Write every page anew, and the journal of pages that were changed back into the file."""
    try:
        with closing(sqlite3.connect(path, timeout=15, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as wrong:
        raise OSError(str(wrong)) from wrong
    if busy:
        raise OSError("others read the file")


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # Transactions begin where we say, not where the driver guesses.
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _settled(connection: Any, _: Any) -> None:
    """PostgreSQL compiles what it takes for long work, which takes longer than all that we ask. And what is asked often
    it plans once for whatever words are looked for, in which it may lead a part of two letters through an index of
    pieces of three: that takes many times as long as to plan each time.
    """
    autocommit, connection.autocommit = connection.autocommit, True  # Else it ends with the first transaction.
    cursor = connection.cursor()
    cursor.execute("SET jit = off")
    cursor.execute("SET plan_cache_mode = force_custom_plan")
    cursor.close()
    connection.autocommit = autocommit


def _begin(connection: Any) -> None:
    # A transaction that reads first and writes later would be refused when another wrote in between.
    writes = connection.get_execution_options().get("crmgraph_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _unavailable(wrong: Exception) -> StoreUnavailable:
    cause = type(getattr(wrong, "orig", None) or wrong).__name__
    return StoreUnavailable(f"Our own store cannot be used ({cause}); no write can be promised without it.")
