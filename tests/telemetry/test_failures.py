"""An exception in a log: its sort and where it happened, never what it says."""

import pytest

from crmgraph.telemetry.failures import failures_of, told

VALUE = "maria@tamarind.example"


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def _led_to() -> Exception:
    try:
        try:
            raise KeyError(VALUE)
        except KeyError as inner:
            raise ValueError(VALUE) from inner
    except ValueError as outer:
        return outer


def test_sort_and_place_are_told_without_a_word_of_it() -> None:
    outer, inner = failures_of(_led_to())
    assert outer.startswith("ValueError: ")
    assert inner.startswith("KeyError: ")
    assert outer.endswith(" _led_to")
    assert VALUE not in outer + inner


def test_those_of_a_group_are_told_one_by_one() -> None:
    group = ExceptionGroup(VALUE, [_raised(KeyError(VALUE)), _raised(OSError(VALUE))])
    sorts = [one.partition(":")[0] for one in failures_of(_raised(group))]
    assert sorts == ["ExceptionGroup", "KeyError", "OSError"]


def test_a_circle_of_causes_has_an_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert list(failures_of(first)) == ["ValueError: nowhere", "KeyError: nowhere"]


@pytest.mark.parametrize("how", [True, "itself", "triple"])
def test_an_event_names_its_exception_in_one_of_three_ways(how: object) -> None:
    try:
        raise ValueError(VALUE)
    except ValueError as error:
        given = {"itself": error, "triple": (ValueError, error, None)}.get(str(how), True)
        event = told({"event": "it failed", "exc_info": given})
    assert event["event"] == "it failed"
    assert event["failure"][0].startswith("ValueError: ")
    assert "exc_info" not in event
