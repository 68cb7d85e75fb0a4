"""Which decimal numbers callers may give."""

from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError

from crmgraph.api.numbers import number
from crmgraph.api.schema import build


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("12.50", Decimal("12.50")),
        (7, Decimal(7)),
        (0.1, Decimal("0.1")),
        ("-1e100", Decimal("-1e100")),
        ("1e-100", Decimal("1e-100")),
        ("0", Decimal(0)),
    ],
)
def test_a_number_is_what_it_is_written_as(given: Any, meant: Decimal) -> None:
    assert number(given) == meant


@pytest.mark.parametrize(
    "given", ["NaN", "sNaN", "-Infinity", "many", "", "1e101", "1e999999999", "1e-101", "1" * 201, True, None, [1], {}]
)
def test_what_is_no_number_or_can_be_meant_by_nobody_is_refused(given: Any) -> None:
    """A signaling NaN cannot even be compared or remembered, and 1e999999999 written out fills the memory."""
    with pytest.raises(GraphQLError, match="Value cannot represent a Decimal"):
        number(given)


async def test_the_schema_takes_these_numbers_only() -> None:
    text = 'query ($v: Decimal!) {contacts(filter: {customField: {key: "k", number: {gt: $v}}}) {nodes {id}}}'
    result = await build().execute(text, {"v": "sNaN"})
    assert result.errors is not None
    assert "cannot represent a Decimal" in result.errors[0].message
