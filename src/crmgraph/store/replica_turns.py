"""In which turn the conditions of a filter are answered for a row: what is told first may make the rest needless."""

from collections.abc import Sequence

from crmgraph.domain.filtering import CUSTOM_PREFIX, Condition, Filter, Literal, Not, Op, conditions, each


def in_turn(items: Sequence[Filter]) -> Sequence[Filter]:
    """Each once; last those that take a look at custom values, one condition before several, and of these such as few
    are likely to satisfy before others: parts of texts, then whole values, then ranges.
    """
    return sorted(each(items), key=_turn)


def _turn(item: Filter) -> tuple[bool, int]:
    is_dear = any(map(looks_up, conditions(item)))
    match item:
        case Condition(op=Op.CONTAINS | Op.STARTS_WITH, value=part) if len(part) > 1:
            return is_dear, 0
        case Condition(op=Op.EQ | Op.IN):
            return is_dear, 1
        case Condition():
            return is_dear, 2
    return is_dear, 3


def looks_up(one: Condition) -> bool:
    """Whether a condition asks for more than a person's own row."""
    return one.field.startswith(CUSTOM_PREFIX) and one.op is not Op.IS_NULL


def name_of(one: Condition) -> str:
    """What tells a condition from others: Python takes 1 and true for equal."""
    return repr(one)


def condition_of(literal: Literal) -> Condition:
    """What a literal asks, negated or not."""
    found = literal.item if isinstance(literal, Not) else literal
    assert isinstance(found, Condition)
    return found
