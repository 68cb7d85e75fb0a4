"""Our matcher alone, in this process: what one looks at while a weight is changed.

`python -m bench.identity.quick --size 2000 --seeds 1,2,3 --variations usual,namesakes`
"""

import time
from typing import Annotated

import typer

from bench.identity.data import generated
from bench.identity.figures import Figures, figures, mean
from bench.identity.ours import ours
from bench.identity.parameters import VARIATIONS
from crmgraph.domain.resolution import Line

HEADS = "variation      line       F1      P      R     B3   exact  mixed  largest  seconds"


def main(
    size: Annotated[int, typer.Option(help="Records of each seed.")] = 2_000,
    seeds: Annotated[str, typer.Option(help="Which, as 1,2,3 or 1-20.")] = "1-3",
    variations: Annotated[str, typer.Option(help=f"Of {', '.join(VARIATIONS)}.")] = ",".join(VARIATIONS),
) -> None:
    """Print the figures of both lines for each variation, each the mean of the seeds."""
    print(HEADS)
    for variation in variations.split(","):
        several = [generated(size, seed, variation) for seed in _numbers(seeds)]
        for line in Line:
            begun = time.perf_counter()
            found = [figures(ours(data, line), data.truth) for data in several]
            took = (time.perf_counter() - begun) / len(several)
            print(told(variation, line, mean(found), took), flush=True)


def told(variation: str, line: Line, found: Figures, took: float) -> str:
    """A line of the table."""
    shares = " ".join(f"{one:6.4f}" for one in (found.f1, found.precision, found.recall, found.b3, found.exact))
    return f"{variation:14} {line:8} {shares} {found.mixed:6} {found.largest:8} {took:8.2f}"


def _numbers(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else [int(one) for one in text.split(",")]


if __name__ == "__main__":
    typer.run(main)
