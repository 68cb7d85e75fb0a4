"""Whether the probability that is shown is the share of pairs that are one person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.identity.labels import Data
from crmgraph.domain.matching import LINES, Band
from crmgraph.domain.resolution import Link, resolved
from crmgraph.domain.trial import matcher_of, profile

STEP = 2.0
"""Bits: how wide a bin is."""

Pair = tuple[Link, bool]
"""A link that is shown, whether it was joined or not, and whether it is one person."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Pairs of like bits: how many there are, the mean probability shown, and the share that are one person."""

    name: str
    pairs: int
    shown: float
    true: float


def calibration(several: Sequence[Data]) -> tuple[list[Shown], list[Shown]]:
    """By band, and by bits in steps from the lowest that is offered on."""
    pairs = [pair for data in several for pair in _pairs(data)]
    least = LINES[Band.SUGGESTED]
    steps = {
        least + STEP * step: f"{least + STEP * step:+.0f} to {least + STEP * (step + 1):+.0f}" for step in range(12)
    }
    bins = _grouped((_step(link.bits, steps), (link, same)) for link, same in pairs)
    bands = _grouped((link.band.value, (link, same)) for link, same in pairs)
    order = [one.value for one in Band if one.value in bands]
    return [_shown(name, bands[name]) for name in order], [
        _shown(name, bins[name]) for name in steps.values() if name in bins
    ]


def _pairs(data: Data) -> Iterable[Pair]:
    profiles = [profile(row) for row in data.rows]
    whose = {one.ref: person for one, person in zip(profiles, data.truth, strict=True)}
    found = resolved(profiles, matcher_of(profiles))
    for link in (*found.links, *(one.link for one in found.refusals), *found.suggestions):
        yield link, whose[link.a] == whose[link.b]


def _step(bits: float, steps: Mapping[float, str]) -> str:
    return steps[max(least for least in steps if bits >= least)]


def _grouped(named: Iterable[tuple[str, Pair]]) -> Mapping[str, list[Pair]]:
    groups: defaultdict[str, list[Pair]] = defaultdict(list)
    for name, pair in named:
        groups[name].append(pair)
    return groups


def _shown(name: str, pairs: Sequence[Pair]) -> Shown:
    shown = sum(link.probability for link, _ in pairs) / len(pairs)
    return Shown(name, len(pairs), shown, sum(same for _, same in pairs) / len(pairs))
