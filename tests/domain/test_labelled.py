"""How well people are found among labelled records; the floors lie a little under what is measured."""

import pytest
from bench.identity.data import generated
from bench.identity.figures import Figures, figures
from bench.identity.ours import ours

from crmgraph.domain.resolution import Line

SIZE = 2_000


def found(seed: int, line: Line, variation: str = "usual") -> Figures:
    data = generated(SIZE, seed, variation)
    return figures(ours(data, line), data.truth)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_balanced_line_finds_nearly_everybody(seed: int) -> None:
    figures = found(seed, Line.BALANCED)
    assert figures.f1 >= 0.965
    assert figures.precision >= 0.96
    assert figures.exact >= 0.925


@pytest.mark.parametrize("seed", [1, 2])
def test_the_safe_line_hardly_ever_joins_strangers(seed: int) -> None:
    figures = found(seed, Line.SAFE)
    assert figures.precision >= 0.99
    assert figures.recall >= 0.85


@pytest.mark.parametrize("variation", ["namesakes", "one source", "few e-mails"])
def test_other_data_than_the_usual_is_told_apart_as_well(variation: str) -> None:
    figures = found(1, Line.BALANCED, variation)
    assert figures.f1 >= 0.92
    assert figures.precision >= 0.93
