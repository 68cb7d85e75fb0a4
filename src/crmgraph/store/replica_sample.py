"""What some people, taken from all as if by chance, tell of a question beforehand: how far the order is to be walked
for a page, and for how many people each condition on custom values matters.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    cast,
    literal,
    select,
    true,
    tuple_,
)

from crmgraph.store.replica_tables import contacts

_BASE = 1_000
"""More people than are ever taken: in digits of this base one sum counts several things, each person looked at once."""

_MOST = 4
"""So many conditions beside: the sum has room for no more."""

_SPARE = 1.5
"""So many times as many rows as should hold a page are walked, since those who pass do not lie evenly."""

_FEW = {"sqlite": 0.3, "postgresql": 0.025}
"""For a smaller share of all people it is quicker to look custom values up than to gather who has them; a look-up takes
SQLite 0.4 µs and PostgreSQL 2.
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """Of `seen` people so many pass, and so many come to each of the conditions on custom values, by their names: what
    else is asked of them decides nothing.
    """

    seen: int
    passing: int
    coming: Mapping[str, int] = field(default_factory=dict)

    def walk(self, wanted: int) -> int | None:
        """How many rows should hold so many who pass; None where too few pass to tell."""
        return None if self.passing == 0 else wanted + int(_SPARE * wanted * self.seen / self.passing)

    def to_gather(self, names: Collection[str], dialect: str) -> Collection[str]:
        """The conditions for which it is worthwhile to gather all who satisfy them, since many come to them."""
        few = _FEW[dialect] * self.seen
        return frozenset(name for name in names if self.coming.get(name, self.seen) > few)


def counted(passes: ColumnElement[bool], comes: Iterable[ColumnElement[bool]]) -> ColumnElement[int]:
    """What one person adds to the sum."""
    digits = (case((one, _BASE**place), else_=0) for place, one in enumerate((passes, *islice(comes, _MOST)), start=1))
    return sum(digits, start=cast(literal(1), BigInteger))


def sample_of(total: int | None, names: Iterable[str]) -> Sample:
    """From the sum over all who were taken."""
    known = list(islice(names, _MOST))
    seen, passing, *coming = (int(total or 0) // _BASE**place % _BASE for place in range(2 + len(known)))
    return Sample(seen, passing, dict(zip(known, coming, strict=True)))


@lru_cache
def spread(source: str, count: int, dialect: str) -> Select[Any]:
    """The ids of so many people of a source, as if by chance and the same each time: those who come regularly, as each
    owner's do where they take turns, are met as often as they are there. Who follows a gap may be met several times.
    """
    ends = select(_end(source, last=False).label("first"), _end(source, last=True).label("last")).subquery()
    chances = _chances(count)
    spot = ends.c.first + (ends.c.last - ends.c.first + 1) * chances.c.chance // _CHANCES
    key = contacts.c.source, contacts.c.id
    behind = and_(key[0] == source, key[1] >= spot)
    if dialect != "sqlite":  # PostgreSQL would take the index of ids alone, which leads through those of other sources.
        behind = tuple_(*key) >= tuple_(literal(source), spot)
    nearest = select(contacts.c.id).where(behind).order_by(*key).limit(1).correlate(chances, ends)
    return select(nearest.scalar_subquery().label("id")).select_from(chances.join(ends, true()))


_CHANCES, _TIMES, _PLUS = 233_280, 9_301, 49_297
"""A well-known generator of numbers below the first, which returns to one only after it has been at all others."""


def _chances(count: int) -> CTE:
    """So many of its numbers."""
    first = select(cast(literal(1), BigInteger).label("chance"), literal(count).label("lacking"))
    chances = first.cte("chances", recursive=True)
    another = (chances.c.chance * _TIMES + _PLUS) % _CHANCES
    return chances.union_all(select(another, chances.c.lacking - 1).where(chances.c.lacking > 1))


def _end(source: str, last: bool) -> ScalarSelect[int]:
    """The first or the last id of a source, by the order of the key."""
    key = contacts.c.source, contacts.c.id
    ordered = [one.desc() for one in key] if last else key
    on = contacts.c.source <= source if last else contacts.c.source >= source
    return select(contacts.c.id).where(on).order_by(*ordered).limit(1).scalar_subquery()
