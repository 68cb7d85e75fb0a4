"""A filter over people as a condition of SQL over the replica's columns.

It lets through whatever the filter does; where numbers are written longer than a database counts, it may let more
through. What one value satisfies is said in `domain.comparing`; here it is said again for columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Integer, and_, case, exists, false, func, not_, or_, select, true

from crmgraph.domain.columns import END, LINKS, TEXTS, TIMES, digits, email_form, folded, one_line, phone_form
from crmgraph.domain.filtering import CUSTOM_PREFIX, And, Condition, Filter, Not, Op, Or, nnf
from crmgraph.domain.normalize import text_key
from crmgraph.service.replica import Beyond
from crmgraph.store.replica_tables import contacts, customs, keys

Sql = ColumnElement[bool]


class Texts(Protocol):
    """How texts stand in the columns: as they are, or each as a keyed hash, of which nothing but equality can be
    told.
    """

    @property
    def readable(self) -> bool: ...

    def kept(self, column: str, text: str) -> str:
        """A text as it stands in a column."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one question about one source; `dialect` is the database's, `region` where numbers without a
    country code belong. `one_by_one` is for a few rows: custom values are looked up for each, not once for all.
    """

    source: str
    texts: Texts
    region: str
    dialect: str
    one_by_one: bool = False

    def sql(self, filter: Filter) -> Sql:
        """The whole filter; raises Beyond for what cannot be compared."""
        return self._said(nnf(filter))

    def _said(self, filter: Filter) -> Sql:
        match filter:
            case And(items):
                return and_(true(), *map(self._said, items))
            case Or(items):
                return or_(false(), *map(self._said, items))
            case Not(Condition() as condition):
                return not_(self._condition(condition, negated=True))
            case Not(item):
                return not_(self._said(item))
            case Condition():
                return self._condition(filter, negated=False)

    def _condition(self, one: Condition, negated: bool) -> Sql:
        """True or false for every row, never NULL, so that a negation means what it says."""
        field = one.field
        if field.startswith(CUSTOM_PREFIX):
            return self._custom(field.removeprefix(CUSTOM_PREFIX), one.op, one.value, negated)
        column = contacts.c[_column(field)]
        if one.op is Op.IS_NULL:
            return column.is_(None) if one.value else column.is_not(None)
        return and_(column.is_not(None), self._holds(field, column, one.op, one.value))

    def _holds(self, field: str, column: Column[Any], op: Op, operand: Any) -> Sql:
        if op is Op.IN:
            return self._any_of(field, column, operand)
        if field in TEXTS:
            return self._text(column, op, folded(operand))
        if field in _WITHIN:
            return self._within(column, op, operand)
        if field in LINKS:
            return column == self.texts.kept(column.name, operand)
        if field == "birthDate":
            return self._day(column, op, operand)
        return _ordered(column, op, operand)

    def _any_of(self, field: str, column: Column[Any], operands: tuple[Any, ...]) -> Sql:
        """Several values: at once where they are compared whole, else each by itself."""
        if field in _WITHIN:
            return or_(false(), *(self._within(column, Op.EQ, one) for one in operands))
        if field in TEXTS or field in LINKS:
            fold: Callable[[str], str] = folded if field in TEXTS else str
            return column.in_([self.texts.kept(column.name, fold(one)) for one in operands])
        return column.in_([one.isoformat() if field == "birthDate" else one for one in operands])

    def _text(self, column: ColumnElement[Any], op: Op, wanted: str) -> Sql:
        if op is Op.EQ:
            return column == self.texts.kept(_name(column), wanted)
        self._readable(op)
        if op is Op.CONTAINS:
            return self._position(column, wanted) > 0
        return func.substr(column, 1, len(wanted)) == wanted

    def _within(self, column: Column[Any], op: Op, operand: str) -> Sql:
        """Whether an element of a list is, contains or begins with something."""
        if column.name == "tags":
            wanted = self.texts.kept("tags", one_line(text_key(operand)))
            return self._position(column, f"{END}{wanted}{END}") > 0
        if op is Op.EQ:
            return self._equal(column.name, operand)
        self._readable(op)
        if column.name == "phones":
            return self._position(column, digits(operand)) > 0 if digits(operand) else false()
        wanted = one_line(folded(operand))
        return self._position(column, wanted if op is Op.CONTAINS else END + wanted) > 0

    def _equal(self, name: str, operand: str) -> Sql:
        """Whether an e-mail or phone is the same mailbox or line: the table of keys tells."""
        form = email_form(operand) if name == "emails" else phone_form(operand, self.region)
        if not form:
            return false()
        of_key = keys.c.key == self.texts.kept("key", f"{name}={form}")
        if self.one_by_one:
            return exists().where(of_key, keys.c.id == contacts.c.id)
        return contacts.c.id.in_(select(keys.c.id).where(of_key))

    def _day(self, column: ColumnElement[Any], op: Op, operand: date) -> Sql:
        if op is Op.EQ:
            return column == self.texts.kept(_name(column), operand.isoformat())
        self._readable(op)
        return _ordered(column, op, operand.isoformat())

    def _custom(self, key: str, op: Op, operand: Any, negated: bool) -> Sql:
        key = one_line(key)
        kept = self.texts.kept("custom_keys", key)
        held = self._position(contacts.c.custom_keys, f"{END}{kept}{END}") > 0
        has = and_(contacts.c.custom_keys.is_not(None), held)
        if op is Op.IS_NULL:
            return not_(has) if operand else has
        if op is Op.IN:
            return or_(false(), *(self._custom(key, Op.EQ, one, negated) for one in operand))
        of_key = and_(customs.c.source == self.source, customs.c.key == kept)
        compared = self._element(op, operand, negated)
        if self.one_by_one:
            return exists().where(of_key, customs.c.id == contacts.c.id, compared)
        if not negated:
            return and_(has, contacts.c.id.in_(select(customs.c.id).where(of_key, compared)))
        # Those who do not satisfy it are told by themselves: where most do, they are few.
        none = func.max(_number(compared)) == 0
        others = select(customs.c.id).where(of_key).group_by(customs.c.id).having(none)
        return and_(has, contacts.c.id.not_in(others))

    def _element(self, op: Op, operand: Any, negated: bool) -> Sql:
        """Whether an element of a custom value satisfies it; never NULL."""
        columns: Mapping[type, Column[Any]] = {
            Decimal: customs.c.amount,
            datetime: customs.c.instant,
            date: customs.c.day,
        }
        if isinstance(operand, bool):
            word = "true" if operand else "false"
            if not self.texts.readable:
                return and_(customs.c.text.is_not(None), customs.c.text == self.texts.kept("text", word))
            return and_(customs.c.text.is_not(None), func.trim(customs.c.text) == word)
        if isinstance(operand, str):
            return and_(customs.c.text.is_not(None), self._text(customs.c.text, op, folded(operand)))
        self._readable(op)
        column = columns[type(operand)]
        if isinstance(operand, Decimal):
            return and_(column.is_not(None), _counted(column, op, operand, negated))
        said = operand.isoformat() if column is customs.c.day else operand
        return and_(column.is_not(None), _ordered(column, op, said))

    def _position(self, column: ColumnElement[Any], wanted: str) -> ColumnElement[int]:
        """Where a text begins within another, from 1; 0 where it is not in it."""
        found = func.instr if self.dialect == "sqlite" else func.strpos
        return found(column, wanted, type_=Integer)

    def _readable(self, op: Op) -> None:
        if not self.texts.readable:
            raise Beyond(f"An encrypted replica compares whole texts only, so it cannot tell `{op}`; ask live.")


_WITHIN = frozenset({"emails", "phones", "tags"})


def _column(field: str) -> str:
    known = {**TEXTS, **LINKS, **TIMES, "birthDate": "birth_date", "doNotContact": "blocked"}
    name = field if field in _WITHIN else known.get(field)
    if name is None:
        raise Beyond(f"The replica cannot compare {field}; ask live.")
    return name


def _ordered(column: ColumnElement[Any], op: Op, operand: Any) -> Sql:
    compared: Mapping[Op, Callable[[], Sql]] = {
        Op.EQ: lambda: column == operand,
        Op.GT: lambda: column > operand,
        Op.GTE: lambda: column >= operand,
        Op.LT: lambda: column < operand,
        Op.LTE: lambda: column <= operand,
    }
    return compared[op]()


def _counted(column: ColumnElement[Any], op: Op, operand: Decimal, negated: bool) -> Sql:
    """A comparison of numbers as a database counts them: what is equal there may differ, and is let through."""
    if negated:
        return false() if op is Op.EQ else _ordered(column, _STRICT[op], float(operand))
    return _ordered(column, _LOOSE[op], float(operand))


_LOOSE = {Op.EQ: Op.EQ, Op.GT: Op.GTE, Op.GTE: Op.GTE, Op.LT: Op.LTE, Op.LTE: Op.LTE}
_STRICT = {Op.GT: Op.GT, Op.GTE: Op.GT, Op.LT: Op.LT, Op.LTE: Op.LT}


def _number(condition: Sql) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _name(column: ColumnElement[Any]) -> str:
    return str(column.key)
