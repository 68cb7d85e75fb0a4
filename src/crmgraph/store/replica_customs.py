"""Conditions on the values of a custom field, which are rows of their own: one for each element."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from crmgraph.domain.columns import END, folded, one_line, option
from crmgraph.domain.doubles import as_double, is_plain
from crmgraph.domain.filtering import Literal, Not, Op
from crmgraph.store.replica_comparing import Comparing, Sql, ordered
from crmgraph.store.replica_tables import contacts, customs
from crmgraph.store.replica_texts import always_fits
from crmgraph.store.replica_turns import condition_of


@dataclass(frozen=True, slots=True)
class CustomConditions:
    """The conditions on the custom field `key` of one source."""

    source: str
    key: str
    comparing: Comparing

    def condition(self, op: Op, operand: Any, negated: bool, gathered: bool) -> Sql:
        """Whether a contact's row satisfies it: with `gathered` all who do are gathered once, else values are looked up
        for each row.
        """
        if op is Op.IS_NULL:
            return not_(self._has()) if operand else self._has()
        if (options := self.options(op, operand)) is not None:
            return self._holds(contacts.c.options, options)
        if not gathered:
            # Not `exists`, which PostgreSQL would make a join of, and read everybody's values for it.
            its: Select[Any] = select(literal_column("1")).where(self._rows_of_one())
            return its.where(or_(*self._either(op, operand, negated))).limit(1).scalar_subquery().is_not(None)
        several = or_(*(contacts.c.id.in_(look) for look in self._satisfying(op, operand, negated)))
        # In these words PostgreSQL does not make a join of it, which would come after all look-ups for single rows.
        return several if self.comparing.dialect == "sqlite" else several.is_(true())

    def options(self, op: Op, operand: Any) -> Sequence[str] | None:
        """Those that a person's own row holds one of who satisfies a condition; None where the row does not tell."""
        if not self.comparing.texts.readable or op not in (Op.EQ, Op.IN):
            return None
        wanted = operand if op is Op.IN else (operand,)
        found = [one for text in wanted if isinstance(text, str) and (one := option(self.key, folded(text)))]
        return found if len(found) == len(wanted) else None

    def looks(self, literals: Sequence[Literal]) -> list[Select[int]]:
        """The ids of all who satisfy the first of some conditions, which is on single elements; where it is negated, of
        who has an element that does not satisfy it, or none.
        """
        one = condition_of(literals[0])
        having = select(customs.c.id).where(self._rows())
        if one.op is Op.IS_NULL:
            return [having]
        if not isinstance(literals[0], Not):
            return self._satisfying(one.op, one.value, negated=False)
        without = select(contacts.c.id).where(contacts.c.source == self.source, not_(self._has()))
        return [having.where(not_(self._element(one.op, one.value, negated=True))), without]

    def _satisfying(self, op: Op, operand: Any, negated: bool) -> list[Select[int]]:
        """The ids of who has such an element in the index, and of who has one that is too long for it."""
        element, *long = self._either(op, operand, negated)
        having = select(customs.c.id).where(self._rows())
        return [having.where(element), *(having.where(customs.c.text.is_(None), one) for one in long)]

    def _either(self, op: Op, operand: Any, negated: bool) -> list[Sql]:
        """Whether an element satisfies it that is in the index, or one that may be too long for it."""
        long = self._long(op, operand) if self.comparing.texts.readable else []
        return [self._element(op, operand, negated), *long]

    def _rows(self) -> Sql:
        return and_(customs.c.source == self.source, customs.c.key == self._kept())

    def _rows_of_one(self) -> Sql:
        """Without the source, lest an index be taken in which everybody's values lie."""
        return and_(customs.c.id == contacts.c.id, customs.c.key == self._kept())

    def _has(self) -> Sql:
        return self._holds(contacts.c.custom_keys, [self._kept()])

    def _holds(self, column: Column[Any], elements: Sequence[str]) -> Sql:
        """Whether a list holds any of these; never NULL."""
        return and_(column.is_not(None), self.comparing.holds_any(column, [f"{END}{one}{END}" for one in elements]))

    def _kept(self) -> str:
        return self.comparing.texts.kept("custom_keys", one_line(self.key))

    def _element(self, op: Op, operand: Any, negated: bool) -> Sql:
        """Whether an element satisfies it, by what the index holds of it; never NULL."""
        if op is Op.IN:
            return or_(false(), *self._any_of(operand, negated))
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
        return and_(column.is_not(None), ordered(column, op, _PLAIN[type(operand)](operand)))

    def _any_of(self, operands: Sequence[Any], negated: bool) -> Iterator[Sql]:
        """Whether an element is one of several, those of one type at once."""
        for type_ in dict.fromkeys(map(type, operands)):
            several = [one for one in operands if type(one) is type_]
            if type_ is bool:
                yield from (self._element(Op.EQ, one, negated) for one in several)
            elif type_ is str:
                kept = [self.comparing.texts.kept("text", folded(str(one))) for one in several]
                yield and_(customs.c.text.is_not(None), customs.c.text.in_(kept))
            else:
                self.comparing.readable(Op.IN)
                column = _COLUMNS[type_]
                sure = [one for one in several if not negated or not isinstance(one, Decimal) or is_plain(one)]
                yield and_(column.is_not(None), column.in_(list(map(_PLAIN[type_], sure))))

    def _long(self, op: Op, operand: Any) -> list[Sql]:
        """Whether a text satisfies it that is too long for the index; nothing where none can."""
        if op is Op.IN:
            return [one for several in operand for one in self._long(Op.EQ, several)]
        if not isinstance(operand, str) or (op is Op.EQ and always_fits(folded(operand))):
            return []
        wanted, long = folded(operand), customs.c.long
        return [
            and_(long.is_not(None), long == wanted if op is Op.EQ else self.comparing.text(long, "long", op, wanted))
        ]


_COLUMNS: Mapping[type, Column[Any]] = {
    Decimal: customs.c.amount,
    datetime: customs.c.instant,
    date: customs.c.day,
}
_PLAIN: Mapping[type, Callable[[Any], Any]] = {Decimal: as_double, datetime: lambda one: one, date: date.isoformat}
"""How a value stands in its column."""


def _counted(column: ColumnElement[Any], op: Op, operand: Decimal, negated: bool) -> Sql:
    """A comparison of numbers as doubles; what equals the double of a number that is not plain may differ from it, and
    is let through.
    """
    double = as_double(operand)
    if is_plain(operand):
        return ordered(column, op, double)
    if negated:
        return false() if op is Op.EQ else ordered(column, _STRICT[op], double)
    return ordered(column, _LOOSE[op], double)


_LOOSE = {Op.EQ: Op.EQ, Op.GT: Op.GTE, Op.GTE: Op.GTE, Op.LT: Op.LTE, Op.LTE: Op.LTE}
_STRICT = {Op.GT: Op.GT, Op.GTE: Op.GT, Op.LT: Op.LT, Op.LTE: Op.LT}
