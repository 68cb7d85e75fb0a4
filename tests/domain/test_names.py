"""Names: taken apart, and compared by tables of pairs that are and are not one person's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.names import Level, PersonName, levels, person_name, split_name


@pytest.mark.parametrize(
    ("full", "given_name", "family_name"),
    [
        ("Anna Kovács", "Anna", "Kovács"),
        ("Kovács, Anna", "Anna", "Kovács"),
        ("Dr. Anna Kovács, PhD", "Anna", "Kovács"),
        ("Mr. John Smith, Jr.", "John", "Smith"),
        ("John Smith III", "John", "Smith"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Ana Paula dos Santos", "Ana Paula", "dos Santos"),
        ("Anna", "Anna", ""),
        ("", "", ""),
        ("Dr.", "", ""),
    ],
)
def test_a_name_in_one_field_is_taken_apart(full: str, given_name: str, family_name: str) -> None:
    assert split_name(full) == (given_name, family_name)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("Anna", "Kovács", None), ("anna", "kovacs")),
        ((None, None, "Kovács, Anna"), ("anna", "kovacs")),
        (("Kovács, Anna", None, None), ("anna", "kovacs")),
        (("Anna Kovács", "", None), ("anna", "kovacs")),
        ((None, "Kovács", "Anna Kovács"), ("anna", "kovacs")),
        ((None, "García López", None), ("", "garcia lopez")),
        (("Mr", "Smith", None), ("", "smith")),
        (("Seán", "O’Brien", None), ("sean", "obrien")),
        (("Carlos", "Neto", None), ("carlos", "neto")),
        (("Unknown", "Kovács", None), ("", "kovacs")),
        (("anna@kovacs.example", None, None), ("", "")),
        (("+1 415 555 0142", None, None), ("", "")),
        ((None, None, None), ("", "")),
    ],
)
def test_a_name_is_put_together_from_the_fields_a_crm_fills(
    fields: tuple[str | None, str | None, str | None], expected: tuple[str, str]
) -> None:
    name = person_name(*fields)
    assert (name.given, name.family) == expected


_AGREEING = [
    ("Anna Kovács", "ANNA KOVACS", Level.SAME),
    ("Jürgen Müller", "Juergen Mueller", Level.SAME),
    ("Jürgen Müller", "Jurgen Muller", Level.SAME),
    ("Kovács, Anna", "Anna Kovács", Level.SAME),
    ("Jean-Luc Petit", "Jeanluc Petit", Level.SAME),
    ("Anna Smith-Jones", "Anna Jones", Level.SAME),
    ("Maria Garcia Lopez", "Maria Garcia Lopez", Level.SAME),
    ("Anna M. Kovács", "Anna Kovács", Level.SAME),
    ("Robert Smith", "Bob Smith", Level.NICKNAME),
    ("Bob Smith", "Rob Smith", Level.NICKNAME),
    ("Francisco Souza", "Chico Souza", Level.NICKNAME),
    ("José Perez", "Pepe Perez", Level.NICKNAME),
    ("Johannes Wolf", "Hannes Wolf", Level.NICKNAME),
    ("Katarzyna Nowak", "Kasia Nowak", Level.NICKNAME),
    ("Marc Weber", "Mark Weber", Level.NICKNAME),
    ("Mary Ann Lee", "Ann Lee", Level.NICKNAME),
    ("A. Kovács", "Anna Kovács", Level.INITIAL),
    ("Jennifer Smith", "Jennfier Smith", Level.CLOSE),
    ("Anna Kowalski", "Anna Kowalska", Level.CLOSE),
    ("Anna", "Anna Kovács", Level.MISSING),
    ("Mary Ann", "Mary Ann Smith", Level.MISSING),
    ("", "Anna Kovács", Level.MISSING),
    ("Melzsza Smith", "Melissa Smith", Level.GARBLED),
]
_DISAGREEING = [
    ("Anna Kovács", "Peter Kovács"),
    ("Daniel Silva", "Daniela Silva"),
    ("Mario Rossi", "Maria Rossi"),
    ("Laura Smith", "Lara Smith"),
    ("Tim Jones", "Tom Jones"),
    ("Aaron Hill", "Erin Hill"),
    ("Jean-Luc Petit", "Jean-Pierre Petit"),
    ("John A. Smith", "John B. Smith"),
    ("B. Kovács", "Anna Kovács"),
    ("Anna Kovács", "Anna Smith"),
    ("Christine Lee", "Christopher Lee"),
]


def _name(full: str) -> PersonName:
    return person_name(None, None, full)


@pytest.mark.parametrize(("one", "other", "level"), _AGREEING)
def test_these_names_may_be_one_person(one: str, other: str, level: Level) -> None:
    assert min(levels(_name(one), _name(other))) == level


@pytest.mark.parametrize(("one", "other"), _DISAGREEING)
def test_these_names_are_two_people(one: str, other: str) -> None:
    assert min(levels(_name(one), _name(other))) == Level.DIFFERENT


def test_swapped_fields_agree() -> None:
    found = levels(person_name("Kovács", "Anna", None), person_name("Anna", "Kovács", None))
    assert min(found) == Level.SAME


def test_a_family_name_typed_as_given_name_leaves_the_given_name_missing() -> None:
    found = levels(person_name("Kovács", None, None), person_name("Anna", "Kovács", None))
    assert found == (Level.MISSING, Level.SAME)


_NAMES = st.sampled_from([name for row in (*_AGREEING, *_DISAGREEING) for name in row[:2]]) | st.text(max_size=20)


@given(_NAMES, _NAMES)
def test_agreement_does_not_depend_on_who_is_asked_first(one: str, other: str) -> None:
    assert levels(_name(one), _name(other)) == levels(_name(other), _name(one))


@given(_NAMES)
def test_a_name_never_disagrees_with_itself(full: str) -> None:
    assert min(levels(_name(full), _name(full))) in (Level.SAME, Level.MISSING)
