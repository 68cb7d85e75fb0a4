"""Spelling groups: which variant of a name or company survives, whatever fields a name was typed into."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.domain.saying import at, record

from crmgraph.domain.model import Email
from crmgraph.domain.records import Record
from crmgraph.domain.survivorship.golden import golden
from crmgraph.domain.survivorship.readings import reading

Held = tuple[str | None, str | None, str]
"""Given name, family name, e-mail; one record each, from the oldest to the newest."""


def records(held: Sequence[Held]) -> list[Record]:
    return [
        record(source, givenName=given, familyName=family, emails=(Email(mail),) if mail else (), updatedAt=at(day))
        for day, (source, (given, family, mail)) in enumerate(zip("abcd", held, strict=False), 1)
    ]


def names(*held: Held) -> tuple[Any, Any]:
    given, family = (golden(part, records(held)) for part in ("givenName", "familyName"))
    return given and given.value, family and family.value


@pytest.mark.parametrize(
    ("held", "name"),
    [
        ([("Bob", "Miller", ""), ("Rob", "Miller", ""), ("Robert", "Miller", "")], ("Robert", "Miller")),
        ([("Steven", "Hall", ""), ("Steven", "Hall", ""), ("Stephen", "Hall", "")], ("Steven", "Hall")),
        ([("J.", "Cook", ""), ("Jane", "Cook", "")], ("Jane", "Cook")),
        ([("Jnae", "Cook", ""), ("Jane", "Cook", "")], ("Jane", "Cook")),
        ([("Dorota", "Lato", ""), ("Dorotka", "Lata", "d.lata@x.example")], ("Dorota", "Lata")),
        ([("JOSE", "GARCIA", ""), ("José", "García", ""), ("jose", "garcia", "")], ("José", "García")),
        ([("Anna", "Smith", ""), ("Anna", "Smith", ""), ("Anna", "Jones", "")], ("Anna", "Jones")),
        ([("Anna", "Smith-Jones", ""), ("Anna", "Smith", "")], ("Anna", "Smith-Jones")),
        ([("Unknown", "Smith", ""), ("Unknown", "Smith", ""), ("Anna", "Smith", "")], ("Anna", "Smith")),
    ],
)
def test_the_fullest_spelling_that_most_records_hold_survives(held: list[Held], name: tuple[str, str]) -> None:
    assert names(*held) == name


@pytest.mark.parametrize(
    ("held", "name"),
    [
        ([("Kovács, Anna", None, "")], ("Anna", "Kovács")),
        ([("Dr. Anna B.", "Kovács", "")], ("Anna", "Kovács")),
        ([("Anna Kovács", "Kovács", "")], ("Anna", "Kovács")),
        ([("José Luis", None, ""), ("José Luis", "Marín", "")], ("José Luis", "Marín")),
        ([("Ana López Marín", None, ""), ("Ana", "López Marín", "")], ("Ana", "López Marín")),
        ([("Wallace", "Rachel", "r.wallace@x.example"), ("Rachel", "Wallace", "")], ("Rachel", "Wallace")),
        ([("Davidson", "Todd", ""), ("Davidson, Todd", None, "")], ("Todd", "Davidson")),
        ([("Mateo", "Gaspar", ""), ("Gaspar", "Mateo", ""), ("Gaspar", "Mateo", "")], ("Gaspar", "Mateo")),
        ([("Adrienne A.", None, ""), ("Adrienne", "Gaudin", "")], ("Adrienne", "Gaudin")),
    ],
)
def test_a_name_is_read_for_what_it_is_whatever_it_was_typed_into(held: list[Held], name: tuple[str, str]) -> None:
    assert names(*held) == name


@pytest.mark.parametrize("whole", ["Anna Kovács", "Kovács, Anna", "Dr. Anna Kovács", "Ludwig van Beethoven", "Anna"])
def test_what_was_read_reads_as_it_is(whole: str) -> None:
    one = reading("", "", whole)
    again = reading(one.given, one.family, "")
    assert (again.given, again.family) == (one.given, one.family)


def company(*held: tuple[str | None, str]) -> Any:
    found = golden(
        "companyName",
        [
            record(source, companyName=name, emails=(Email(mail),) if mail else (), updatedAt=at(day))
            for day, (source, (name, mail)) in enumerate(zip("abcd", held, strict=False), 1)
        ],
    )
    return found and found.value


def test_a_company_survives_by_its_newest_group_with_its_legal_form() -> None:
    assert company(("Holloway Ltd", ""), ("Holloway", "")) == "Holloway Ltd"
    assert company(("Holloway Ltd", ""), ("Holloway Ltd", ""), ("Barker LLC", "")) == "Barker LLC"


def test_a_newer_mailbox_without_a_company_beside_it_is_a_witness_of_where_somebody_works() -> None:
    held = ("Barker LLC", ""), ("Holloway Ltd", ""), (None, "jane@barkerllc.example")
    assert company(*held) == "Barker LLC"
    assert company(*held[:2]) == "Holloway Ltd"


def test_a_domain_is_a_witness_of_a_companys_spelling() -> None:
    assert company(("Brube-O'Connor", ""), ("Bruce-O'Connor", "eve@bruceoconnor.example")) == "Bruce-O'Connor"
    assert company(("Bruce-O'Connor", "eve@bruceoconnor.example"), ("Brube-O'Connor", "")) == "Bruce-O'Connor"


def test_the_story_tells_a_spelling_from_another_value() -> None:
    found = golden("givenName", records([("Bob", "Hall", ""), ("Robert", "Hall", ""), ("Maria", "Hall", "")]))
    assert found is not None
    assert [(one.value, one.why) for one in found.losers] == [
        ("Bob", "another spelling of it"),
        ("Maria", "another value, which fewer records hold"),
    ]
