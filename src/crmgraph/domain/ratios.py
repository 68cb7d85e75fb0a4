"""How much oftener a finding is made of two records of one person than of two people: counted, and what is usual."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import log, log2

Level = tuple[str, str]
"""A rule and what it found."""

SIGNS = frozenset({"household", "namesake", "source"})
"""The rules that look at every pair: what they find is there or is not, and not one of several that compare values."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each finding, and each rule's any finding, is made of pairs of one person and of two."""

    one: Mapping[Level, float]
    two: Mapping[Level, float]
    ones: float
    twos: float

    @classmethod
    def of(cls, pairs: Iterable[tuple[Iterable[Level], float]]) -> "Counts":
        """Count pairs: what was found of each, and how likely it is one person."""
        one: defaultdict[Level, float] = defaultdict(float)
        two: defaultdict[Level, float] = defaultdict(float)
        ones = twos = 0.0
        for levels, likely in pairs:
            ones += likely
            twos += 1 - likely
            for level in levels:
                for name in (level, (level[0], "")):
                    one[name] += likely
                    two[name] += 1 - likely
        return cls(one, two, ones, twos)

    @property
    def levels(self) -> list[Level]:
        return [level for level in self.one if level[1]]

    @property
    def odds(self) -> float:
        """The logarithm of the odds that a pair is one person."""
        return log2((self.ones + 1) / (self.twos + 1))

    @property
    def odds_variance(self) -> float:
        return (1 / (self.ones + 1) + 1 / (self.twos + 1)) / log(2) ** 2

    def ratio(self, level: Level) -> float:
        """log2(m/u), among pairs of which the rule found anything; of a sign, of those with it beside those without."""
        one, two, ones, twos = self._shares(level)
        return log2((one + 1) / (ones + 1)) - log2((two + 1) / (twos + 1))

    def variance(self, level: Level) -> float:
        """Of the ratio, in bits."""
        one, two, ones, twos = self._shares(level)
        return sum(1 / (count + 1) for count in (one, two, ones, twos)) / log(2) ** 2

    def _shares(self, level: Level) -> tuple[float, float, float, float]:
        one, two, rule = self.one.get(level, 0.0), self.two.get(level, 0.0), (level[0], "")
        if level[0] in SIGNS:
            return one, two, self.ones - one, self.twos - two
        return one, two, self.one.get(rule, 0.0), self.two.get(rule, 0.0)


@dataclass(frozen=True, slots=True)
class Usual:
    """The ratios, and the odds of a candidate pair, in the records that the weights were estimated from, so many in
    each of their files.
    """

    odds: float
    records: int
    of: Mapping[Level, float]


@lru_cache(1)
def usual_ratios() -> Usual:
    """Those of the data file, which says where they come from."""
    told = tomllib.loads((files("crmgraph.domain") / "usual_ratios.toml").read_text("utf-8"))
    head = told.pop("pairs")
    of = {(rule, level): float(ratio) for rule, levels in told.items() for level, ratio in levels.items()}
    return Usual(float(head["odds"]), int(head["records"]), of)
