"""Callers choose what their operations are called; what is told of them stays a short list of harmless words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.service.observing import Operation
from crmgraph.telemetry.labels import ANONYMOUS, OTHER, WRONG, Labels


def test_an_operation_goes_by_its_name() -> None:
    labels = Labels()
    assert labels.of(Operation("Names", "query")) == "Names"
    assert labels.of(Operation(None, "query")) == ANONYMOUS
    assert labels.of(None) == WRONG


@given(st.lists(st.from_regex(r"[A-Za-z]\w{0,80}", fullmatch=True)))
def test_however_many_names_there_are_only_so_many_are_told_apart(names: list[str]) -> None:
    labels = Labels(most=3)
    told = {labels.of(Operation(name, "query")) for name in names}
    assert len(told - {OTHER}) <= 3
    assert all(len(one) <= 64 for one in told)


def test_a_name_that_is_known_stays_known_when_there_is_no_more_room() -> None:
    labels = Labels(most=1)
    assert [labels.of(Operation(name, "query")) for name in ("A", "B", "A")] == ["A", OTHER, "A"]


@pytest.mark.parametrize("name", ["x" * 65, "a3f5" * 12, "pitAbC123deF456ghI789jkL0"])
def test_a_name_that_may_be_a_secret_is_not_told(name: str) -> None:
    assert Labels().of(Operation(name, "query")) == OTHER
