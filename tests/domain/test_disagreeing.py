"""What disagrees with the value that survived, and what only spells it otherwise or says nothing."""

from datetime import date
from typing import Any

import pytest
from tests.domain.saying import record

from crmgraph.domain.survivorship.disagreeing import disagreeing
from crmgraph.domain.survivorship.golden import golden
from crmgraph.domain.survivorship.rules import FieldRule, Rule


def disagree(field: str, *values: Any) -> list[Any]:
    """What disagrees with the first value."""
    records = [record(source, **{field: value}) for source, value in zip("abcd", values, strict=False)]
    found = golden(field, records, {field: (FieldRule(Rule.MOST_TRUSTED),)})
    assert found is not None
    return [one.value for one in disagreeing(field, found)]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("givenName", ("Robert", "Bob", "Rob", "R")),
        ("familyName", ("Müller", "Mueller", "MULLER")),
        ("companyName", ("Gaúcho Tecnologia Ltda", "gaucho tecnologia")),
        ("jobTitle", ("Vice President, Sales", "vice-president sales", "unknown", "n/a")),
        ("birthDate", (date(1980, 5, 2), date(1980, 5, 2), None)),
    ],
)
def test_another_spelling_and_a_placeholder_do_not_disagree(field: str, values: Any) -> None:
    assert disagree(field, *values) == []


@pytest.mark.parametrize(
    ("field", "survived", "other"),
    [
        ("givenName", "Robert", "Maria"),
        ("familyName", "Müller", "Okafor"),
        ("companyName", "Blue Heron Ltd", "Saltmarsh Brewing"),
        ("jobTitle", "CEO", "CTO"),
        ("lifecycleStage", "lead", "customer"),
        ("birthDate", date(1980, 5, 2), date(1980, 2, 5)),
    ],
)
def test_another_value_disagrees_also_among_other_spellings(field: str, survived: Any, other: Any) -> None:
    assert disagree(field, survived, other, survived, other) == [other, other]
