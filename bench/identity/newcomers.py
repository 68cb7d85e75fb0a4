"""How long one new record takes to find its person among very many that are known."""

import time
from collections import defaultdict
from dataclasses import dataclass
from statistics import median, quantiles

from bench.identity.data import generated
from crmgraph.domain.candidates import FULL, blocks
from crmgraph.domain.matching import Matcher
from crmgraph.domain.profiles import Profile
from crmgraph.domain.rarity import Shipped
from crmgraph.domain.trial import Row, profile

NEW = 500
SEED = 42


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Milliseconds a new record, from raw values to the bits of everybody worth comparing; and how many those are."""

    known: int
    usual: float
    slowest: float
    compared: float


def newcomers(known: int) -> Newcomers:
    """Score new records, one by one, against an index of the blocks of those that are known."""
    rows = generated(known + NEW, SEED).rows
    profiles = [profile(row) for row in rows[NEW:]]
    index: defaultdict[str, list[Profile]] = defaultdict(list)
    for one in profiles:
        for block in blocks(one):
            index[block].append(one)
    matcher = Matcher(Shipped(), known)
    spent, compared = zip(*[_one(row, index, matcher) for row in rows[:NEW]], strict=True)
    return Newcomers(known, median(spent), quantiles(spent, n=100)[98], sum(compared) / NEW)


def _one(row: Row, index: dict[str, list[Profile]], matcher: Matcher) -> tuple[float, int]:
    begun = time.perf_counter()
    one = profile(row)
    near = {other.ref: other for block in blocks(one) if len(held := index.get(block, ())) <= FULL for other in held}
    for other in near.values():
        matcher.bits(one, other)
    return (time.perf_counter() - begun) * 1000, len(near)
