"""How long one new record takes to find its person among very many that are known."""

import time
from dataclasses import dataclass
from statistics import median, quantiles

from bench.identity.data import generated
from crmgraph.domain.incremental import People
from crmgraph.domain.matching import Matcher
from crmgraph.domain.profiles import Profile
from crmgraph.domain.rarity import Shipped
from crmgraph.domain.trial import Row, profile

NEW = 500
SEED = 42


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Milliseconds a new record, from raw values to whom it is put together with; and how many pairs are weighed."""

    known: int
    usual: float
    slowest: float
    compared: float


def newcomers(known: int) -> Newcomers:
    """Let new records come, one by one, to those that are known and stand together already."""
    rows = generated(known + NEW, SEED).rows
    profiles = [profile(row) for row in rows[NEW:]]
    matcher = _Counting(Shipped(), known)
    people = People(matcher, profiles=profiles)
    people.anew(one.ref for one in profiles)
    matcher.asked = 0
    spent = [_one(row, people) for row in rows[:NEW]]
    return Newcomers(known, median(spent), quantiles(spent, n=100)[98], matcher.asked / NEW)


def _one(row: Row, people: People) -> float:
    begun = time.perf_counter()
    people.change([profile(row)])
    return (time.perf_counter() - begun) * 1000


class _Counting(Matcher):
    """A matcher that counts how many pairs it weighs."""

    asked = 0

    def bits(self, a: Profile, b: Profile) -> float:
        self.asked += 1
        return super().bits(a, b)
