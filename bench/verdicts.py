"""Where the gateway must arrive, and whether it has: with two workers, 16 connections and no latency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.running import Result
from bench.tables import ratio_of


@dataclass(frozen=True, slots=True)
class Aim:
    """A ratio of the gateway's figure to a peer's: at least `bound`, or at most when `is_most`."""

    words: str
    figure: str
    work: str
    peer: str
    bound: float
    is_most: bool = False


AIMS = (
    Aim("(a) requests/s ≥ 1.0 × Tailcall", "rate", "a", "tailcall", 1.0),
    Aim("(a) requests/s ≥ 6 × Hive Gateway", "rate", "a", "hive", 6.0),
    Aim("(a) requests/s ≥ 9 × the plain Strawberry baseline", "rate", "a", "baseline", 9.0),
    Aim("(a) p99 ≤ 1.5 × Tailcall", "p99", "a", "tailcall", 1.5, is_most=True),
    Aim("(e) requests/s ≥ 5 × the stock Strawberry router", "rate", "e", "baseline", 5.0),
)


def verdicts(results: Sequence[Result]) -> Iterator[str]:
    """One line for each aim that this run can judge."""
    for aim in AIMS:
        ratio = ratio_of(results, aim.figure, aim.work, aim.peer)
        if ratio is not None:
            yield f"{aim.words}: {ratio:.2f}, {verdict(ratio, aim.bound, aim.is_most)}"


def verdict(ratio: float, bound: float, is_most: bool) -> str:
    """`reached` or `not reached`; a ratio that is exactly the bound has reached it."""
    return "reached" if (ratio <= bound if is_most else ratio >= bound) else "not reached"
