"""Which spellings are one address, and which are one number."""

import pytest

from crmgraph.connectors.likeness import same_box, same_line


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("anna@kovacs.example", " Anna@Kovacs.example", True),
        ("anna@kovacs.example", "anna.k@kovacs.example", False),
    ],
)
def test_an_address_is_one_whatever_its_capitals(one: str, other: str, same: bool) -> None:
    """A CRM compares addresses no further, so neither do we."""
    assert same_box(one, other) is same_box(other, one) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+1 415 555 0142", "(415) 555-0142", True),
        ("+44 20 7946 0110", "020 7946 0110", True),
        ("+14155550142", "+14155550143", False),
        ("0142", "+14155550142", False),
        ("112", "112", True),
        ("", "", True),
    ],
)
def test_a_number_is_one_with_and_without_its_country(one: str, other: str, same: bool) -> None:
    """Few digits tell nothing, unless they are the very text."""
    assert same_line(one, other) is same_line(other, one) is same
