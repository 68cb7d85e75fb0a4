"""When two records are one person: what was found of them, weighed, as a probability that one can show.

Evidence is counted in bits (Fellegi and Sunter): one bit more doubles the odds. The sum of what speaks for and against,
from what is true of two records picked by their block, is the logarithm of the odds that they are one person.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import log2

from crmgraph.domain.findings import RULES, Finding, findings, household
from crmgraph.domain.profiles import Profile
from crmgraph.domain.rarity import Rarity
from crmgraph.domain.weights import Weight, Weights, shipped


class Band(StrEnum):
    """How sure it is that two records are one person, the surest first.

    `joined` are joined on either line, `likely` where the line is balanced, `suggested` never, but offered to a human.
    """

    JOINED = "joined"
    LIKELY = "likely"
    SUGGESTED = "suggested"
    APART = "apart"


LINES = {Band.JOINED: 4.0, Band.LIKELY: 0.0, Band.SUGGESTED: -4.0}
"""The bits from which on a pair is in a band."""


FEWEST = 500
"""How few people there may be to be told apart: a small file is a part of a larger world."""

ONE_SOURCE = Weight(-0.8, 0.0, "both of the one source")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding, the bits by which it speaks for (above 0) or against one person, and what it says in words."""

    rule: str
    bits: float
    reason: str


@dataclass(frozen=True, slots=True)
class Match:
    """How surely two records are one person, and all that says so, what weighs most first."""

    bits: float
    evidence: tuple[Evidence, ...]

    @property
    def band(self) -> Band:
        return band(self.bits)

    @property
    def probability(self) -> float:
        """The share of pairs with these bits that are one person, between 0 and 1."""
        return probability(self.bits)

    @property
    def reason(self) -> str:
        """The evidence in one line, such as "same e-mail +6.1; given name differs -7.3"."""
        return "; ".join(f"{one.reason} {one.bits:+.1f}" for one in self.evidence)


def band(bits: float) -> Band:
    """The band that so many bits are in."""
    return next((one for one, least in LINES.items() if bits >= least), Band.APART)


def probability(bits: float) -> float:
    """The probability that so many bits stand for."""
    return 1 / (1 + 2 ** -max(min(bits, 60.0), -60.0))


def explain(rule: str) -> str:
    """The sentences that users read about the rule of this name."""
    return next((" ".join((one.__doc__ or "").split()) for one in (*RULES, household) if one.__name__ == rule), "")


class Matcher:
    """Weighs two records: `rarity` is known from a store or shipped, never from the page that is looked at.

    `population` is how many people there are to be told apart. Where there is one source alone, being of
    one tells little.
    """

    def __init__(self, rarity: Rarity, population: int = 0, weights: Weights | None = None, sources: int = 2) -> None:
        self._weights = weights or shipped()
        self._of = self._weights.of if sources > 1 else {**self._weights.of, ("source", "same"): ONE_SOURCE}
        larger = log2(max(population, FEWEST) / self._weights.population)
        self._prior = self._weights.prior - self._weights.crowding * larger
        self._weighed = lru_cache(131_072)(self._weigh)
        self._surprise = lru_cache(262_144)(lambda kind, value: -log2(rarity.share(kind, value)))

    def bits(self, a: Profile, b: Profile) -> float:
        """The logarithm (base 2) of the odds that two records are one person."""
        return self._prior + sum(map(self._weighed, findings(a, b)))

    def match(self, a: Profile, b: Profile) -> Match:
        """As `bits`, with the evidence."""
        found = findings(a, b)
        told = [Evidence(one.rule, self._weighed(one), self._of[one.rule, one.level].says) for one in found]
        return Match(
            self._prior + sum(one.bits for one in told),
            tuple(sorted(told, key=lambda one: (-abs(one.bits), one.rule))),
        )

    def _weigh(self, found: Finding) -> float:
        weight = self._of[found.rule, found.level]
        return weight.at(self._surprise(found.kind, found.value)) if weight.rarity and found.kind else weight.bits
