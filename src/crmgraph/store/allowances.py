"""The ledgers of shared allowances as rows of the database, one for each account."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Double, extract, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.service.allowances import Lease, Ledger, Wish, decided
from crmgraph.service.ports import Clock
from crmgraph.store.database import Database, insert
from crmgraph.store.tables import ledgers

_LEDGER = msgspec.json.Decoder(Ledger)
_EMPTY = msgspec.json.encode(Ledger())


class DatabaseAllowances:
    """One worker's side of the ledgers. A row is locked while a wish is decided on, so wishes follow one another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def lease(self, account: str, wish: Wish) -> Lease:
        """Decide on a wish, as a whole before or after every other on the account; raises StoreUnavailable."""

        async def work(connection: AsyncConnection) -> Lease:
            row = {"account": account, "ledger": _EMPTY}
            await connection.execute(insert(connection, ledgers).values(row).on_conflict_do_nothing())
            this = ledgers.c.account == account
            wanted = select(ledgers.c.ledger, self._now(connection)).where(this).with_for_update()
            before, now = (await connection.execute(wanted)).one()
            ledger, lease = decided(_LEDGER.decode(before), wish, now)
            after = msgspec.json.encode(ledger)
            if after != before:
                await connection.execute(update(ledgers).where(this).values(ledger=after))
            return lease

        return await self._database.write(work)

    def _now(self, connection: AsyncConnection) -> ColumnElement[Any]:
        """The time that counts: PostgreSQL's own, for workers may be on many machines; those of a file are on one."""
        if connection.dialect.name == "postgresql":
            return extract("epoch", func.clock_timestamp()).cast(Double)
        return literal(self._clock.now().timestamp(), Double)
