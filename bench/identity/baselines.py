"""What is usually done: equal keys join, and where care is taken, only when names do not contradict.

On our normal forms: placeholders and role mailboxes are no keys, and spellings of one number are one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from crmgraph.domain.names import Level, levels
from crmgraph.domain.profiles import Profile

CROWD = 8
"""A key of more records than this joins nobody, where care is taken."""


class Union:
    """Groups of numbered records that grow together; each is named by its smallest number."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def find(self, one: int) -> int:
        parents = self._parents
        while parents[one] != one:
            parents[one] = one = parents[parents[one]]
        return one

    def join(self, a: int, b: int) -> None:
        a, b = sorted((self.find(a), self.find(b)))
        self._parents[b] = a

    def labels(self) -> list[int]:
        return [self.find(one) for one in range(len(self._parents))]


def by_keys(profiles: Sequence[Profile]) -> list[int]:
    """Whoever shares an e-mail, a phone, or a name at a company is one person."""
    union = Union(len(profiles))
    for places in _holders(profiles).values():
        for other in places[1:]:
            union.join(places[0], other)
    return union.labels()


def by_keys_and_names(profiles: Sequence[Profile]) -> list[int]:
    """As by keys, but names must not contradict, and what is crowded joins nobody."""
    union = Union(len(profiles))
    for places in _holders(profiles).values():
        if len(places) <= CROWD:
            for a, b in combinations(places, 2):
                if levels(profiles[a].name, profiles[b].name)[0] > Level.DIFFERENT:
                    union.join(a, b)
    return union.labels()


def _holders(profiles: Sequence[Profile]) -> dict[str, list[int]]:
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, profile in enumerate(profiles):
        for key in _keys(profile):
            holders[key].append(number)
    return holders


def _keys(profile: Profile) -> Iterator[str]:
    yield from profile.emails
    yield from profile.lines
    name = profile.name
    if name.given and name.family and profile.company:
        yield f"name:{name.full}:{profile.company}"
