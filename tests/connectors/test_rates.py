"""Rates as they are written."""

import pytest

from crmgraph.connectors.rates import Rate, rate_of, rates_of, seconds_in


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10.0), ("s", 1.0), ("1m", 60.0), ("2h", 7200.0), ("1d", 86400.0), ("0s", None), ("10", None), ("", None)],
)
def test_a_span_of_time_in_seconds(text: str, seconds: float | None) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    ("text", "rate"),
    [("100/10s", Rate(100, 10.0)), ("60/m", Rate(60, 60.0)), ("0/10s", None), ("5/0s", None), ("often", None)],
)
def test_a_rate_as_calls_and_seconds(text: str, rate: Rate | None) -> None:
    assert rate_of(text) == rate


def test_several_rates_hold_at_once_and_the_shortest_span_comes_first() -> None:
    assert rates_of(["200000/1d", "100/10s"]) == (Rate(100, 10.0), Rate(200_000, 86_400.0))
    assert (rates_of("60/m"), rates_of(None)) == ((Rate(60, 60.0),), ())


@pytest.mark.parametrize(
    ("seconds", "window"), [(1.0, "1s"), (10.0, "10s"), (60.0, "1m"), (90.0, "90s"), (86_400.0, "1d"), (2.5, "2.5s")]
)
def test_a_span_is_told_in_the_greatest_unit_that_counts_it_whole(seconds: float, window: str) -> None:
    assert Rate(1, seconds).window == window
