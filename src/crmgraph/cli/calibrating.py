"""`identity calibrate`: the weights estimated anew from one's own records or judgements, shown beside the old ones."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from crmgraph.app import App
from crmgraph.cli.ending import Code, end, give, say
from crmgraph.cli.identifying import progress, read, whole
from crmgraph.cli.settings import settings
from crmgraph.domain.calibrating import PRIOR, Moves, by_judgements, by_pairs, moved, seen
from crmgraph.domain.candidates import candidates
from crmgraph.domain.errors import InputError
from crmgraph.domain.judgements import Judged
from crmgraph.domain.profiles import Profile
from crmgraph.domain.trial import matcher_of
from crmgraph.domain.weight_files import as_text
from crmgraph.domain.weights import Weights, shipped

FEWEST = {"pairs": 200, "judgements": 10}
"""Of fewer, nothing is learnt that would be worth a file."""


def run(file: Path | None, config: Path, source: str, out: Path) -> None:
    """Estimate the weights from a file's records, or the replica's, and write them; ends with 1 where too little is
    known.
    """
    if file is not None and source == "judgements":
        raise InputError("A file holds no judgements; leave it out, and those in our store are taken.")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent} to write {out.name} into.")
    everyone, judged = (read_file(file), None) if file is not None else asyncio.run(_stored(config))
    count, moves = _judgements(everyone, judged) if judged and source == "judgements" else _pairs(everyone)
    if count < FEWEST[source]:
        say(f"{count:,} {source} are too few to learn from; there must be {FEWEST[source]}. Nothing was written.")
        end(Code.FINDINGS)
    weights = moved(shipped(), moves)
    with whole(out) as written:
        written.write(as_text(weights, _head(source, count, len(everyone))))
    for line in _table(weights, moves):
        give(line)


def read_file(file: Path) -> list[Profile]:
    """Everybody in a file of the kind that `identity try` reads."""
    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    with progress() as bar:
        return read(file, bar)


async def _stored(config: Path) -> tuple[Sequence[Profile], Judged]:
    """Everybody in the replica, and what people judged of them."""
    app = App(settings(config))
    try:
        resolving = await app.resolving()
        return await resolving.everyone(), await resolving.judgements.standing()
    finally:
        await app.aclose()


def _pairs(everyone: Sequence[Profile]) -> tuple[int, Moves]:
    pairs = candidates(everyone).pairs
    found = seen(((everyone[a], everyone[b]) for a, b in sorted(pairs)), matcher_of(everyone))
    return len(found), by_pairs(found, len(everyone))


def _judgements(everyone: Sequence[Profile], judged: Judged) -> tuple[int, Moves]:
    """What people said of pairs whose records are both still there."""
    known = {one.ref: one for one in everyone}
    said = [(pair, pair in judged.same) for pair in sorted(chain(judged.same, judged.different))]
    held = [((known[a], known[b]), same) for (a, b), same in said if a in known and b in known]
    found = seen([pair for pair, _ in held], matcher_of(everyone))
    return len(held), by_judgements(list(zip(found, [same for _, same in held], strict=True)))


def _head(source: str, count: int, records: int) -> str:
    how = {
        "pairs": f"expectation maximisation over {count:,} unlabelled pairs of {records:,} records",
        "judgements": f"logistic regression over {count:,} pairs that people judged",
    }[source]
    return (
        "What each finding weighs, in bits: one bit more doubles the odds that two records are one person.\n"
        f"Estimated by {how}, from the weights that come with the program."
    )


def _table(weights: Weights, moves: Moves) -> Iterator[str]:
    """What moved, in bits: before and after."""
    usual = shipped()
    yield f"{'rule':14}{'finds':14}{'before':>8}{'after':>8}"
    if abs(moves.get(PRIOR, 0.0)) >= LEAST:
        yield f"{'prior':28}{usual.prior:8.1f}{weights.prior:8.1f}"
    for (rule, level), one in weights.of.items():
        if abs(moves.get((rule, level), 0.0)) >= LEAST:
            yield f"{rule:14}{level:14}{usual.of[rule, level].bits:8.1f}{one.bits:8.1f}"


LEAST = 0.05
"""Bits: a smaller move is none to be shown."""
