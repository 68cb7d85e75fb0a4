"""From old keys to the first one: every sealed value is sealed anew, row by row, beside the workers that use them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, Table, and_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.errors import ConfigError
from crmgraph.store import replica_tables as replica
from crmgraph.store.database import Database
from crmgraph.store.tables import events, judgements, tokens
from crmgraph.store.vault import Vault

AT_ONCE = 500
"""How many rows are read at once."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A table with sealed columns: `key` tells its rows apart, `where` says which are sealed, where not all are."""

    table: Table
    key: tuple[Column[Any], ...]
    columns: tuple[str, ...]
    where: ColumnElement[bool] = field(default_factory=true)

    def page(self, after: Sequence[Any] | None) -> Select[Any]:
        """The next rows behind the one of this key."""
        behind = true() if after is None else tuple_(*self.key) > tuple_(*after)
        return select(self.table).where(self.where, behind).order_by(*self.key).limit(AT_ONCE)

    def key_of(self, row: Row[Any]) -> tuple[Any, ...]:
        return tuple(getattr(row, column.name) for column in self.key)


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of the rows: sealed anew, under the first key already, or changed by somebody meanwhile; `shut` says
    why the rest could not be opened.
    """

    anew: int = 0
    already: int = 0
    changed: int = 0
    shut: tuple[str, ...] = ()

    def __add__(self, other: "Resealed") -> "Resealed":
        sums = self.anew + other.anew, self.already + other.already, self.changed + other.changed
        return Resealed(*sums, self.shut + other.shut)


SEALED = (
    _Sealed(tokens, (tokens.c.source,), ("access", "refresh")),
    _Sealed(replica.raws, (replica.raws.c.id,), ("raw",), replica.raws.c.sealed.is_(True)),
    _Sealed(replica.secrets, (replica.secrets.c.name,), ("sealed",)),
    _Sealed(events, (events.c.source, events.c.number), ("payload",), events.c.sealed.is_(True)),
    _Sealed(judgements, (judgements.c.number,), ("payload",), judgements.c.sealed.is_(True)),
)
"""Everything that the vault has sealed."""


async def resealed(database: Database, vault: Vault) -> Resealed:
    """Seal under the first key whatever is under another. Each row by itself: what was done stays done."""
    told = Resealed()
    for one in SEALED:
        rows = await _rows(database, one.page(None))
        while rows:
            for row in rows:
                told += await _row(database, vault, one, row)
            rows = await _rows(database, one.page(one.key_of(rows[-1])))
    return told


async def _rows(database: Database, asked: Select[Any]) -> Sequence[Row[Any]]:
    found: Sequence[Row[Any]] = (await database.read(lambda connection: connection.execute(asked))).all()
    return found


async def _row(database: Database, vault: Vault, sealed: _Sealed, row: Row[Any]) -> Resealed:
    key = sealed.key_of(row)
    held = {name: bytes(value) for name in sealed.columns if (value := getattr(row, name)) is not None}
    if all(map(vault.is_first, held.values())):
        return Resealed(already=1)
    try:
        spots = {name: (sealed.table.name, " ".join(map(str, key)), name) for name in held}
        anew = {name: vault.seal(vault.open(value, spots[name]), spots[name]) for name, value in held.items()}
    except ConfigError as wrong:
        return Resealed(shut=(wrong.message,))
    this = (column == part for column, part in zip(sealed.key, key, strict=True))
    unchanged = and_(*this, *(sealed.table.c[name] == value for name, value in held.items()))
    change = update(sealed.table).where(unchanged).values(**anew)

    async def work(connection: AsyncConnection) -> int:
        return (await connection.execute(change)).rowcount

    # A row that a worker changed meanwhile was sealed by it, under the first key that it knows.
    return Resealed(anew=1) if await database.write(work) else Resealed(changed=1)
