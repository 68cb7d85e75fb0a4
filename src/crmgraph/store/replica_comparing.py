"""How one column of the replica compares with a value, as SQL.

Texts are compared as they stand in the columns: an encrypted replica tells nothing but whether they are equal.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    UnaryExpression,
    and_,
    any_,
    bindparam,
    case,
    collate,
    false,
    func,
    or_,
    true,
    type_coerce,
)
from sqlalchemy.sql.operators import custom_op

from crmgraph.domain.filtering import Op
from crmgraph.service.replica import Beyond

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
class Comparing:
    """The comparisons of texts; `dialect` is the database's."""

    texts: Texts
    dialect: str

    def text(self, column: ColumnElement[Any], name: str, op: Op, wanted: str) -> Sql:
        """Whether a folded text is, contains or begins with another; raises Beyond."""
        if op is Op.EQ:
            return column == self.texts.kept(name, wanted)
        self.readable(op)
        if op is Op.CONTAINS:
            return self.within(column, wanted)
        behind = behind_prefix(wanted)
        return column >= wanted if behind is None else and_(column >= wanted, column < behind)

    def within(self, column: ColumnElement[Any], wanted: str) -> Sql:
        """Whether a text stands within another."""
        if self.dialect == "sqlite":
            return func.instr(column, wanted, type_=Integer) > 0
        # This compares more quickly than `strpos`, and an index of pieces knows it.
        return column.like(_pattern(wanted))

    def holds_any(self, column: ColumnElement[Any], wanted: Sequence[str]) -> Sql:
        """Whether any of several texts stands within one."""
        if len(wanted) == 1:
            return self.within(column, wanted[0])
        if self.dialect != "sqlite":
            return column.like(any_(bindparam(None, list(map(_pattern, wanted)), ARRAY(Text))))
        # In groups, since SQLite nests no deeper than a thousand.
        groups = [wanted[at : at + _GROUP] for at in range(0, len(wanted), _GROUP)]
        every = [or_(false(), *(self.within(column, one) for one in group)) for group in groups]
        return or_(false(), *(case((one, true()), else_=false()) for one in every))

    def readable(self, op: Op) -> None:
        """Raise Beyond where texts cannot be read."""
        if not self.texts.readable:
            raise Beyond(f"An encrypted replica compares whole texts only, so it cannot tell `{op}`; ask live.")


_GROUP = 100


def _pattern(wanted: str) -> str:
    """A pattern of SQL for whatever a text stands in."""
    plain = re.sub(r"[%_\\]", r"\\\g<0>", wanted)
    return f"%{plain}%"


def ordered(column: ColumnElement[Any], op: Op, operand: Any) -> Sql:
    """A comparison of values that have an order."""
    compared: Mapping[Op, Callable[[], Sql]] = {
        Op.EQ: lambda: column == operand,
        Op.GT: lambda: column > operand,
        Op.GTE: lambda: column >= operand,
        Op.LT: lambda: column < operand,
        Op.LTE: lambda: column <= operand,
    }
    return compared[op]()


def behind_prefix(prefix: str) -> str | None:
    """The first text behind all that begin so, in the order of code points; None where nothing is."""
    for at in reversed(range(len(prefix))):
        code = ord(prefix[at])
        if code < sys.maxunicode:
            # Surrogates are no characters, so nothing lies between their neighbours.
            return prefix[:at] + chr(0xE000 if code == 0xD7FF else code + 1)
    return None


@cache
def apart(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """A column in a disguise that no index knows."""
    if dialect == "sqlite":  # A sign before a column, even a text, changes nothing and costs nothing.
        return UnaryExpression(column, operator=custom_op("+"), type_=column.type)
    if isinstance(column.type, Text):  # Another name for the collation of the columns, and of no index.
        return type_coerce(collate(column, "POSIX"), Text())
    return func.coalesce(column, column, type_=column.type)
