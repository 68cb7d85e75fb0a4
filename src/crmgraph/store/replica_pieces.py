"""The index of every piece of three letters in what is compared of people, kept where the database can (revision 0015).

PostgreSQL keeps it by itself. SQLite's is written here, of many people at once; triggers would take six times as long.
"""

from collections.abc import Sequence

from sqlalchemy import column, func, insert, literal, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import LISTS, TEXTS

LETTERS = 3
"""So many make a piece."""

CUSTOMS = "customs"
"""The column of all custom values in SQLite's."""

_NAMES = (*TEXTS.values(), *(name for name in LISTS if name != "custom_keys"), CUSTOMS)

pieces = table("replica_pieces", column("rowid"), column("replica_pieces"), *map(column, _NAMES))
"""SQLite's, a table of FTS5. The column of its own name takes commands."""

known = table("replica_pieces_known", column("term"))
"""Every piece that is in SQLite's."""

_between = table("replica_between", column("id"), *map(column, _NAMES))
_inside = table("replica_pieces_docsize", column("id"))


async def is_kept(connection: AsyncConnection) -> bool:
    """Whether this store has the index."""
    if connection.dialect.name == "sqlite":
        asked = select(func.count()).select_from(table("sqlite_master")).where(column("name") == "replica_pieces")
        return bool((await connection.execute(asked)).scalar_one())
    asked = select(func.to_regclass("replica_contacts_pieces").is_not(None))
    return bool((await connection.execute(asked)).scalar_one())


async def put_in(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Have people found by their pieces, after their columns were written."""
    if connection.dialect.name == "sqlite":
        rows = select(_between.c.id, *map(_between.c.__getitem__, _NAMES)).where(_between.c.id.in_(ids))
        await connection.execute(insert(pieces).from_select(["rowid", *_NAMES], rows))


async def take_out(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Have people no longer found, before their columns are written anew or deleted."""
    if connection.dialect.name == "sqlite":
        held = _between.c.id.in_(ids), _between.c.id.in_(select(_inside.c.id))
        rows = select(literal("delete"), _between.c.id, *map(_between.c.__getitem__, _NAMES)).where(*held)
        await connection.execute(insert(pieces).from_select(["replica_pieces", "rowid", *_NAMES], rows))


async def purge(connection: AsyncConnection) -> None:
    """Write the index anew without what was taken out, of which it keeps the pieces until then."""
    if connection.dialect.name == "sqlite":
        await connection.execute(insert(pieces).values({"replica_pieces": "optimize"}))
