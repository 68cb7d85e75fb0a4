"""Words of any script as plain lower-case ASCII."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.folding import fold, squeezed


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Jürgen MÜLLER-Lüdenscheidt", "jurgen muller ludenscheidt"),
        ("Seán O’Brien", "sean obrien"),
        ("Łukasz Żółw", "lukasz zolw"),
        ("Иван", "ivan"),
        ("...", ""),
    ],
)
def test_case_accents_script_and_punctuation_are_taken_away(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("spelling", ["Müller", "Mueller", "Muller", "MUELLER", "mul ler"])
def test_german_spellings_and_blanks_make_no_difference(spelling: str) -> None:
    assert squeezed(fold(spelling)) == "muller"


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text("aeoubc ", max_size=20))
def test_squeezing_twice_changes_nothing(text: str) -> None:
    assert squeezed(squeezed(text)) == squeezed(text)
