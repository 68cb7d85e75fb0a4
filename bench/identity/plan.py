"""How much is measured: everything that is told in the documentation, or what one looks at daily."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes are numbers of records; `large` is 0 where nothing so large is measured."""

    size: int
    seeds: tuple[int, ...]
    large: int
    known: int
    rounds: int
    baselines: bool


FULL = Plan(size=10_000, seeds=(42, 43, 44), large=100_000, known=100_000, rounds=5, baselines=True)
QUICK = Plan(size=2_000, seeds=(42, 43), large=0, known=5_000, rounds=3, baselines=False)
"""Seeds 1 to 20 are for tuning, and none of them is here."""
