"""What replies say about allowances."""

import pytest

from crmgraph.connectors.spec import QuotaSpec
from crmgraph.service.ports import Quota
from crmgraph.sources.quotas import told

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
