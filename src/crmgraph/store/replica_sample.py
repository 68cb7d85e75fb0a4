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
from crmgraph.store.replica_turns import Dear, Sql

_BASE = 1_000
"""More people than are ever taken: in digits of this base one sum counts several things, each person looked at once."""

_MOST = 4
"""So many conditions beside: the sum has room for no more."""

_SPARE = 1.5
"""So many times as many rows as should hold a page are walked, since those who pass do not lie evenly."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a database takes, in µs: to look one person's value up; to gather somebody; and to go through one value
    where no index leads to those who are gathered.
    """

    look: float
    gather: float
    scan: float


_COSTS = {"sqlite": Costs(0.6, 0.4, 0.1), "postgresql": Costs(2.0, 0.4, 0.25)}


@dataclass(frozen=True, slots=True)
class Sample:
    """Of `seen` people so many pass; so many come to each of the conditions on custom values, by their names: what else
    is asked of them decides nothing; and for so many of these it holds.
    """

    seen: int
    passing: int
    coming: Mapping[str, int] = field(default_factory=dict)
    holding: Mapping[str, int] = field(default_factory=dict)

    def walk(self, wanted: int) -> int | None:
        """How many rows should hold so many who pass; None where too few pass to tell."""
        return None if self.passing == 0 else wanted + int(_SPARE * wanted * self.seen / self.passing)

    def to_gather(self, names: Collection[str], dialect: str, unled: Collection[str] = ()) -> Collection[str]:
        """The conditions for which it is quicker to gather all who satisfy them than to look values up; to those of
        `unled` no index leads.
        """
        return frozenset(name for name in names if self._gathers(name, name in unled, _COSTS[dialect]))

    def _gathers(self, name: str, is_unled: bool, costs: Costs) -> bool:
        if name not in self.coming:  # It was not counted, and anybody might come to it.
            return True
        coming, known = self.coming[name], name in self.holding
        share = (self.holding[name] + 1) / (coming + 2) if known else 0.5  # A few people tell little.
        gathered = costs.gather * share + (costs.scan if is_unled else 0)
        return costs.look * coming > gathered * self.seen


def passing_and_coming(passes: Sql, dear: Iterable[Dear]) -> ColumnElement[int]:
    """What one person adds to the sum of those who pass, and who come to each condition."""
    return _counted((passes, *(one.comes for one in islice(dear, _MOST))))


def holding(dear: Iterable[Dear]) -> ColumnElement[int]:
    """What one person adds to the sum of those for whom each condition holds that they come to."""
    return _counted(and_(one.comes, one.holds) for one in islice(dear, _MOST))


def _counted(told: Iterable[Sql]) -> ColumnElement[int]:
    digits = (case((one, _BASE**place), else_=0) for place, one in enumerate(told, start=1))
    return sum(digits, start=cast(literal(1), BigInteger))


def sample_of(total: int | None, names: Iterable[str], held: int | None = None) -> Sample:
    """From the sums over all who were taken; `held` where those are counted for whom a condition holds."""
    known = list(islice(names, _MOST))
    seen, passing, *coming = _digits(total or 0, 2 + len(known))
    _, *holding = _digits(held, 1 + len(known)) if held is not None else [0]
    return Sample(seen, passing, dict(zip(known, coming, strict=True)), dict(zip(known, holding, strict=False)))


def _digits(total: int, count: int) -> list[int]:
    return [int(total) // _BASE**place % _BASE for place in range(count)]


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
