"""What the judge of `./dev bench canaries` calls a leak."""

import pytest
from bench.canaries import ROLES, configuration, hides
from bench.canary_crm import canary, foreign, hidden


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        (f"{canary(7)} Person 1", []),
        (f"{canary(8)} Person 1", [canary(8)]),
        (f"{canary(7)} {canary(70)}", [canary(70)]),
        (f"{hidden(7)}", []),
        (f"{hidden(8)}", [hidden(8)]),
        ("nothing at all", []),
    ],
)
def test_a_word_of_anothers_is_a_leak(text: str, leaks: list[str]) -> None:
    assert foreign(text, 7, hides=False) == leaks


def test_what_is_hidden_from_a_caller_is_a_leak_even_where_it_is_their_own() -> None:
    assert foreign(hidden(8), 8, hides=True) == [hidden(8)]


def test_half_of_the_callers_have_something_hidden_from_them() -> None:
    text = configuration(4)
    assert [text.count(f"role: {role}") for role in ("bare", "whole")] == [2, 2]
    assert [hides(one) for one in range(1, 5)] == [False, True, False, True]
    assert "hide: {contact: [jobTitle]}" in ROLES
