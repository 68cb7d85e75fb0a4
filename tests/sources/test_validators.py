"""What tells a CRM which reply we have."""

import pytest
from tests.sources.given import reading

from crmgraph.sources.validators import conditional, validator

NOON = "Sun, 06 Nov 1994 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"etag": '"7a"'}, ("If-None-Match", '"7a"')),
        ({"etag": 'W/"7a"'}, ("If-None-Match", 'W/"7a"')),
        ({"etag": '""'}, ("If-None-Match", '""')),
        ({"etag": "7a"}, None),
        ({"etag": '"a\u00e9"'}, None),
        ({"etag": '"a"\r\nX: y'}, None),
        ({"etag": '"a b"'}, None),
        ({"last-modified": NOON, "date": "Sun, 06 Nov 1994 12:01:00 GMT"}, ("If-Modified-Since", NOON)),
        ({"last-modified": NOON, "date": "Sun, 06 Nov 1994 12:00:59 GMT"}, None),
        ({"last-modified": NOON}, None),
        ({"last-modified": "yesterday", "date": NOON}, None),
        ({"etag": '"7a"', "last-modified": NOON, "date": "Sun, 06 Nov 1995 12:00:00 GMT"}, ("If-None-Match", '"7a"')),
        ({}, None),
    ],
)
def test_a_tag_counts_first_and_a_time_only_when_it_is_old_enough(
    headers: dict[str, str], asked: tuple[str, str] | None
) -> None:
    """A change in the same second as the one before it would not be told by its time."""
    assert validator(headers) == asked


def test_a_conditional_call_is_the_call_with_one_header_more() -> None:
    one = reading(headers=(("Accept", "application/json"),))
    asked = conditional(one, ("If-None-Match", '"7a"'))
    assert asked.headers == (("Accept", "application/json"), ("If-None-Match", '"7a"'))
    assert (asked.path, asked.terms) == (one.path, one.terms)
