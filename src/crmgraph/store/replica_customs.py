"""Conditions on the values of a custom field, which are rows of their own: one for each element."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, case, false, func, literal_column, not_, or_, select

from crmgraph.domain.columns import END, folded, one_line
from crmgraph.domain.filtering import Condition, Literal, Not, Op
from crmgraph.store.replica_comparing import Comparing, Sql, ordered
from crmgraph.store.replica_tables import contacts, customs


@dataclass(frozen=True, slots=True)
class CustomConditions:
    """The conditions on the custom field `key` of one source. With `one_by_one`, values are looked up for each row, not
    once for all.
    """

    source: str
    key: str
    comparing: Comparing
    one_by_one: bool = False

    def condition(self, op: Op, operand: Any, negated: bool) -> Sql:
        """Whether a contact's row satisfies it."""
        if op is Op.IS_NULL:
            return not_(self._has()) if operand else self._has()
        compared = or_(self._element(op, operand, negated), self._long(op, operand))
        if self.one_by_one:
            # Not `exists`, which PostgreSQL would make a join of, and read everybody's values for it.
            own: Select[Any] = select(literal_column("1")).where(self._rows(), customs.c.id == contacts.c.id, compared)
            return own.limit(1).scalar_subquery().is_not(None)
        if not negated:
            return and_(self._has(), contacts.c.id.in_(select(customs.c.id).where(self._rows(), compared)))
        # Those who do not satisfy it are told by themselves: where most do, they are few.
        none = func.max(_number(compared)) == 0
        others = select(customs.c.id).where(self._rows()).group_by(customs.c.id).having(none)
        return and_(self._has(), contacts.c.id.not_in(others))

    def looks(self, literals: Sequence[Literal]) -> list[Select[int]]:
        """The ids of all who satisfy either one condition, or several negated ones: then no element satisfies any, or
        there is none.
        """
        having = select(customs.c.id).where(self._rows())
        without = select(contacts.c.id).where(contacts.c.source == self.source, not_(self._has()))
        first = condition_of(literals[0])
        if first.op is Op.IS_NULL:
            return [without if first.value is not isinstance(literals[0], Not) else having]
        if not isinstance(literals[0], Not):
            # Who has a text that the index lacks may be meant.
            lacking = customs.c.text.is_(None) if _compares_text(first) else false()
            return [having.where(or_(lacking, self._element(first.op, first.value, negated=False)))]
        several = map(condition_of, literals)
        return [having.where(*(not_(self._element(one.op, one.value, negated=True)) for one in several)), without]

    def _rows(self) -> Sql:
        return and_(customs.c.source == self.source, customs.c.key == self._kept())

    def _has(self) -> Sql:
        held = self.comparing.position(contacts.c.custom_keys, f"{END}{self._kept()}{END}") > 0
        return and_(contacts.c.custom_keys.is_not(None), held)

    def _kept(self) -> str:
        return self.comparing.texts.kept("custom_keys", one_line(self.key))

    def _element(self, op: Op, operand: Any, negated: bool) -> Sql:
        """Whether an element satisfies it, by what the index holds of it; never NULL."""
        if op is Op.IN:
            return or_(false(), *(self._element(Op.EQ, one, negated) for one in operand))
        text, texts = customs.c.text, self.comparing.texts
        if isinstance(operand, bool):
            word = "true" if operand else "false"
            said = func.trim(text) == word if texts.readable else text == texts.kept("text", word)
            return and_(text.is_not(None), said)
        if isinstance(operand, str):
            return and_(text.is_not(None), self.comparing.text(text, "text", op, folded(operand)))
        self.comparing.readable(op)
        column = _COLUMNS[type(operand)]
        if isinstance(operand, Decimal):
            return and_(column.is_not(None), _counted(column, op, operand, negated))
        return and_(column.is_not(None), ordered(column, op, operand.isoformat() if type(operand) is date else operand))

    def _long(self, op: Op, operand: Any) -> Sql:
        """Whether a text satisfies it that is too long for the index."""
        if op is Op.IN:
            return or_(false(), *(self._long(Op.EQ, one) for one in operand))
        if not isinstance(operand, str) or not self.comparing.texts.readable:
            return false()
        wanted, long = folded(operand), customs.c.long
        return and_(long.is_not(None), long == wanted if op is Op.EQ else self.comparing.text(long, "long", op, wanted))


_COLUMNS: Mapping[type, Column[Any]] = {
    Decimal: customs.c.amount,
    datetime: customs.c.instant,
    date: customs.c.day,
}


def condition_of(literal: Literal) -> Condition:
    """What a literal asks, negated or not."""
    found = literal.item if isinstance(literal, Not) else literal
    assert isinstance(found, Condition)
    return found


def _compares_text(one: Condition) -> bool:
    operands = one.value if one.op is Op.IN else (one.value,)
    return any(isinstance(operand, str) for operand in operands)


def _counted(column: ColumnElement[Any], op: Op, operand: Decimal, negated: bool) -> Sql:
    """A comparison of numbers as a database counts them: what is equal there may differ, and is let through."""
    if negated:
        return false() if op is Op.EQ else ordered(column, _STRICT[op], float(operand))
    return ordered(column, _LOOSE[op], float(operand))


_LOOSE = {Op.EQ: Op.EQ, Op.GT: Op.GTE, Op.GTE: Op.GTE, Op.LT: Op.LTE, Op.LTE: Op.LTE}
_STRICT = {Op.GT: Op.GT, Op.GTE: Op.GT, Op.LT: Op.LT, Op.LTE: Op.LT}


def _number(condition: Sql) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
