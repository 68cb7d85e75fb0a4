"""Which revision a store stands at, and bringing it up to date where that is not the newest.

Alembic is loaded by whoever has to migrate, and by nobody else: it takes as long to load as the rest of the store.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.errors import ConfigError

HEAD = 17
"""The number of the newest revision."""

TABLE = "crmgraph_revision"
"""Where Alembic keeps the revision of a store; other programs in the same database have tables of other names."""

_ADVISORY = 0x63726D6772617068
"""The lock by which PostgreSQL lets one worker migrate at a time; SQLite's writers are alone anyway."""


async def migrate(connection: AsyncConnection) -> None:
    """Bring the tables up to date within the connection's transaction, which in SQLite must be one that writes.

    Raises ConfigError when a newer program has been here: what it wrote could be misread.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY})
    number = await connection.run_sync(_number)
    if number > HEAD:
        raise ConfigError(
            f"The store was written by a newer crmgraph: its tables are of version {number}, this one knows {HEAD}."
        )
    if number < HEAD:
        # Loaded beside the requests under way.
        upgrading = await asyncio.to_thread(import_module, "crmgraph.store.migrations.upgrading")
        upgrade: Callable[[Connection, int], None] = upgrading.upgrade
        await connection.run_sync(upgrade, number)


def _number(connection: Connection) -> int:
    """The revision of a store, 0 of an empty one.

    Programs from before Alembic counted in `schema_version`, a row for each step; their steps are the first revisions.
    """
    for table, column in ((TABLE, "version_num"), ("schema_version", "version")):
        if inspect(connection).has_table(table):
            return int(connection.execute(text(f"SELECT max({column}) FROM {table}")).scalar() or 0)
    return 0
