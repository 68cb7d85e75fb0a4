"""The weights estimated anew from one's own records: how oftener pairs of one person agree there than others do.

From unlabelled pairs by expectation maximisation (Fellegi and Sunter): the weights say how likely each pair is one
person, and from that it is counted how often each finding is made of one person (m) and of two (u). The weights are not
log2(m/u), for findings tell of each other: a shared mailbox says little more once the names agree. They take that into
account, and move only by what log2(m/u) is here above what it is in the records that they were estimated from. From
people's judgements by logistic regression, whose prior are the weights.

No weight moves further than `MOST` bits, and the less the fewer pairs speak for it: a dirty file is learnt, and a small
one does not run away.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, log2

from crmgraph.domain.findings import findings
from crmgraph.domain.matching import FEWEST, Matcher, probability
from crmgraph.domain.profiles import Profile
from crmgraph.domain.ratios import Counts, Level, usual_ratios
from crmgraph.domain.weights import Weights, shipped

Moves = Mapping[Level, float]
"""By how many bits each weight moves; PRIOR is the prior's."""

PRIOR: Level = ("prior", "bits")

MOST = 3.0
"""Bits: how far a weight moves at the most."""

SPREAD = 0.25
"""Bits: how much weights are thought to differ from file to file (a standard deviation); few pairs teach less."""

TRUST = 1.0
"""Bits: as SPREAD, where people judged."""

ROUNDS = 3
"""How often it is estimated anew: after that it hardly moves, or confirms itself."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A pair: the bits that the weights give it, and what was found of it."""

    bits: float
    levels: tuple[Level, ...]


def seen(pairs: Iterable[tuple[Profile, Profile]], matcher: Matcher) -> list[Seen]:
    """What the matcher sees of pairs."""
    return [Seen(matcher.bits(a, b), tuple((one.rule, one.level) for one in findings(a, b))) for a, b in pairs]


def moved(weights: Weights, moves: Moves) -> Weights:
    """The weights after they moved."""
    of = {level: replace(one, bits=one.bits + moves.get(level, 0.0)) for level, one in weights.of.items()}
    return replace(weights, prior=weights.prior + moves.get(PRIOR, 0.0), of=of)


def by_pairs(pairs: Sequence[Seen], records: int) -> Moves:
    """What unlabelled candidate pairs of so many records say."""
    moves: dict[Level, float] = {}
    for _ in range(ROUNDS if pairs else 0):
        counts = Counts.of((one.levels, probability(_bits(one, moves))) for one in pairs)
        usual = usual_ratios()
        moves = {
            level: _less(counts.ratio(level) - usual.of[level], counts.variance(level), SPREAD)
            for level in counts.levels
            if level in usual.of
        }
        crowding = shipped().crowding * log2(max(records, FEWEST) / usual.records)
        moves[PRIOR] = _less(counts.odds - usual.odds + crowding, counts.odds_variance, SPREAD)
    return moves


def by_judgements(judged: Sequence[tuple[Seen, bool]]) -> Moves:
    """What people say of pairs: the moves that make it likeliest, small ones being likelier than large ones.

    One weight after the other is moved by a step of Newton's, until all are where they stay.
    """
    moves: dict[Level, float] = {}
    having: defaultdict[Level, list[int]] = defaultdict(list)
    bits = [one.bits for one, _ in judged]
    for place, (one, _) in enumerate(judged):
        for level in one.levels:
            having[level].append(place)
    for _ in range(50):
        largest = 0.0
        for level, places in sorted(having.items()):
            before = moves.get(level, 0.0)
            moves[level] = max(-MOST, min(MOST, before + _step(before, [(bits[at], judged[at][1]) for at in places])))
            for at in places:
                bits[at] += moves[level] - before
            largest = max(largest, abs(moves[level] - before))
        if largest < 1e-3:
            break
    return moves


def _step(move: float, said: Iterable[tuple[float, bool]]) -> float:
    """A step of Newton's for one weight, in bits, under a normal prior with the deviation TRUST."""
    slope, bend = -move / TRUST**2, 1 / TRUST**2
    for bits, same in said:
        likely = probability(bits)
        slope += log(2) * (same - likely)
        bend += log(2) ** 2 * likely * (1 - likely)
    return slope / bend


def _bits(one: Seen, moves: Moves) -> float:
    return one.bits + moves.get(PRIOR, 0.0) + sum(moves.get(level, 0.0) for level in one.levels)


def _less(move: float, variance: float, spread: float) -> float:
    """A move, the less the less sure it is, and never too far."""
    return max(-MOST, min(MOST, move * spread**2 / (spread**2 + variance)))
