"""What `identity calibrate` does to F1: on the error models that weights were fitted to, and on odd ones.

`python -m bench.identity.learning --size 4000 --seeds 15,18`
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from bench.identity.clerks import Labelled
from bench.identity.data import row_of
from bench.identity.figures import figures
from bench.identity.generator import generate
from bench.identity.parameters import USUAL, VARIATIONS, Parameters
from crmgraph.domain.calibrating import Moves, by_pairs, moved, seen
from crmgraph.domain.candidates import candidates
from crmgraph.domain.resolution import Line
from crmgraph.domain.trial import matcher_of, placed, profile
from crmgraph.domain.weights import Weights, shipped

ODD: Mapping[str, Parameters] = {
    "shared lines": replace(USUAL, switchboard=0.95, landline=0.95, family_mailbox=0.9, household=0.6),
    "recycled": replace(USUAL, recycled_mail=0.1, recycled_phone=0.15, namesake=0.08),
    "typed badly": replace(
        USUAL, name_typo=0.2, initial=0.15, swap=0.08, middle=0.2, mail_typo=0.06, phone_typo=0.08, company_typo=0.12
    ),
    "movers": replace(USUAL, job_change=0.6, new_number=0.5, married=0.4),
}
"""Error models that no weight was fitted to."""


def main(
    size: Annotated[int, typer.Option(help="Records of each seed.")] = 4_000,
    seeds: Annotated[str, typer.Option(help="Which, as 15,18; of 1 to 14 the usual ratios come.")] = "15,18",
) -> None:
    """Print F1 before and after, and the largest move in bits."""
    print(f"{'error model':14} seed  before   after  largest move")
    for name, parameters in {**VARIATIONS, **ODD}.items():
        for seed in map(int, seeds.split(",")):
            records = generate(size, seed, parameters)
            moves = learnt(records)
            before, after = f1(records, None), f1(records, moved(shipped(), moves))
            print(f"{name:14} {seed:4} {before:7.4f} {after:7.4f} {max(map(abs, moves.values())):10.1f}", flush=True)


def learnt(records: list[Labelled]) -> Moves:
    """What the pairs of these records say."""
    everyone = [profile(row_of(one)) for one in records]
    pairs = ((everyone[a], everyone[b]) for a, b in sorted(candidates(everyone).pairs))
    return by_pairs(seen(pairs, matcher_of(everyone)), len(everyone))


def f1(records: list[Labelled], weights: Weights | None) -> float:
    """How well people are found by these weights."""
    everyone = [profile(row_of(one)) for one in records]
    labels = [one.person_id for one in placed(everyone, Line.BALANCED, weights)]
    return figures(labels, [one.person_id for one in records]).f1


if __name__ == "__main__":
    typer.run(main)
