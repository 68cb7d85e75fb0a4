"""Values in the form that a source takes: what is told otherwise, and what is left as it was typed."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crmgraph.connectors.catalog import load
from crmgraph.domain.model import Link
from crmgraph.service.writing.suiting import suited

HERE = Path(__file__).parent


def suit(connector: str, resource: str, values: dict[str, Any], said: str | None = None) -> tuple[Any, Any]:
    """The values as a resource takes them on an update; `said` is the whole name that the record has."""
    return suited(load(connector, HERE).resources[resource], values, "update", lambda name: said)


@pytest.mark.parametrize(
    ("said", "values", "whole"),
    [
        ("Anna Kovacs", {"familyName": "Nagy"}, "Anna Nagy"),
        ("Anna Kovacs", {"givenName": "Eva"}, "Eva Kovacs"),
        ("Dr. Anna  Kovacs", {"familyName": "Nagy"}, "Dr. Anna  Nagy"),
        ("Dr. Anna  Kovacs", {"givenName": "Anna", "familyName": "Kovacs"}, "Dr. Anna  Kovacs"),
        ("Kovacs, Anna", {"familyName": "Nagy"}, "Nagy, Anna"),
        ("Anna Kovacs", {"familyName": None}, "Anna"),
        ("Anna", {"familyName": "Kovacs"}, "Anna Kovacs"),
        ("Anna Anna", {"givenName": "Eva"}, "Eva Anna"),
        (None, {"givenName": "Anna", "familyName": "Kovacs"}, "Anna Kovacs"),
        (None, {"givenName": None}, None),
        ("Anna Kovacs", {"fullName": "Eva Nagy", "givenName": "Ida"}, "Eva Nagy"),
    ],
)
def test_the_parts_of_a_name_go_into_the_one_that_the_record_has(said: str | None, values: Any, whole: Any) -> None:
    """A part takes the place of the one before it; titles, commas and blanks stay."""
    made, told = suit("orgcrm", "contact", values, said)
    assert made == {"fullName": whole}
    assert told == {}


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Anna Kovacs", {"givenName": "Anna", "familyName": "Kovacs"}),
        ("Maria del Mar Perez", {"givenName": "Maria", "familyName": "del Mar Perez"}),
        ("Kovacs, Anna", {"givenName": "Anna", "familyName": "Kovacs"}),
        ("Madonna", {"givenName": "Madonna", "familyName": None}),
        (None, {"givenName": None, "familyName": None}),
    ],
)
def test_a_whole_name_goes_into_the_parts_that_a_source_keeps(full: str | None, parts: Any) -> None:
    """A name is split as it is spelt."""
    assert suit("leadconnector", "contact", {"fullName": full}) == (parts, {})


def test_a_time_of_day_that_a_source_keeps_no_place_for_is_told() -> None:
    """The day is kept, and what became of the instant is said."""
    instant = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
    made, told = suit("bigcontacts", "task", {"dueAt": instant})
    assert made == {"dueDate": date(2026, 3, 4)}
    assert told == {"dueAt": ("dueDate", date(2026, 3, 4))}


def test_several_where_one_is_kept_are_told() -> None:
    """The first of several assignees becomes the owner."""
    made, told = suit("leadconnector", "contact", {"assignees": (Link("u1"), Link("u2"))})
    assert made == {"owner": Link("u1")}
    assert told == {"assignees": ("owner", Link("u1"))}


def test_a_field_that_nothing_stands_for_is_left_as_it_is() -> None:
    """What a source has no other form for is not touched here."""
    assert suit("orgcrm", "contact", {"website": "https://anna.example"}) == ({"website": "https://anna.example"}, {})
