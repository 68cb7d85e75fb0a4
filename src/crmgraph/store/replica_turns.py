"""In which turn the conditions of a filter are answered for a row: what is told first may make the rest needless."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from sqlalchemy import ColumnElement, and_, case, false, not_, or_, true

from crmgraph.domain.filtering import And, Condition, Filter, Literal, Not, Op, conjuncts, each

Sql = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Dear:
    """A condition that asks for more than a person's own row: whether a row comes to it, since what stands before
    decides nothing, and whether the condition, not negated, holds there.
    """

    condition: Condition
    comes: Sql
    holds: Sql


@dataclass(frozen=True, slots=True)
class Turns:
    """A filter as SQL, and its parts in their turn; a single condition has none. `is_dear` where it asks for more than
    a person's own row.
    """

    filter: Filter
    sql: Sql
    is_dear: bool
    parts: Sequence["Turns"] = ()

    def dear(self) -> Mapping[str, Dear]:
        """The dear conditions by their names."""
        found: dict[str, Dear] = {}
        for one in self._dear(()):
            name = name_of(one.condition)
            found[name] = replace(one, comes=or_(found[name].comes, one.comes)) if name in found else one
        return found

    def _dear(self, before: tuple[Sql, ...]) -> Iterator[Dear]:
        if self.is_dear and not self.parts:
            holds = not_(self.sql) if isinstance(self.filter, Not) else self.sql
            yield Dear(condition_of(self.filter), and_(true(), *before), holds)
        for part in self.parts:
            yield from part._dear(before)
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
