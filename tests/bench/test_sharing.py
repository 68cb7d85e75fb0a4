"""The arithmetic of how much of an allowance was used; the measurement itself is `./dev bench rates`."""

import pytest
from bench.sharing import ALLOWANCE, Counted, Figures, told

from crmgraph.demo.leadconnector import INTERVAL


async def nothing(*_: object) -> None:
    """An application that nobody asks."""


def test_what_was_refused_is_not_used() -> None:
    figures = Figures(allowed=200, came=200, refused=20)
    assert (figures.used, figures.sent_away, figures.reached) == (0.9, 0.1, False)


@pytest.mark.parametrize(
    ("came", "refused", "reached"), [(90, 0, True), (89, 0, False), (100, 1, True), (100, 2, False)]
)
def test_the_aim_is_reached_with_enough_calls_and_hardly_any_refused(came: int, refused: int, reached: bool) -> None:
    assert Figures(100, came, refused).reached is reached


def test_only_what_was_answered_within_the_windows_counts() -> None:
    counted = Counted(nothing, [(9.9, 429), (10.0, 200), (10.0 + INTERVAL, 429), (10.0 + 2 * INTERVAL, 200)])
    assert counted.figures(10.0, 2) == Figures(2 * ALLOWANCE, 2, 1)


def test_a_line_tells_the_shares() -> None:
    assert told("Shared", Figures(600, 590, 2), "reached") == (
        "* Shared: 98.0% of the allowance used, 0.3% of 590 calls answered 429; ≥ 90% and ≤ 1% asked: reached"
    )
