"""In which turn the conditions of a filter are answered for a row: what is told first may make the rest needless."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from sqlalchemy import ColumnElement, and_, case, false, or_, true

from crmgraph.domain.filtering import And, Condition, Filter, Literal, Not, Op, conjuncts, each

Sql = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Turns:
    """A filter as SQL, and its parts in their turn; a single condition has none. `is_dear` where it asks for more than
    a person's own row.
    """

    filter: Filter
    sql: Sql
    is_dear: bool
    parts: Sequence["Turns"] = ()

    def reaches(self) -> Mapping[str, Sql]:
        """For each dear condition, by its name, whether a row comes to it: what stands before it decides nothing."""
        found: dict[str, Sql] = {}
        for name, reached in self._reaching(()):
            found[name] = or_(found[name], reached) if name in found else reached
        return found

    def _reaching(self, before: tuple[Sql, ...]) -> Iterator[tuple[str, Sql]]:
        if self.is_dear and not self.parts:
            yield name_of(condition_of(self.filter)), and_(true(), *before)
        for part in self.parts:
            yield from part._reaching(before)
            told = part.sql if isinstance(self.filter, And) else case((part.sql, false()), else_=true())
            before = (*before, told)


def turns(filter: Filter, said: Callable[[Literal], Sql], looks_up: Callable[[Condition], bool]) -> Turns:
    """A filter that has NOT before single conditions only: each part once, dear ones last, one condition before
    several, and of these such as few are likely to satisfy before others: parts of texts, then whole values, then
    ranges. `said` makes SQL of a condition; `looks_up` tells whether it is dear.
    """
    if isinstance(filter, Condition | Not):
        return Turns(filter, said(filter), looks_up(condition_of(filter)))
    items = conjuncts(filter) if isinstance(filter, And) else filter.items
    parts = sorted((turns(item, said, looks_up) for item in each(items)), key=_turn)
    sql = _all(parts) if isinstance(filter, And) else or_(false(), *(part.sql for part in parts))
    return Turns(filter, sql, any(part.is_dear for part in parts), parts)


def _all(parts: Sequence[Turns]) -> Sql:
    """All of them; whatever a database thinks of their costs, dear ones are asked in their turn."""
    dear = [part.sql for part in parts if part.is_dear]
    last = [reduce(lambda rest, one: case((one, rest), else_=false()), reversed(dear))] if dear else []
    return and_(true(), *(part.sql for part in parts if not part.is_dear), *last)


def _turn(part: Turns) -> tuple[bool, int]:
    match part.filter:
        case Condition(op=Op.CONTAINS | Op.STARTS_WITH, value=value) if len(value) > 1:
            return part.is_dear, 0
        case Condition(op=Op.EQ | Op.IN):
            return part.is_dear, 1
        case Condition():
            return part.is_dear, 2
    return part.is_dear, 3


def name_of(one: Condition) -> str:
    """What tells a condition from others: Python takes 1 and true for equal."""
    return repr(one)


def condition_of(literal: Filter) -> Condition:
    """What a literal asks, negated or not."""
    found = literal.item if isinstance(literal, Not) else literal
    assert isinstance(found, Condition)
    return found
