"""Numbers as doubles, which any database compares: two numbers may be one double, but a plain one is nobody else's."""

from decimal import Decimal
from math import inf, nextafter
from sys import float_info


def as_double(number: Decimal) -> float:
    """The nearest double, or its neighbour on the number's own side where it is the nearest to a plain one as well.

    So doubles never contradict the order of their numbers, and say all about a number and a plain one.
    """
    nearest = _nearest(number)
    plain = _plain(nearest)
    if plain is None or plain == number:
        return nearest
    # Plain numbers lie at least four doubles apart, so that the neighbour is nobody's.
    return nextafter(nearest, inf if number > plain else -inf)


def is_plain(number: Decimal) -> bool:
    """Whether a number has at most 15 digits, and is not so large or small that doubles tell fewer apart."""
    return _plain(_nearest(number)) == number


def _nearest(number: Decimal) -> float:
    return max(-float_info.max, min(float_info.max, float(number)))


def _plain(double: float) -> Decimal | None:
    """The plain number that a double is the nearest to; None where there is none."""
    if double != 0 and not 1e-290 < abs(double) < 1e290:
        return None
    number = Decimal(f"{double:.14e}")
    return number if float(number) == double else None
