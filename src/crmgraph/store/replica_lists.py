"""A list of one source's people as SQL. It has two parts: those with something in the order's column, in its order, and
behind them, either way, those without, or all where there is no order, as they came to us.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, null, or_, select, true, tuple_

from crmgraph.domain.columns import TIMES
from crmgraph.domain.filtering import Condition, conjuncts
from crmgraph.service.replica import Place, Question
from crmgraph.store.base import Instant
from crmgraph.store.replica_candidates import Known, among
from crmgraph.store.replica_comparing import Sql, apart
from crmgraph.store.replica_filters import Conditions
from crmgraph.store.replica_sample import holding, passing_and_coming, spread
from crmgraph.store.replica_tables import contacts
from crmgraph.store.replica_turns import Dear, Turns

KEYED, UNKEYED = 0, 1
"""The two parts, as places tell them."""

Key = ColumnElement[Any] | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What is left of a list behind the place that is asked for; `column` is the order's, None where there is no order.
    Statements give ids, each with what it is ordered by as `key`.
    """

    asked: Question
    conditions: Conditions
    column: Key

    @property
    def is_keyed(self) -> bool:
        """Whether it begins with those who have something in the order's column."""
        return self.column is not None and (self.asked.after is None or self.asked.after[0] == KEYED)

    def part(self, keyed: bool) -> Select[Any]:
        """All of one part, to whom an index leads in their order."""
        return self._in_order(self._of_part(keyed), keyed)

    def cut(self, anybody: bool) -> "Listing":
        """The same where anybody may have a text that is kept in part, or nobody."""
        return replace(self, conditions=replace(self.conditions, cut=anybody))

    @property
    def at_rows(self) -> Conditions:
        """The conditions for rows that have been come to."""
        return replace(self.conditions, at_rows=True)

    def near(self, most: int, passes: Sql) -> Select[Any]:
        """Those who pass among so many of the first part."""
        first = self._of_part(self.is_keyed).where(*self._bounds())
        walked = self._in_order(first, self.is_keyed).limit(most).subquery()
        order = (walked.c.key, walked.c.id) if self.is_keyed else (walked.c.id,)
        found = select(walked.c.id, walked.c.key).where(self._told_of(walked.c.id, passes))
        return found.order_by(*(one.desc() for one in order) if self.is_keyed and self._falls else order)

    def sample(self, count: int, passes: Sql, dear: Collection[Dear]) -> Select[Any, Any, bool]:
        """The sums over so many people of what they tell, the second of dear conditions alone, and whether anybody has
        a text that is kept in part.
        """
        some = spread(self.asked.source, count, self.conditions.dialect).subquery()
        cut = select(contacts.c.id).where(contacts.c.source == self.asked.source, contacts.c.cut == true()).exists()
        total = func.sum(self._told_of(some.c.id, passing_and_coming(passes, dear)))
        held = func.sum(self._told_of(some.c.id, holding(dear))) if dear else null()
        return select(total, held, cut).select_from(some)

    def _told_of(self, ident: ColumnElement[int], said: ColumnElement[Any]) -> ColumnElement[Any]:
        """What is said of one row. As a value of each row, it cannot be taken for a join, which might go through
        everybody.
        """
        here = contacts.c.source == self.asked.source, contacts.c.id == ident
        return select(said).where(*here).scalar_subquery()

    def through(self, said: Turns, looked_up: Collection[str], gathered: Collection[str]) -> Sql:
        """Who passes, for whoever goes through all rows: custom values are looked up for whom they matter, but for
        those conditions for which all who satisfy them are gathered. `said` is the filter for rows that have been come
        to, of which no condition is gathered.
        """
        # They may as well be led by an index, if it is known to be worth it: SQLite takes any, and PostgreSQL any that
        # spares a few of the dear look-ups.
        at_rows = self.conditions.dialect == "sqlite" or bool(looked_up)
        conditions = replace(self.conditions, at_rows=at_rows, gathered=gathered)
        return conditions.passes(said if at_rows and not gathered else conditions.turns(said.filter))

    def passing(self, passes: Sql, few: Known = None) -> Select[Any]:
        """Those who pass, of both parts; where they are known to be among a few candidates, only those are looked at,
        else all rows as they lie.
        """
        dialect = self.conditions.dialect
        column = None if self.column is None else apart(self.column, dialect)
        asked = _selected(column).where(contacts.c.source == self.asked.source, passes)
        if few is not None:
            asked = asked.where(among(few, dialect))
        if column is None or not self.is_keyed:
            return self._in_order(self._of_rest(asked, column), keyed=False)
        lacks, ident = column.is_(None), contacts.c.id
        if self.asked.after is not None:
            asked = asked.where(or_(lacks, self._behind(column)))
        if self._falls:
            return asked.order_by(lacks, column.desc(), case((lacks, -ident), else_=ident).desc())
        return asked.order_by(lacks, column, ident)

    def place(self, ident: int, key: Any) -> Place:
        """The place of a row, as JSON."""
        return [UNKEYED if key is None else KEYED, key.isoformat() if isinstance(key, datetime) else key, ident]

    def _of_part(self, keyed: bool) -> Select[Any]:
        """All of one part that come behind the place."""
        of_source = contacts.c.source == self.asked.source
        if self.column is None or not keyed:
            return self._of_rest(_selected(None).where(of_source), self.column)
        asked = _selected(self.column).where(of_source, self.column.is_not(None))
        return asked if self.asked.after is None else asked.where(self._behind(self.column))

    def _of_rest(self, asked: Select[Any], column: Key) -> Select[Any]:
        """Those of the last part that come behind the place."""
        if column is not None:
            asked = asked.where(column.is_(None))
        return asked if self.is_keyed or self.asked.after is None else asked.where(contacts.c.id > self.asked.after[2])

    def _behind(self, column: ColumnElement[Any]) -> Sql:
        """Those of the first part that come behind the place."""
        assert self.asked.after is not None
        at, place = tuple_(column, contacts.c.id), tuple_(_value(column, self.asked.after[1]), self.asked.after[2])
        return at < place if self._falls else at > place

    def _in_order(self, asked: Select[Any], keyed: bool) -> Select[Any]:
        column, ident = self.column, contacts.c.id
        if column is None or not keyed:
            return asked.order_by(ident)
        return asked.order_by(*((column.desc(), ident.desc()) if self._falls else (column, ident)))

    @property
    def _falls(self) -> bool:
        return self.asked.order is not None and self.asked.order[1]

    def _bounds(self) -> list[Sql]:
        """What the filter says of the order's own column: its rows begin and end there."""
        order, filter = self.asked.order, self.asked.filter
        if order is None or filter is None or not self.is_keyed or order[0] not in TIMES:
            return []
        own = [one for one in conjuncts(filter) if isinstance(one, Condition) and one.field == order[0]]
        return [self.conditions.bounds(one) for one in own]


def _selected(column: Key) -> Select[Any]:
    return select(contacts.c.id, (null() if column is None else column).label("key"))


def _value(column: ColumnElement[Any], plain: Any) -> Any:
    """A key as `place` tells it, as the column compares it."""
    return literal(datetime.fromisoformat(plain) if isinstance(column.type, Instant) else plain, column.type)
