"""A page of one source's people out of the replica, in any order.

Whoever has nothing in the order's column comes last, either way. Who could pass a filter at all is asked first; where
they are few, they alone are looked at. Where they are many, the first rows of the order hold a page of them, unless
most of those many come late: only then all rows are looked at, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, null, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import ORDERS, TIMES
from crmgraph.domain.filtering import Condition, conjuncts
from crmgraph.service.replica import Beyond, Place, Question
from crmgraph.store.base import Instant
from crmgraph.store.replica_candidates import Candidates, Effort, among
from crmgraph.store.replica_comparing import Texts
from crmgraph.store.replica_filters import Conditions
from crmgraph.store.replica_tables import contacts

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
    effort: Effort

    async def page(self, connection: AsyncConnection) -> list[tuple[Found, Place]]:
        """The next rows with their places, one more than asked where there are more."""
        column = self._column()
        after = self.asked.after
        wanted = self.asked.first + 1
        candidates = await self._candidates(connection)
        found: list[tuple[Found, Place]] = []
        if candidates == frozenset():
            return found
        if column is not None and (after is None or after[0] == KEYED):
            behind = None if after is None else after[1:]
            rows = await self._part(connection, column, behind, candidates, wanted)
            found = [(one, [KEYED, _plain(one.key), one.id]) for one in rows]
            after = None
        if len(found) < wanted:
            last = None if after is None else after[2]
            rows = await self._rest(connection, column, last, candidates, wanted - len(found))
            found += [(one, [UNKEYED, None, one.id]) for one in rows]
        return found

    async def _candidates(self, connection: AsyncConnection) -> frozenset[int] | None:
        """Who could pass; None where there is no filter, or where they are many."""
        if self.asked.filter is None:
            return None
        return await Candidates(self._conditions(False), self.effort).of(connection, self.asked.filter)

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
        self,
        connection: AsyncConnection,
        column: ColumnElement[Any],
        behind: Sequence[Any] | None,
        candidates: frozenset[int] | None,
        wanted: int,
    ) -> list[Found]:
        """Those with something in the column, in its order."""
        descending = self.asked.order is not None and self.asked.order[1]
        ordered = select(contacts.c.id, column).where(self._behind(column, behind, descending))
        if self.asked.filter is None:
            return await _found(connection, _in_order(ordered, column, descending, wanted), column.key)
        if candidates is None:
            rows = await self._walked(connection, ordered, column, descending, wanted)
            if len(rows) == wanted:
                return rows
        # No index may lead to them in its order: there are few, or rows are gone through as they lie.
        apart = func.coalesce(column, column, type_=column.type)
        every = select(contacts.c.id, column).where(
            self._behind(apart, behind, descending), self._one_of(candidates), self._passing(candidates is not None)
        )
        return await _found(connection, _in_order(every, apart, descending, wanted), column.key)

    async def _walked(
        self,
        connection: AsyncConnection,
        ordered: Select[Any],
        column: ColumnElement[Any],
        descending: bool,
        wanted: int,
    ) -> list[Found]:
        """Those who pass among the first rows of the order."""
        near = ordered.add_columns(contacts.c.source).where(*self._bounds(column))
        walked = _in_order(near, column, descending, self.effort.walk).subquery()
        first = select(contacts.c.id, column).join(
            walked, and_(walked.c.source == contacts.c.source, walked.c.id == contacts.c.id)
        )
        passing = first.where(self._passing(True))
        return await _found(connection, _in_order(passing, column, descending, wanted), column.key)

    def _bounds(self, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """What the filter says of the order's own column: the walk begins and ends there."""
        order, filter = self.asked.order, self.asked.filter
        if order is None or filter is None or column.key not in TIMES.values():
            return []
        own = [one for one in conjuncts(filter) if isinstance(one, Condition) and one.field == order[0]]
        return [self._conditions(True).bounds(one) for one in own]

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
        self,
        connection: AsyncConnection,
        column: ColumnElement[Any] | None,
        behind: int | None,
        candidates: frozenset[int] | None,
        wanted: int,
    ) -> list[Found]:
        """Those with nothing in the column, or all where there is no order; as they came to us."""
        asked = select(contacts.c.id).where(contacts.c.source == self.asked.source, self._one_of(candidates))
        if column is not None:
            # Few have nothing there where a filter lets through few: then rows are gone through as they lie.
            asked = asked.where((column if self.asked.filter is None else func.coalesce(column, null())).is_(None))
        if behind is not None:
            asked = asked.where(contacts.c.id > behind)
        passing = asked.where(self._passing(candidates is not None or column is None))
        return await _found(connection, passing.order_by(contacts.c.id).limit(wanted))

    def _one_of(self, candidates: frozenset[int] | None) -> ColumnElement[bool]:
        return true() if candidates is None else among(candidates, self.dialect)

    def _passing(self, one_by_one: bool) -> ColumnElement[bool]:
        return true() if self.asked.filter is None else self._conditions(one_by_one).sql(self.asked.filter)

    def _conditions(self, one_by_one: bool) -> Conditions:
        return Conditions(self.asked.source, self.texts, self.region, self.dialect, one_by_one)


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
