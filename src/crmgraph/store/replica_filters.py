"""A filter over people as a condition of SQL over the replica's columns.

It lets through whatever the filter does; where numbers are written longer than a database counts, it may let more
through. What one value satisfies is said in `domain.comparing`; here it is said again for columns.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, select

from crmgraph.domain.columns import END, LINKS, TEXTS, TIMES, digits, email_form, folded, one_line, phone_form
from crmgraph.domain.filtering import (
    CUSTOM_PREFIX,
    Condition,
    Filter,
    Literal,
    Not,
    Op,
    nnf,
)
from crmgraph.domain.normalize import text_key
from crmgraph.service.replica import Beyond
from crmgraph.store.replica_comparing import Comparing, Sql, Texts, apart, ordered
from crmgraph.store.replica_customs import CustomConditions
from crmgraph.store.replica_tables import contacts, keys
from crmgraph.store.replica_turns import Turns, condition_of, name_of, turns


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one question about one source; `dialect` is the database's, `region` where numbers without a
    country code belong. `at_rows` tells that rows have been come to, and no index is to lead to them. `gathered` names
    conditions on custom values, as `name_of` does, for which all who satisfy them are gathered once; for others values
    are looked up for each row. `cut` tells whether anybody may have a text that is compared and kept in part.
    """

    source: str
    texts: Texts
    region: str
    dialect: str
    at_rows: bool = False
    gathered: Collection[str] = frozenset()
    cut: bool = True

    def turns(self, filter: Filter) -> Turns:
        """A filter in the turn in which a row answers it; raises Beyond for what cannot be compared."""
        return turns(nnf(filter), self._literal, self.looks_up)

    def passes(self, said: Turns) -> Sql:
        """Whoever has a text that is kept in part is let through: what is left out of it might decide."""
        return or_(self._at("cut"), said.sql) if self.cut else said.sql

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

    def looks_up(self, one: Condition) -> bool:
        """Whether a condition asks for more than a person's own row."""
        if not one.field.startswith(CUSTOM_PREFIX) or one.op is Op.IS_NULL:
            return False
        return self._custom(one.field).options(one.op, one.value) is None

    def _at(self, name: str) -> ColumnElement[Any]:
        """A column of people."""
        return apart(contacts.c[name], self.dialect) if self.at_rows else contacts.c[name]

    @property
    def _comparing(self) -> Comparing:
        return Comparing(self.texts, self.dialect)

    def _custom(self, field: str) -> CustomConditions:
        key = field.removeprefix(CUSTOM_PREFIX)
        return CustomConditions(self.source, key, self._comparing)

    def _literal(self, literal: Literal) -> Sql:
        condition = condition_of(literal)
        if isinstance(literal, Not):
            return not_(self._condition(condition, negated=True))
        return self._condition(condition, negated=False)

    def _condition(self, one: Condition, negated: bool) -> Sql:
        """Never NULL where it is negated, so that a negation means what it says; elsewhere that is as good as false."""
        field = one.field
        if field.startswith(CUSTOM_PREFIX):
            return self._custom(field).condition(one.op, one.value, negated, name_of(one) in self.gathered)
        name = column_of(field)
        column = self._at(name)
        if one.op is Op.IS_NULL:
            return column.is_(None) if one.value else column.is_not(None)
        holds = self._holds(field, name, one.op, one.value)
        return and_(column.is_not(None), holds) if negated else holds

    def _holds(self, field: str, name: str, op: Op, operand: Any) -> Sql:
        if op is Op.IN:
            return self._any_of(field, name, operand)
        if field in TEXTS:
            return self._comparing.text(self._at(name), name, op, folded(operand))
        if field in _WITHIN:
            return self._within(name, op, operand)
        if field in LINKS:
            return self._at(name) == self.texts.kept(name, operand)
        if field == "birthDate":
            return self._day(name, op, operand)
        return ordered(self._at(name), op, operand)

    def _any_of(self, field: str, name: str, operands: tuple[Any, ...]) -> Sql:
        """Several values: at once where they are compared whole, else each by itself."""
        if field in KEYED:
            return contacts.c.id.in_(select(keys.c.id).where(self._key_in(field, operands)))
        column = self._at(name)
        if field == "tags":
            parts = [part_of(Condition(field, Op.EQ, one), self.texts) or "" for one in operands]
            return self._comparing.holds_any(column, parts)
        if field in TEXTS or field in LINKS:
            fold: Callable[[str], str] = folded if field in TEXTS else str
            return column.in_([self.texts.kept(name, fold(one)) for one in operands])
        return column.in_([one.isoformat() if field == "birthDate" else one for one in operands])

    def _within(self, name: str, op: Op, operand: str) -> Sql:
        """Whether an element of a list is, contains or begins with something."""
        if op is Op.EQ and name in KEYED:
            return contacts.c.id.in_(select(keys.c.id).where(self._key_in(name, (operand,))))
        if name != "tags":
            self._comparing.readable(op)
        part = part_of(Condition(name, op, operand), self.texts)
        return false() if part is None else self._comparing.within(self._at(name), part)

    def _of_keys(self, one: Condition) -> Sql:
        return self._key_in(one.field, one.value if one.op is Op.IN else (one.value,))

    def _key_in(self, field: str, operands: Sequence[str]) -> Sql:
        """The keys that tell whether an e-mail or phone is the same mailbox or line as one of these."""
        forms = [email_form(one) if field == "emails" else phone_form(one, self.region) for one in operands]
        return keys.c.key.in_([self.texts.kept("key", f"{field}={form}") for form in forms if form])

    def _day(self, name: str, op: Op, operand: date) -> Sql:
        if op is Op.EQ:
            return self._at(name) == self.texts.kept(name, operand.isoformat())
        self._comparing.readable(op)
        return ordered(self._at(name), op, operand.isoformat())


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
