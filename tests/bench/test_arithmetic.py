"""The benchmark's arithmetic: medians, ratios, verdicts, and the page it writes."""

import os

import pytest
from bench.measuring import Measured, middle
from bench.page import written
from bench.people import page
from bench.running import Result
from bench.tables import ratio_of, ratios
from bench.tree import used
from bench.verdicts import verdict, verdicts
from bench.works import comparable


def figures(rate: float, p99: float = 1) -> Measured:
    return Measured(rate=rate, p50=1, p99=p99, cpu=1, calls=2, memory=100, failed=0)


RESULTS = [
    Result("a", 0, 16, "crmgraph", figures(300, p99=20)),
    Result("a", 0, 16, "tailcall", figures(200, p99=10)),
    Result("a", 50, 16, "crmgraph", figures(100)),
    Result("a", 50, 16, "tailcall", figures(400)),
]


def test_each_figure_is_the_median_of_its_own_rounds() -> None:
    assert middle([figures(1, 9), figures(3, 7), figures(2, 8)]) == figures(2, 8)


def test_a_ratio_is_of_what_is_judged_alone() -> None:
    assert ratio_of(RESULTS, "rate", "a", "tailcall") == 1.5
    assert ratio_of(RESULTS, "rate", "a", "hive") is None


def test_each_aim_that_was_measured_is_judged() -> None:
    assert list(verdicts(RESULTS)) == [
        "(a) requests/s ≥ 1.0 × Tailcall: 1.50, reached",
        "(a) p99 ≤ 1.5 × Tailcall: 2.00, not reached",
    ]


@pytest.mark.parametrize(
    ("ratio", "is_most", "word"), [(2, False, "reached"), (2, True, "reached"), (2.1, True, "not reached")]
)
def test_the_bound_itself_is_reached(ratio: float, is_most: bool, word: str) -> None:
    assert verdict(ratio, 2, is_most) == word


def test_the_table_has_a_row_for_each_latency_and_number_of_connections() -> None:
    assert ratios(RESULTS).splitlines()[2:] == ["| (a) | 0 | 16 | 300 | 1.50 |", "| (a) | 50 | 16 | 100 | 0.25 |"]


def test_answers_are_compared_without_ids_at_any_depth() -> None:
    assert comparable([{"id": 1, "owner": {"id": 2, "name": "A"}}]) == [{"owner": {"name": "A"}}]


def test_only_the_part_between_its_marks_is_written() -> None:
    page_before = "a\n<!-- x -->\nold\n<!-- /x -->\nz"
    assert written(page_before, "x", r"new \1") == "a\n<!-- x -->\nnew \\1\n<!-- /x -->\nz"
    with pytest.raises(ValueError, match="<!-- y -->"):
        written(page_before, "y", "new")


def test_a_list_ends_with_a_shorter_page_and_then_with_empty_ones() -> None:
    assert [len(page(number, 110)) for number in (1, 2, 3)] == [100, 10, 0]


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs Linux")
def test_a_process_tells_what_it_used() -> None:
    assert used(os.getpid()).memory > 1_000_000
