"""What replies say about allowances."""

import pytest

from crmgraph.connectors.spec import QuotaSpec
from crmgraph.service.ports import Quota
from crmgraph.sources.quotas import rate_of, seconds_in, told


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10.0), ("s", 1.0), ("1m", 60.0), ("2h", 7200.0), ("1d", 86400.0), ("0s", None), ("10", None), ("", None)],
)
def test_a_span_of_time_in_seconds(text: str, seconds: float | None) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    ("text", "rate"),
    [("100/10s", (100, 10.0)), ("60/m", (60, 60.0)), (None, None), ("0/10s", None), ("5/0s", None), ("often", None)],
)
def test_a_rate_as_calls_and_seconds(text: str | None, rate: tuple[int, float] | None) -> None:
    assert rate_of(text) == rate


SPECS = [
    QuotaSpec(window="10s", limit="X-RateLimit-Max", remaining="X-RateLimit-Remaining"),
    QuotaSpec(window="1d", limit="X-RateLimit-Limit-Daily", remaining="X-RateLimit-Daily-Remaining"),
]


def test_allowances_are_read_from_the_headers_that_the_definition_names() -> None:
    headers = {"x-ratelimit-max": "100", "x-ratelimit-remaining": "97", "x-ratelimit-daily-remaining": "199000"}
    assert told(SPECS, headers) == {"10s": Quota("10s", 100, 97), "1d": Quota("1d", None, 199000)}


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-max": "many"}, {"x-ratelimit-max": "-1"}])
def test_what_is_not_said_is_not_guessed(headers: dict[str, str]) -> None:
    assert told(SPECS, headers) == {}
