"""The labelled records and the figures they are judged by."""

from dataclasses import astuple
from hashlib import sha256

import pytest
from bench.identity.figures import figures
from bench.identity.generator import generate
from bench.identity.parameters import VARIATIONS


def test_a_seed_gives_the_records_it_always_gave() -> None:
    """Figures of one day can be put beside another day's only while this holds; a new Faker may break it."""
    text = "\n".join(",".join(map(str, astuple(one))) for one in generate(300, 5))
    assert sha256(text.encode()).hexdigest()[:16] == "a836fc09a728d138"


@pytest.mark.parametrize("variation", VARIATIONS)
def test_every_variation_makes_people_of_several_records(variation: str) -> None:
    records = generate(300, 1, VARIATIONS[variation])
    assert len({one.record_id for one in records}) == len(records) == 300
    assert 100 < len({one.person_id for one in records}) < 250
    assert records == generate(300, 1, VARIATIONS[variation]) != generate(300, 2, VARIATIONS[variation])


def test_figures_count_pairs_records_and_persons() -> None:
    found = figures(["x", "x", "x", "y", "z"], ["a", "a", "b", "b", "c"])
    assert (found.precision, found.recall, found.f1) == (1 / 3, 1 / 2, pytest.approx(0.4))
    assert (found.exact, found.mixed, found.largest) == (1 / 3, 1, 3)
    assert found.b3 == pytest.approx(2 * (11 / 15) * (4 / 5) / (11 / 15 + 4 / 5))


def test_what_is_the_truth_itself_is_perfect() -> None:
    found = figures([1, 1, 2], ["a", "a", "b"])
    assert (found.f1, found.b3, found.exact, found.mixed) == (1, 1, 1, 0)
