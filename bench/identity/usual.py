"""Where `usual_ratios.toml` comes from: the pairs that the weights were estimated from, seen by the weights themselves.

`python -m bench.identity.usual` writes it anew; it is to be run after `bench.identity.fitting`.
"""

from itertools import groupby
from pathlib import Path

from bench.identity.data import generated
from bench.identity.parameters import VARIATIONS
from crmgraph.domain import calibrating
from crmgraph.domain.calibrating import Seen, seen
from crmgraph.domain.candidates import candidates
from crmgraph.domain.matching import probability
from crmgraph.domain.ratios import Counts
from crmgraph.domain.trial import matcher_of, profile

TOLD = Path(calibrating.__file__).with_name("usual_ratios.toml")
SIZE = 5_000
SEEDS = 14
ENOUGH = 20
"""A finding that is made of fewer pairs of one person, or of two, has no usual ratio and does not move."""

HEAD = f"""\
# How much oftener a finding is made of pairs of one person than of two (log2), in generated records of {SEEDS} seeds
# over {len(VARIATIONS)} error models, as the weights see them: `python -m bench.identity.usual`. `odds` are those of a
# candidate pair (log2).
"""


def main() -> None:
    """Write the data file."""
    variations = list(VARIATIONS)
    pairs = [one for seed in range(1, SEEDS + 1) for one in _seen(SIZE, seed, variations[(seed - 1) % len(variations)])]
    counts = Counts.of((one.levels, probability(one.bits)) for one in pairs)
    lines = [HEAD, "[pairs]", f"odds = {counts.odds:.2f}", f"records = {SIZE}"]
    told = sorted(one for one in counts.levels if min(counts.one[one], counts.two[one]) >= ENOUGH)
    for rule, levels in groupby(told, key=lambda one: one[0]):
        lines += ["", f"[{rule}]", *(f"{level} = {counts.ratio((rule, level)):.2f}" for _, level in levels)]
    TOLD.write_text("\n".join(lines) + "\n", "utf-8")


def _seen(size: int, seed: int, variation: str) -> list[Seen]:
    everyone = [profile(row) for row in generated(size, seed, variation).rows]
    pairs = ((everyone[a], everyone[b]) for a, b in candidates(everyone).pairs)
    return seen(pairs, matcher_of(everyone))


if __name__ == "__main__":
    main()
