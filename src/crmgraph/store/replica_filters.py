"""A filter over people as a condition of SQL over the replica's columns.

It lets through whatever the filter does; where numbers are written longer than a database counts, it may let more
through. What one value satisfies is said in `domain.comparing`; here it is said again for columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Select, and_, false, not_, or_, select, true

from crmgraph.domain.columns import END, LINKS, TEXTS, TIMES, digits, email_form, folded, one_line, phone_form
from crmgraph.domain.filtering import CUSTOM_PREFIX, And, Condition, Filter, Literal, Not, Op, Or, nnf
from crmgraph.domain.normalize import text_key
from crmgraph.service.replica import Beyond
from crmgraph.store.replica_comparing import Comparing, Sql, Texts, hidden, ordered
from crmgraph.store.replica_customs import CustomConditions, condition_of
from crmgraph.store.replica_tables import contacts, customs, keys


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one question about one source; `dialect` is the database's, `region` where numbers without a
    country code belong. `one_by_one` is for a few rows: custom values are looked up for each, not once for all. `cut`
    tells whether anybody may have a text that is compared and kept in part.
    """

    source: str
    texts: Texts
    region: str
    dialect: str
    one_by_one: bool = False
    cut: bool = True

    def sql(self, filter: Filter) -> Sql:
        """The whole filter, for rows that are looked at; raises Beyond for what cannot be compared.

        Whoever has a text that is kept in part is let through: what is left out of it might decide.
        """
        said = self._said(nnf(filter))
        compared = or_(contacts.c.cut, said) if self.cut else said
        if self.one_by_one:
            return hidden(compared, self.dialect, (contacts, customs))
        # Who goes through all rows may as well be led by an index, if it is known to be worth it: SQLite takes any.
        return hidden(compared, self.dialect, (contacts,)) if self.dialect == "sqlite" else compared

    def bounds(self, condition: Condition) -> Sql:
        """A condition as the index of its column knows it."""
        return self._literal(condition)

    def looks(self, literals: Sequence[Literal]) -> list[Select[int]]:
        """Where the ids stand of all who satisfy some conditions on one column, each a look into one narrow index."""
        one = condition_of(literals[0])
        if one.field.startswith(CUSTOM_PREFIX):
            return self._custom(one.field).looks(literals)
        if by_elements(literals[0]):
            return [select(keys.c.id).where(self._of_keys(one))]
        of_source = contacts.c.source == self.source
        return [select(contacts.c.id).where(of_source, *map(self._literal, literals))]

    @property
    def _comparing(self) -> Comparing:
        return Comparing(self.texts, self.dialect)

    def _custom(self, field: str) -> CustomConditions:
        key = field.removeprefix(CUSTOM_PREFIX)
        return CustomConditions(self.source, key, self._comparing, self.one_by_one)

    def _said(self, filter: Filter) -> Sql:
        match filter:
            case And(items):
                return and_(true(), *map(self._said, items))
            case Or(items):
                return or_(false(), *map(self._said, items))
            case Not(Condition()) | Condition():
                return self._literal(filter)
            case Not(item):
                return not_(self._said(item))

    def _literal(self, literal: Literal) -> Sql:
        condition = condition_of(literal)
        if isinstance(literal, Not):
            return not_(self._condition(condition, negated=True))
        return self._condition(condition, negated=False)

    def _condition(self, one: Condition, negated: bool) -> Sql:
        """Never NULL where it is negated, so that a negation means what it says; elsewhere that is as good as false."""
        field = one.field
        if field.startswith(CUSTOM_PREFIX):
            return self._custom(field).condition(one.op, one.value, negated)
        column = contacts.c[column_of(field)]
        if one.op is Op.IS_NULL:
            return column.is_(None) if one.value else column.is_not(None)
        holds = self._holds(field, column, one.op, one.value)
        return and_(column.is_not(None), holds) if negated else holds

    def _holds(self, field: str, column: Column[Any], op: Op, operand: Any) -> Sql:
        if op is Op.IN:
            return self._any_of(field, column, operand)
        if field in TEXTS:
            return self._comparing.text(column, column.name, op, folded(operand))
        if field in _WITHIN:
            return self._within(column, op, operand)
        if field in LINKS:
            return column == self.texts.kept(column.name, operand)
        if field == "birthDate":
            return self._day(column, op, operand)
        return ordered(column, op, operand)

    def _any_of(self, field: str, column: Column[Any], operands: tuple[Any, ...]) -> Sql:
        """Several values: at once where they are compared whole, else each by itself."""
        if field in KEYED:
            return contacts.c.id.in_(select(keys.c.id).where(self._key_in(field, operands)))
        if field == "tags":
            parts = [part_of(Condition(field, Op.EQ, one), self.texts) or "" for one in operands]
            return self._comparing.holds_any(column, parts)
        if field in TEXTS or field in LINKS:
            fold: Callable[[str], str] = folded if field in TEXTS else str
            return column.in_([self.texts.kept(column.name, fold(one)) for one in operands])
        return column.in_([one.isoformat() if field == "birthDate" else one for one in operands])

    def _within(self, column: Column[Any], op: Op, operand: str) -> Sql:
        """Whether an element of a list is, contains or begins with something."""
        if op is Op.EQ and column.name in KEYED:
            return contacts.c.id.in_(select(keys.c.id).where(self._key_in(column.name, (operand,))))
        if column.name != "tags":
            self._comparing.readable(op)
        part = part_of(Condition(column.name, op, operand), self.texts)
        return false() if part is None else self._comparing.within(column, part)

    def _of_keys(self, one: Condition) -> Sql:
        return self._key_in(one.field, one.value if one.op is Op.IN else (one.value,))

    def _key_in(self, field: str, operands: Sequence[str]) -> Sql:
        """The keys that tell whether an e-mail or phone is the same mailbox or line as one of these."""
        forms = [email_form(one) if field == "emails" else phone_form(one, self.region) for one in operands]
        return keys.c.key.in_([self.texts.kept("key", f"{field}={form}") for form in forms if form])

    def _day(self, column: Column[Any], op: Op, operand: date) -> Sql:
        if op is Op.EQ:
            return column == self.texts.kept(column.name, operand.isoformat())
        self._comparing.readable(op)
        return ordered(column, op, operand.isoformat())


def by_elements(literal: Literal) -> bool:
    """Whether those who satisfy it are found by single elements of what they hold, apart from their row."""
    one = condition_of(literal)
    if one.field.startswith(CUSTOM_PREFIX):
        return one.op is Op.IS_NULL or one is literal
    return one is literal and one.field in KEYED and one.op in (Op.EQ, Op.IN)


def is_text(one: Condition) -> bool:
    """Whether a condition compares texts that may be kept in part."""
    return one.field in TEXTS or one.field in LINKS or one.field in _WITHIN


KEYED = frozenset({"emails", "phones"})
_WITHIN = KEYED | {"tags"}


def part_of(one: Condition, texts: Texts) -> str | None:
    """What stands, if each text is between two line ends, within the column of all who satisfy a condition, and of
    nobody else; None where nothing does, as of a number without digits.
    """
    if one.op in (Op.IN, Op.IS_NULL):
        return None
    if one.field == "tags":
        return f"{END}{texts.kept('tags', one_line(text_key(one.value)))}{END}"
    if one.field.startswith(CUSTOM_PREFIX):
        return folded(one.value) if one.op is Op.CONTAINS else None
    if one.op not in (Op.CONTAINS, Op.STARTS_WITH) or one.field not in (*TEXTS, *KEYED):
        return None
    if one.field == "phones":
        return digits(one.value) or None
    wanted = folded(one.value) if one.field in TEXTS else one_line(folded(one.value))
    return wanted if one.op is Op.CONTAINS else END + wanted


def column_of(field: str) -> str:
    known = {**TEXTS, **LINKS, **TIMES, "birthDate": "birth_date", "doNotContact": "blocked"}
    name = field if field in _WITHIN else known.get(field)
    if name is None:
        raise Beyond(f"The replica cannot compare {field}; ask live.")
    return name
