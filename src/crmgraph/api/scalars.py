"""Values of no fixed shape as callers give them: numbers that are some, and JSON that can be written down again."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from math import isfinite

from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.schema.types.base_scalars import DecimalDefinition
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

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


def json_value(given: object) -> object:
    """JSON as it is given; raises GraphQLError for a number that no JSON of ours can hold."""
    waiting = [given]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif (isinstance(one, int) and not -(2**63) <= one < 2**64) or (isinstance(one, float) and not isfinite(one)):
            raise GraphQLError("A number in JSON must fit into 64 bits; write a longer one as a string.")
    return given


SCALARS: Mapping[object, ScalarDefinition] = {
    Decimal: replace(DecimalDefinition, parse_value=number),
    JSON: replace(DEFAULT_SCALAR_REGISTRY[JSON], parse_value=json_value),
}
"""Strawberry's scalars, taking these values."""
