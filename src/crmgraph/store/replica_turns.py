"""In which turn the conditions of a filter are answered for a row: what is told first may make the rest needless."""

from collections.abc import Sequence

from crmgraph.domain.filtering import CUSTOM_PREFIX, Condition, Filter, Literal, Not, Op, conditions, each

_NARROW = frozenset({Op.CONTAINS, Op.STARTS_WITH, Op.EQ, Op.IN})
"""What is likely to be satisfied by fewer than a range or a negation."""


def in_turn(items: Sequence[Filter]) -> Sequence[Filter]:
    """Each once; last those that take a look at custom values, one condition before several, ranges at the end."""
    return sorted(each(items), key=_turn)


def _turn(item: Filter) -> tuple[bool, bool, bool]:
    is_dear = any(map(looks_up, conditions(item)))
    return is_dear, not isinstance(item, Condition), isinstance(item, Condition) and item.op not in _NARROW


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
