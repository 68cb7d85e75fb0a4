"""A file of weights: what is written is read back, and all that is wrong is told at once."""

import pytest

from crmgraph.domain.calibrating import moved
from crmgraph.domain.errors import InputError
from crmgraph.domain.weight_files import as_text, weights_in
from crmgraph.domain.weights import shipped


def test_what_is_written_is_read_back() -> None:
    weights = moved(shipped(), {("email", "same"): -1.25, ("prior", "bits"): 0.5})
    text = as_text(weights, "Estimated so.\nBy us.")
    assert text.startswith("# Estimated so.\n# By us.\n")
    assert weights_in(text, "weights.toml") == weights


def test_what_a_file_does_not_say_is_as_shipped() -> None:
    weights = weights_in("[email]\nsame = {bits = 1}\n", "weights.toml")
    assert weights == moved(shipped(), {("email", "same"): 1.0 - shipped().of["email", "same"].bits})


def test_all_mistakes_are_told_at_once_with_what_would_have_been_right() -> None:
    text = """
    [prior]
    bits = "many"
    population = 0
    bit = 1
    [e-mail]
    same = {bits = 1}
    [email]
    sam = {bits = 1}
    same = {bits = 99, weight = 2, says = 3}
    close = 4
    """
    with pytest.raises(InputError) as wrong:
        weights_in(text, "weights.toml")
    assert wrong.value.message.splitlines() == [
        "weights.toml: `prior.bits` must be a number.",
        "weights.toml: `prior.population` must be a number of records, 1 at least.",
        "weights.toml: `prior` has no `bit`; it has bits, population and crowding.",
        "weights.toml: There is no rule `e-mail`; did you mean `email`?",
        "weights.toml: The rule `email` finds no `sam`; did you mean `same`?",
        "weights.toml: `bits` of `email.same` must be a number of bits, -30 to 30.",
        "weights.toml: `email.same` has no `weight`; it has bits, rarity and says.",
        "weights.toml: `says` of `email.same` must be a text.",
        "weights.toml: `email.close` must be a table such as { bits = 3.0 }.",
    ]


def test_what_is_no_toml_is_told_with_its_place() -> None:
    with pytest.raises(InputError, match=r"^weights\.toml is not TOML: .*line 2"):
        weights_in("[email]\nsame = {bits}\n", "weights.toml")
