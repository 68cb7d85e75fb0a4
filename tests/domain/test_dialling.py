"""Numbers that are read without the library are read as it reads them."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.dialling import plainly_dialled

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
PUNCTUATION = st.sampled_from(["", "", "", " ", "-", ".", "(", ")", "/", ") ", " ("])


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, str]:
    """A number as somebody may type it, often an example of its country's plan, and the region it is typed in."""
    region = draw(st.sampled_from(REGIONS))
    if draw(st.booleans()):
        example = phonenumbers.example_number(draw(st.sampled_from(REGIONS)))
        styles = (
            phonenumbers.PhoneNumberFormat.NATIONAL,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.E164,
        )
        text = phonenumbers.format_number(example, draw(st.sampled_from(styles)))
        return text, phonenumbers.region_code_for_number(example) or region
    digits = draw(st.text("0123456789", min_size=5, max_size=14))
    marks = draw(st.lists(PUNCTUATION, min_size=len(digits), max_size=len(digits)))
    plus = draw(st.sampled_from(["", "+"]))
    return plus + "".join(digit + mark for digit, mark in zip(digits, marks, strict=True)), region


@given(entries())
def test_what_is_read_plainly_the_library_reads_the_same(entry: tuple[str, str]) -> None:
    raw, region = entry
    found = plainly_dialled(raw, re.sub(r"\D", "", raw), region)
    if found is not None:
        number = phonenumbers.parse(raw, region)
        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == found.key
        assert phonenumbers.national_significant_number(number) == found.national


@pytest.mark.parametrize(
    ("raw", "region", "key"),
    [
        ("(415) 555-0142", "US", "+14155550142"),
        ("+44 20 3753 2181", "US", "+442037532181"),
        ("020 3753 2181", "GB", "+442037532181"),
        ("91 123 45 67", "ES", "+34911234567"),
        ("916 08 09 98", "ES", "+34916080998"),
        ("+44 (0)20 3753 2181", "GB", None),
        ("0044 20 3753 2181", "GB", None),
        ("(415) 555-0142 x5", "US", None),
    ],
)
def test_plain_numbers_are_read_and_others_are_left_to_the_library(raw: str, region: str, key: str | None) -> None:
    found = plainly_dialled(raw, re.sub(r"\D", "", raw), region)
    assert (found and found.key) == key
