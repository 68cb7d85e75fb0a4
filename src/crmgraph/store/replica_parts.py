"""Who may have a part of a text, told by the index of pieces without looking at anybody else: whoever has the part has
each piece of it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import Select, and_, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import TEXTS, digits
from crmgraph.domain.filtering import CUSTOM_PREFIX, And, Condition, Filter, Op, Or, conditions
from crmgraph.store.replica_comparing import Comparing, Sql, Texts, behind_prefix
from crmgraph.store.replica_filters import column_of, part_of
from crmgraph.store.replica_pieces import CUSTOMS, LETTERS, known, pieces
from crmgraph.store.replica_tables import contacts

NOBODY = Or(())

_MOST = 16
"""So many pieces of a part are looked for: whoever has all of them has the rest as well as ever."""

_BEGINNING = 8
"""So many pieces may begin with a part that is too short for one; where more do, many people have it."""

_SHORT = 10
"""So many parts that are too short are looked up for one filter."""


class Parts(Protocol):
    """The index of one source's people."""

    def tells(self, one: Condition) -> Filter | None:
        """The condition where the index knows who may satisfy it, or what comes to the same; `NOBODY` where nobody can;
        else None.
        """

    def places(self, one: Condition) -> bool:
        """Whether it leads to the elements that satisfy a condition, where those are rows of their own."""

    def look(self, filter: Filter) -> Select[int]:
        """The ids of all who may pass a filter of conditions that it tells."""


def told(parts: Parts, filter: Filter) -> Filter | None:
    """What the index tells of a filter that has NOT before single conditions only: whoever passes that passes this."""
    match filter:
        case And(items):
            both = [one for item in items if (one := told(parts, item)) is not None]
            return NOBODY if NOBODY in both else _joined(And, both) if both else None
        case Or(items):
            either = [told(parts, item) for item in items]
            some = [one for one in either if one is not None and one != NOBODY]
            return None if None in either else _joined(Or, some) if some else NOBODY
        case Condition("phones", Op.CONTAINS, value) if not digits(value):
            return NOBODY
        case Condition():
            return parts.tells(filter)
    return None


def _joined(how: type[And] | type[Or], items: Sequence[Filter]) -> Filter:
    return items[0] if len(items) == 1 else how(tuple(items))


@dataclass(frozen=True, slots=True)
class Matched:
    """SQLite's. `beginnings` are the pieces that begin with a part too short for one; a part is left out with which too
    many do.
    """

    source: str
    texts: Texts
    beginnings: Mapping[str, Collection[str]]

    def tells(self, one: Condition) -> Filter | None:
        """The condition where the index knows who may satisfy it, or what comes to the same; `NOBODY` where nobody can;
        else None.
        """
        if one.field == "tags" and one.op is Op.IN:
            return Or(tuple(Condition("tags", Op.EQ, tag) for tag in one.value))
        part = part_of(one, self.texts)
        if part is None or (len(part) < LETTERS and part not in self.beginnings):
            return None
        return one if self._pieces(part) else NOBODY

    def places(self, one: Condition) -> bool:
        """It knows people only, by all their elements."""
        return False

    def look(self, filter: Filter) -> Select[int]:
        """The ids of all who may pass a filter of conditions that it tells."""
        found = pieces.c.replica_pieces.op("MATCH", is_comparison=True)(self._said(filter))
        held = contacts.c.source == self.source, contacts.c.id == pieces.c.rowid
        # Whoever is found is looked up; everybody would be, were it the other way round.
        return select(pieces.c.rowid.label("id")).where(found, select(contacts.c.id).where(*held).exists())

    def _said(self, filter: Filter) -> str:
        """A filter in the language of FTS5."""
        match filter:
            case And(items):
                return " AND ".join(f"({self._said(one)})" for one in items)
            case Or(items):
                return " OR ".join(f"({self._said(one)})" for one in items)
        assert isinstance(filter, Condition)
        part = part_of(filter, self.texts) or ""
        how = " OR " if len(part) < LETTERS else " AND "
        column = CUSTOMS if filter.field.startswith(CUSTOM_PREFIX) else column_of(filter.field)
        return f"{column} : ({how.join(map(_quoted, self._pieces(part)))})"

    def _pieces(self, part: str) -> Collection[str]:
        if len(part) < LETTERS:
            return self.beginnings[part]
        return dict.fromkeys(part[at : at + LETTERS] for at in range(min(len(part) - LETTERS + 1, _MOST)))


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Likened:
    """PostgreSQL's, which takes letters and digits into account, and finds the pieces of a pattern by itself."""

    source: str
    comparing: Comparing

    def tells(self, one: Condition) -> Filter | None:
        """The condition where the index knows who may satisfy it, else None."""
        if one.field.startswith(CUSTOM_PREFIX) or (one.field in TEXTS and one.op is not Op.CONTAINS):
            return None  # Their columns have nothing around them, and an order.
        return one if self._knows(one) else None

    def places(self, one: Condition) -> bool:
        """Whether it leads to the elements that satisfy a condition, where those are rows of their own."""
        return one.field.startswith(CUSTOM_PREFIX) and self._knows(one)

    def _knows(self, one: Condition) -> bool:
        return all(_PIECE.search(part) is not None for part in self._parts(one))

    def _parts(self, one: Condition) -> Sequence[str]:
        """The beginnings of the parts of which a text has one to satisfy it; empty where that tells nothing."""
        each = [one]
        if one.field == "tags" and one.op is Op.IN:
            each = [Condition("tags", Op.EQ, tag) for tag in one.value]
        return [(part_of(single, self.comparing.texts) or "")[: _MOST + LETTERS] for single in each]

    def look(self, filter: Filter) -> Select[int]:
        """The ids of all who may pass a filter of conditions that it tells."""
        return select(contacts.c.id).where(contacts.c.source == self.source, self._said(filter))

    def _said(self, filter: Filter) -> Sql:
        match filter:
            case And(items):
                return and_(*map(self._said, items))
            case Or(items):
                return or_(*map(self._said, items))
        assert isinstance(filter, Condition)
        return self.comparing.holds_any(contacts.c[column_of(filter.field)], self._parts(filter))


_PIECE = re.compile(r"[^\W_]{3}")


async def matched(connection: AsyncConnection, source: str, texts: Texts, filter: Filter) -> Matched:
    """SQLite's index, with what it takes to answer a filter."""
    every = {part for one in conditions(filter) if (part := part_of(one, texts)) and len(part) < LETTERS}
    found: dict[str, list[str]] = {part: [] for part in islice(sorted(every), _SHORT)}
    if found:
        for part, piece in await connection.execute(union_all(*map(_beginning_with, found))):
            found[part].append(piece)
    return Matched(source, texts, {part: several for part, several in found.items() if len(several) <= _BEGINNING})


def _beginning_with(part: str) -> Select[Any]:
    """The pieces that begin with a part, and one too many where more do than are looked for."""
    behind = behind_prefix(part)
    begins = known.c.term >= part if behind is None else and_(known.c.term >= part, known.c.term < behind)
    several = select(literal(part).label("part"), known.c.term).where(begins).limit(_BEGINNING + 1).subquery()
    return select(several.c.part, several.c.term)
