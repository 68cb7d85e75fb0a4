"""The tokens that CRMs gave us, in the database: sealed, versioned, and renewed by one worker at a time."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.tokens import Kept, Tokens
from crmgraph.store.database import Database, insert
from crmgraph.store.tables import tokens as table
from crmgraph.store.vault import Spot, Vault
from crmgraph.store.worker import Worker

LEASE = timedelta(seconds=20)
"""How long a worker may take to renew tokens. When it dies, the next one tries the same refresh token after that: soon
enough for a CRM that answers a used one with the same new one for half a minute.
"""


class DatabaseTokens:
    """The tokens as one worker sees them."""

    def __init__(self, database: Database, worker: Worker, vault: Vault, lease: timedelta = LEASE) -> None:
        self._database = database
        self._worker = worker
        self._vault = vault
        self._lease = lease

    async def read(self, source: str) -> Kept | None:
        """The tokens as they stand; None before the source was ever connected. Raises ConfigError without their key."""
        asked = select(table).where(table.c.source == source)
        row = (await self._database.read(lambda connection: connection.execute(asked))).one_or_none()
        return None if row is None else self._kept(row)

    async def connect(self, source: str, account: str, tokens: Tokens) -> None:
        """Keep what a person has just agreed to, in the place of all that was before."""
        given = self._columns(source, tokens) | {"account": account}
        newer = {**given, "version": table.c.version + 1}

        async def work(connection: AsyncConnection) -> None:
            put = insert(connection, table).values(source=source, version=1, **given)
            await connection.execute(put.on_conflict_do_update(index_elements=["source"], set_=newer))

        await self._database.write(work)

    async def lease(self, source: str, version: int) -> bool:
        """Take on to renew this version; False when another worker has, or when it is not the last any more."""
        free = or_(
            table.c.holder.is_(None), table.c.holder == self._worker.id, table.c.lease_until <= self._worker.now()
        )
        taken = {"holder": self._worker.id, "lease_until": self._worker.now() + self._lease}
        return await self._change(and_(_is(source, version), table.c.refused.is_(None), free), taken)

    async def release(self, source: str, version: int) -> None:
        """Leave it to whoever comes next."""
        await self._change(and_(_is(source, version), table.c.holder == self._worker.id), {"holder": None})

    async def renew(self, source: str, version: int, tokens: Tokens) -> bool:
        """Put what this version was renewed to in its place; False when there is a newer one already.

        The version alone decides, not the lease: what a slow worker was given is good, unless somebody got newer.
        """
        return await self._change(_is(source, version), {"version": version + 1, **self._columns(source, tokens)})

    async def refuse(self, source: str, version: int, reason: str) -> bool:
        """Say that this version cannot be renewed; False when there is a newer one already."""
        return await self._change(_is(source, version), {"refused": reason, "holder": None})

    async def _change(self, where: ColumnElement[bool], values: dict[str, Any]) -> bool:
        """One statement, so that what it depends on cannot change before it."""
        change = update(table).where(where).values(**values)
        done = await self._database.write(lambda connection: connection.execute(change))
        return bool(done.rowcount == 1)

    def _columns(self, source: str, tokens: Tokens) -> dict[str, Any]:
        """New tokens are nobody's to renew yet, and nothing is known against them."""
        refresh = tokens.refresh
        return {
            "access": self._vault.seal(tokens.access, spot(source, "access")),
            "refresh": None if refresh is None else self._vault.seal(refresh, spot(source, "refresh")),
            "renew_at": tokens.renew_at,
            "ends_at": tokens.ends_at,
            "refused": None,
            "holder": None,
            "lease_until": self._worker.now(),
        }

    def _kept(self, row: Row[Any]) -> Kept:
        access = self._vault.open(row.access, spot(row.source, "access"))
        refresh = None if row.refresh is None else self._vault.open(row.refresh, spot(row.source, "refresh"))
        return Kept(Tokens(access, refresh, row.renew_at, row.ends_at), row.version, row.account, row.refused)


def spot(source: str, column: str) -> Spot:
    """Where a token lies."""
    return "tokens", source, column


def _is(source: str, version: int) -> ColumnElement[bool]:
    return and_(table.c.source == source, table.c.version == version)
