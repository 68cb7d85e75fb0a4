"""Decimal numbers as callers give them: only what is a number, and can be written out in a line."""

from dataclasses import replace
from decimal import Decimal

from graphql import GraphQLError
from strawberry.schema.types.base_scalars import DecimalDefinition

_DIGITS = 100
"""How many digits a number may have before its point, and after it."""


def number(given: object) -> Decimal:
    """The number that is meant; raises GraphQLError for what is none, and for one that nobody can mean."""
    text = str(given)
    if isinstance(given, int | float | str) and not isinstance(given, bool) and len(text) <= 2 * _DIGITS:
        found = _read(text)
        if found is not None and found.is_finite() and abs(found.adjusted()) <= _DIGITS:
            return found
    raise GraphQLError(f'Value cannot represent a Decimal: "{text}".')


def _read(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


DECIMAL = replace(DecimalDefinition, parse_value=number)
"""Strawberry's scalar with these numbers."""
