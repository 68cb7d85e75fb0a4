"""What each finding weighs, in bits, as `weights.toml` says it, and the words in which it is told."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

USUAL_SURPRISE = 10.0
"""Bits: a value that one person in a thousand holds; what is rarer weighs more than a finding's own bits."""

SURPRISES = (4.0, 16.0)
"""Bits: how common and how rare a value counts at the most, as no count is to be trusted beyond."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A finding's bits for a value of usual rarity, what a bit of rarity adds, and how it is told."""

    bits: float
    rarity: float
    says: str

    def at(self, surprise: float) -> float:
        """The bits for a value that is held with a probability of 2 to the power of -`surprise`."""
        least, most = SURPRISES
        return self.bits + self.rarity * (min(max(surprise, least), most) - USUAL_SURPRISE)


@dataclass(frozen=True, slots=True)
class Weights:
    """All weights, by rule and level.

    `prior` is what two records that share a block start from among `population` records; `crowding` is what twice as
    many take away: not a whole bit, as much of what is compared tells people apart in any crowd.
    """

    prior: float
    population: int
    crowding: float
    of: Mapping[tuple[str, str], Weight]


@lru_cache(1)
def shipped() -> Weights:
    """The weights of the data file, which says how they were estimated."""
    told = tomllib.loads((files("crmgraph.domain") / "weights.toml").read_text("utf-8"))
    head = told.pop("prior")
    of = {
        (rule, level): Weight(float(one["bits"]), float(one.get("rarity", 0)), one["says"])
        for rule, levels in told.items()
        for level, one in levels.items()
    }
    return Weights(float(head["bits"]), int(head["population"]), float(head["crowding"]), of)
