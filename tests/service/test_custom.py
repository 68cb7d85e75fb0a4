"""Custom values by their type, and one logical name for what each source calls its own way."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crmgraph.service.custom import CustomFields, LogicalField, Typed, decode


@pytest.mark.parametrize(
    ("kind", "raw", "meant"),
    [
        ("TEXT", "x", {"text": "x"}),
        ("TEXT", ["x", {"name": "y"}], {"text": "x, y"}),
        ("NUMBER", "12.5", {"text": "12.5", "number": Decimal("12.5")}),
        ("MONEY", 3, {"text": "3", "number": Decimal(3)}),
        ("BOOLEAN", True, {"text": "true", "boolean": True}),
        ("BOOLEAN", ["Yes"], {"text": "Yes", "boolean": True}),
        ("DATE", "2026-03-31", {"text": "2026-03-31", "date": date(2026, 3, 31)}),
        ("OPTION", {"id": 1, "label": "Gold"}, {"text": "Gold", "options": ("Gold",)}),
        ("OPTIONS", ["a", {"value": "b"}], {"text": "a, b", "options": ("a", "b")}),
        ("RAW", {"deep": 1}, {}),
        ("RAW", None, {}),
    ],
)
def test_a_value_is_read_by_its_type(kind: str, raw: Any, meant: dict[str, Any]) -> None:
    assert decode(raw, kind) == Typed(kind, raw, **meant)


@pytest.mark.parametrize(("kind", "raw"), [("NUMBER", "many"), ("DATE", "soon"), ("BOOLEAN", "perhaps")])
def test_what_does_not_fit_its_type_stays_as_it_is(kind: str, raw: Any) -> None:
    assert decode(raw, kind) == Typed("RAW", raw, text=raw)


def test_a_logical_key_stands_for_each_sources_own() -> None:
    fields = CustomFields({"plan": LogicalField("plan", "option", "Plan", {"a": "cf_plan"})})
    assert (fields.key_of("a", "cf_plan"), fields.key_of("b", "cf_plan")) == ("plan", "cf_plan")
    assert (fields.theirs("a", "plan"), fields.theirs("b", "plan"), fields.theirs("b", "x")) == ("cf_plan", None, "x")
    assert (fields.type_of("plan", "TEXT"), fields.type_of("x", "date"), fields.type_of("x", None)) == (
        "OPTION",
        "DATE",
        "RAW",
    )
    push = fields.pusher("a", {"17": {"key": "cf_plan"}})
    assert (push("plan"), push("other")) == ("17", "other")


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("NUMBER", "12", 12, True),
        ("NUMBER", 12, 13, False),
        ("BOOLEAN", ["Yes"], True, True),
        ("DATE", "2026-03-31", "2026-03-31T00:00:00Z", True),
        ("OPTIONS", ["b", "a"], ["a", {"label": "b"}], True),
        ("TEXT", "12", 12, True),
        ("NUMBER", "many", "lots", False),
        ("RAW", {"deep": 1}, {"deep": 2}, False),
    ],
)
def test_two_values_are_compared_by_what_their_type_reads(kind: str, one: Any, other: Any, same: bool) -> None:
    assert (decode(one, kind).meaning == decode(other, kind).meaning) is same
