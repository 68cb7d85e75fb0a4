"""How one column of the replica compares with a value, as SQL.

Texts are compared as they stand in the columns: an encrypted replica tells nothing but whether they are equal.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Integer, and_, func
from sqlalchemy.sql.visitors import replacement_traverse

from crmgraph.domain.filtering import Op
from crmgraph.service.replica import Beyond
from crmgraph.store.replica_tables import contacts, customs

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
            return self.position(column, wanted) > 0
        behind = behind_prefix(wanted)
        return column >= wanted if behind is None else and_(column >= wanted, column < behind)

    def position(self, column: ColumnElement[Any], wanted: str) -> ColumnElement[int]:
        """Where a text begins within another, from 1; 0 where it is not in it."""
        found = func.instr if self.dialect == "sqlite" else func.strpos
        return found(column, wanted, type_=Integer)

    def readable(self, op: Op) -> None:
        """Raise Beyond where texts cannot be read."""
        if not self.texts.readable:
            raise Beyond(f"An encrypted replica compares whole texts only, so it cannot tell `{op}`; ask live.")


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


def hidden(sql: Sql) -> Sql:
    """The same with each compared column in a disguise that no index knows, for who has come to the rows already."""

    def disguised(element: Any, **_: Any) -> Any:
        if isinstance(element, Column) and element.table in (contacts, customs) and element.name not in _PLACES:
            return func.coalesce(element, element, type_=element.type)
        return None

    return replacement_traverse(sql, {}, disguised)


_PLACES = frozenset({"source", "key", "id"})
