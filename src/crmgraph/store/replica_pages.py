"""A page of one source's people out of the replica, in any order.

Whoever has nothing in the order's column comes last, either way. Where many pass a filter, the first few in the order's
index hold a page of them; where few do, all rows are looked at once, which is quicker than going through an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import ORDERS, TIMES
from crmgraph.service.replica import Beyond, Place, Question
from crmgraph.store.base import Instant
from crmgraph.store.replica_filters import Conditions, Texts
from crmgraph.store.replica_tables import contacts

WALK = 1_000
"""How many rows are looked at in the order's index before all are."""

KEYED, UNKEYED = 0, 1
"""The two parts of an ordered list: those with something in the order's column, and those without."""


@dataclass(frozen=True, slots=True)
class Found:
    """The id of a row, and what it is ordered by."""

    id: int
    key: Any


@dataclass(frozen=True, slots=True)
class Paging:
    """The pages of one question."""

    asked: Question
    texts: Texts
    region: str
    dialect: str

    async def page(self, connection: AsyncConnection) -> list[tuple[Found, Place]]:
        """The next rows with their places, one more than asked where there are more."""
        column = self._column()
        after = self.asked.after
        wanted = self.asked.first + 1
        found: list[tuple[Found, Place]] = []
        if column is not None and (after is None or after[0] == KEYED):
            rows = await self._part(connection, column, None if after is None else after[1:], wanted)
            found = [(one, [KEYED, _plain(one.key), one.id]) for one in rows]
            after = None
        if len(found) < wanted:
            behind = None if after is None else after[2]
            rows = await self._rest(connection, column, behind, wanted - len(found))
            found += [(one, [UNKEYED, None, one.id]) for one in rows]
        return found

    def _column(self) -> ColumnElement[Any] | None:
        if self.asked.order is None:
            return None
        name = ORDERS.get(self.asked.order[0])
        if name is None:
            raise Beyond(f"The replica cannot list people by {self.asked.order[0]}; leave `orderBy` out, or ask live.")
        if name not in TIMES.values() and not self.texts.readable:
            raise Beyond("An encrypted replica cannot list people by name; ask live, or list them by a time.")
        return contacts.c[name]

    async def _part(
        self, connection: AsyncConnection, column: ColumnElement[Any], behind: Sequence[Any] | None, wanted: int
    ) -> list[Found]:
        """Those with something in the column, in its order."""
        descending = self.asked.order is not None and self.asked.order[1]
        ordered = select(contacts.c.id, column).where(self._behind(column, behind, descending))
        if self.asked.filter is None:
            return await _found(connection, _in_order(ordered, column, descending, wanted), column.key)
        near = ordered.add_columns(contacts.c.source)
        walked = _in_order(near, column, descending, WALK).subquery()
        first = select(contacts.c.id, column).join(
            walked, and_(walked.c.source == contacts.c.source, walked.c.id == contacts.c.id)
        )
        passing = first.where(self._passing(True))
        rows = await _found(connection, _in_order(passing, column, descending, wanted), column.key)
        if len(rows) == wanted:
            return rows
        # In this disguise no index knows the column, so that the rows are gone through as they lie.
        apart = func.coalesce(column, column, type_=column.type)
        every = select(contacts.c.id, column).where(self._behind(apart, behind, descending), self._passing(False))
        return await _found(connection, _in_order(every, apart, descending, wanted), column.key)

    def _behind(
        self, column: ColumnElement[Any], behind: Sequence[Any] | None, descending: bool
    ) -> ColumnElement[bool]:
        """Those with something in the column that come behind a place."""
        keyed = and_(contacts.c.source == self.asked.source, column.is_not(None))
        if behind is None:
            return keyed
        at, place = tuple_(column, contacts.c.id), tuple_(_value(column, behind[0]), behind[1])
        return and_(keyed, at < place if descending else at > place)

    async def _rest(
        self, connection: AsyncConnection, column: ColumnElement[Any] | None, behind: int | None, wanted: int
    ) -> list[Found]:
        """Those with nothing in the column, or all where there is no order; as they came to us."""
        asked = select(contacts.c.id).where(contacts.c.source == self.asked.source, self._passing(False))
        if column is not None:
            asked = asked.where(column.is_(None))
        if behind is not None:
            asked = asked.where(contacts.c.id > behind)
        return await _found(connection, asked.order_by(contacts.c.id).limit(wanted))

    def _passing(self, one_by_one: bool) -> ColumnElement[bool]:
        if self.asked.filter is None:
            return true()
        conditions = Conditions(self.asked.source, self.texts, self.region, self.dialect, one_by_one)
        return conditions.sql(self.asked.filter)


def _in_order(asked: Select[Any], column: ColumnElement[Any], descending: bool, most: int) -> Select[Any]:
    parts = (column.desc(), contacts.c.id.desc()) if descending else (column, contacts.c.id)
    return asked.order_by(*parts).limit(most)


async def _found(connection: AsyncConnection, asked: Select[Any], key: str | None = None) -> list[Found]:
    rows: Sequence[Row[Any]] = (await connection.execute(asked)).all()
    return [Found(row.id, None if key is None else row._mapping[key]) for row in rows]


def _plain(key: Any) -> Any:
    """What a row is ordered by, as JSON."""
    return key.isoformat() if isinstance(key, datetime) else key


def _value(column: ColumnElement[Any], plain: Any) -> Any:
    """A value that `_plain` wrote, as the column compares it."""
    return literal(datetime.fromisoformat(plain) if isinstance(column.type, Instant) else plain, column.type)
