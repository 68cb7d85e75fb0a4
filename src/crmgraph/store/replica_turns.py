"""In which turn the conditions of a filter are answered for a row: what is told first may make the rest needless."""

from collections.abc import Callable, Sequence

from crmgraph.domain.filtering import Condition, Filter, Literal, Not, Op, conditions, each


def in_turn(items: Sequence[Filter], looks_up: Callable[[Condition], bool]) -> Sequence[Filter]:
    """Each once; last those that ask for more than a person's own row, one condition before several, and of these such
    as few are likely to satisfy before others: parts of texts, then whole values, then ranges.
    """
    return sorted(each(items), key=lambda item: (any(map(looks_up, conditions(item))), _turn(item)))


def _turn(item: Filter) -> int:
    match item:
        case Condition(op=Op.CONTAINS | Op.STARTS_WITH, value=part) if len(part) > 1:
            return 0
        case Condition(op=Op.EQ | Op.IN):
            return 1
        case Condition():
            return 2
    return 3


def name_of(one: Condition) -> str:
    """What tells a condition from others: Python takes 1 and true for equal."""
    return repr(one)


def condition_of(literal: Literal) -> Condition:
    """What a literal asks, negated or not."""
    found = literal.item if isinstance(literal, Not) else literal
    assert isinstance(found, Condition)
    return found
