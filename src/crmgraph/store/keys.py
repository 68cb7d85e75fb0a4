"""API keys as rows: what proves a key, never the key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.keys import Key
from crmgraph.store.database import Database
from crmgraph.store.tables import api_keys

_KNOWN = api_keys.c


class DatabaseKeys:
    """The keys of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: Key) -> None:
        """Keep a new one."""
        row = {column.name: getattr(key, column.name) for column in api_keys.columns}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(api_keys).values(row))

        await self._database.write(work)

    async def find(self, ident: str) -> Key | None:
        """The one with this id, revoked and expired ones too."""

        async def work(connection: AsyncConnection) -> Key | None:
            row = (await connection.execute(select(api_keys).where(_KNOWN.id == ident))).one_or_none()
            return None if row is None else _key(row)

        return await self._database.read(work)

    async def all(self) -> Sequence[Key]:
        """All of them, the oldest first."""

        async def work(connection: AsyncConnection) -> Sequence[Key]:
            return [
                _key(row) for row in await connection.execute(select(api_keys).order_by(_KNOWN.created_at, _KNOWN.id))
            ]

        return await self._database.read(work)

    async def revoke(self, ident: str, at: datetime) -> bool:
        """Believe it no longer; whether there was one to revoke."""
        statement = update(api_keys).where(_KNOWN.id == ident, _KNOWN.revoked_at.is_(None)).values(revoked_at=at)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(statement)).rowcount > 0

        return await self._database.write(work)


def _key(row: Row[Any]) -> Key:
    return Key(**row._mapping)
