"""Putting profiles together by one policy, for as long as the gateway lives.

How common a value is comes from the shipped table and, once a source is known whole, from the counts of the key index:
never from the page. What was weighed and put together lately is remembered.
"""

from collections.abc import Collection, Mapping
from copy import copy
from functools import lru_cache
from typing import Protocol

from crmgraph.domain.judgements import Judged
from crmgraph.domain.matching import Match, Matcher
from crmgraph.domain.profiles import Profile
from crmgraph.domain.rarity import Counted, Shipped
from crmgraph.domain.resolution import Policy, Resolution, resolved
from crmgraph.domain.weights import Weights
from crmgraph.service.judging import Judging

GROWN = 0.1
"""By which part the records that are known must be more or fewer for their values to be counted anew."""

AT_LEAST = 10_000
"""How many people there are to be told apart when fewer are known: nobody has read all of the sources then."""

PAIRS = 65_536
"""How many pairs of records are remembered with what they weigh."""

PAGES = 256
"""How many sets of records are remembered with the persons that they are."""


class Census(Protocol):
    """Who counts all records that are known."""

    def people(self) -> int:
        """How many records are known; 0 while no source is known whole."""

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Kind → value → the number of records that hold it."""


class _Remembering(Matcher):
    """A matcher that weighs a pair once."""

    def __init__(self, census: Census, people: int, sources: int, weights: Weights | None) -> None:
        shipped = Shipped()
        rarity = Counted(census.counts(), shipped) if people else shipped
        super().__init__(rarity, max(people, AT_LEAST), weights, sources)
        self._known = lru_cache(PAIRS)(super().bits)

    def bits(self, a: Profile, b: Profile) -> float:
        return self._known(a, b)


class Resolver:
    """What the records of all operations are put together by; `sources` is how many sources there are, and `weights`
    are the shipped ones otherwise.
    """

    def __init__(
        self, policy: Policy, census: Census, judging: Judging, sources: int = 2, weights: Weights | None = None
    ) -> None:
        self.judging = judging
        self._sources = sources
        self._weights = weights
        self._policy = policy
        self._census = census
        self._people = 0
        self.renewals = 0
        """How often something may weigh otherwise than before."""
        self._renew()

    def supposing(self, judging: Judging) -> "Resolver":
        """One that takes other things for decided, and is the same besides."""
        other = copy(self)
        other.judging = judging
        other._renew_pages(judging.judged)
        return other

    async def ready(self) -> bool:
        """Take in what people decided and how common values are by now; False where the former cannot be told."""
        people = self._census.people()
        if abs(people - self._people) > GROWN * self._people:
            self._people = people
            self._renew()
        return await self.judging.ready()

    def resolve(self, profiles: frozenset[Profile]) -> Resolution:
        """The persons that these records are."""
        if self._pages_by is not self.judging.judged:
            self._renew_pages(self.judging.judged)
        return self._pages(profiles)

    def everybody(self, profiles: Collection[Profile]) -> Resolution:
        """The persons that very many records are, which is not remembered here."""
        return resolved(profiles, self._matcher, self._policy, self.judging.judged)

    @property
    def least(self) -> float:
        """The bits from which on records are joined."""
        return self._policy.line.least

    def may_join(self, a: Profile, b: Profile) -> bool:
        """Whether two records are joined where nothing stands in the way."""
        return self._matcher.bits(a, b) >= self._policy.line.least

    def match(self, a: Profile, b: Profile) -> Match:
        """How surely two records are one person, and why."""
        return self._matcher.match(a, b)

    def _renew(self) -> None:
        self.renewals += 1
        self._matcher = _Remembering(self._census, self._people, self._sources, self._weights)
        self._renew_pages(self.judging.judged)

    def _renew_pages(self, judged: Judged) -> None:
        matcher, policy = self._matcher, self._policy
        self._pages_by = judged
        self._pages = lru_cache(PAGES)(lambda profiles: resolved(profiles, matcher, policy, judged))
