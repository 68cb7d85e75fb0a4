"""Which numbers callers may give, also within JSON."""

from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError

from crmgraph.api.scalars import json_value, number
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


@pytest.mark.parametrize("given", [None, 2**64 - 1, -(2**63), 1e300, "9" * 400, {"a": [1, {"b": True}]}])
def test_json_is_taken_as_it_is(given: Any) -> None:
    assert json_value(given) is given


@pytest.mark.parametrize("given", [2**64, -(2**63) - 1, float("inf"), float("nan"), {"a": [1, {"b": 10**30}]}])
def test_json_holds_no_number_that_cannot_be_written_down_again(given: Any) -> None:
    """A change is kept in the journal as JSON before it is sent."""
    with pytest.raises(GraphQLError, match="must fit into 64 bits"):
        json_value(given)


async def test_the_schema_takes_this_json_only() -> None:
    values = '[{key: "k", value: 285960178564229831996226123132305408}]'
    text = f"mutation {{setCustomFieldValues(input: {{id: 1, values: {values}}}) {{userErrors {{message}}}}}}"
    result = await build().execute(text)
    assert result.errors is not None
    assert "must fit into 64 bits" in result.errors[0].message
