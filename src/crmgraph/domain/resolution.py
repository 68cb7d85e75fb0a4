"""Which records are one person: pairs weighed, joined best first, each join of two groups guarded.

The outcome does not depend on the order of the profiles, and what it says of some people does not change when unrelated
people are looked at beside them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

from crmgraph.domain.candidates import FULL, candidates
from crmgraph.domain.crowding import told_apart
from crmgraph.domain.judgements import NOTHING, Judged
from crmgraph.domain.mailboxes import kept_apart
from crmgraph.domain.matching import LINES, Band, Matcher, band, probability
from crmgraph.domain.profiles import Profile, order
from crmgraph.domain.records import Ref

Group = tuple[Profile, ...]
Pair = tuple[Ref, Ref]
"""Two refs, the smaller one first by `order`."""

Places = tuple[int, int]

DECIDED = 1000.0
"""The bits of a judgement by people: more than any evidence."""

COMPARED = 12
"""How many records of a group are asked whether a join with another group is right; the join's own two always are."""

CLIPPED = 12.0
"""Bits: how much one pair may say for or against a join of groups."""


class Line(StrEnum):
    """How sure a join must be: `safe` joins what is nearly certain, `balanced` what is likely too."""

    SAFE = "safe"
    BALANCED = "balanced"

    @property
    def least(self) -> float:
        """The bits that a link must have."""
        return LINES[Band.JOINED if self is Line.SAFE else Band.LIKELY]

    @property
    def together(self) -> float:
        """The bits that all pairs of two groups must have in the mean for the groups to be joined."""
        return TOGETHER[self]


TOGETHER = {Line.SAFE: 3.4, Line.BALANCED: 0.0}
"""Read off generated records, seeds 1 to 16: what keeps the safe line at 995 right of 1,000 with a reserve."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decides: the line, the sources that hold nobody twice, how full a block may be. A key that more
    than `max_shared` records of one source hold joins nobody; None lets any number share one.
    """

    line: Line = Line.BALANCED
    duplicate_free: frozenset[str] = frozenset()
    full: int = FULL
    max_shared: int | None = None


class Obstacle(StrEnum):
    """Why two groups were not joined although two of their records match."""

    JUDGED = "judged"
    DUPLICATE_FREE = "duplicate_free"
    COLLEAGUES = "colleagues"
    STRANGERS = "strangers"

    @property
    def reason(self) -> str:
        """The sentence that users read."""
        return _OBSTACLES[self]


_OBSTACLES = {
    Obstacle.JUDGED: "Somebody decided that records of both are different people.",
    Obstacle.DUPLICATE_FREE: "The person would hold two records of a source that holds nobody twice.",
    Obstacle.COLLEAGUES: "Both have a mailbox at one company, each another, and no line in common.",
    Obstacle.STRANGERS: "Two of the records match, but the others of both are too unlike to be one person.",
}


class Fate(StrEnum):
    """What became of a link: its groups were joined, a guard refused that, or it was below the line."""

    JOINED = "joined"
    REFUSED = "refused"
    BELOW = "below"


_SHIFTS = {Fate.JOINED: 0.9, Fate.REFUSED: -3.0, Fate.BELOW: -1.1}
"""Bits that a link gains or loses by what the records around it said: read off generated records, seeds 15 to 20."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that may be one person, the smaller ref first, the bits that say so, and what came of it."""

    a: Ref
    b: Ref
    bits: float
    fate: Fate = Fate.JOINED

    @property
    def band(self) -> Band:
        return band(self.bits)

    @property
    def judged(self) -> bool:
        """Whether people decided it."""
        return self.bits >= DECIDED

    @property
    def probability(self) -> float:
        """The share of links like this one that are one person, between 0 and 1.

        The records around them have their say: of pairs that look alike, those whose groups agree are one person more
        often than those whose groups were kept apart.
        """
        return probability(self.bits + _SHIFTS[self.fate])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A link that would have joined two groups which must not become one."""

    link: Link
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class Resolution:
    """Everybody: each cluster and the list of clusters by ref.

    `links` are those within clusters, the best first, `refusals` those that a guard kept from joining, `suggestions`
    those below the line; `skipped` says how many records were too many for their block, by its kind.
    """

    clusters: tuple[Group, ...]
    links: tuple[Link, ...]
    refusals: tuple[Refusal, ...]
    suggestions: tuple[Link, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)


USUAL = Policy()

NONE: Mapping[str, int] = {}


def resolved(
    profiles: Iterable[Profile], matcher: Matcher, policy: Policy = USUAL, judged: Judged = NOTHING
) -> Resolution:
    """Put `profiles` (one profile per ref) together into persons."""
    members = {order(profile.ref): profile for profile in profiles}
    everyone = told_apart([members[place] for place in sorted(members)], policy.max_shared)
    found = candidates(everyone, policy.full)
    return clustered(everyone, found.pairs, matcher, policy, judged, found.skipped)


def clustered(
    everyone: Sequence[Profile],
    pairs: Iterable[Places],
    matcher: Matcher,
    policy: Policy = USUAL,
    judged: Judged = NOTHING,
    skipped: Mapping[str, int] = NONE,
) -> Resolution:
    """As `resolved`, of profiles in the order of their refs, without what too many share, and the pairs among them that
    are worth comparing.
    """
    return _Joining(everyone, matcher, policy, judged).of(pairs, skipped)


class _Joining:
    """One resolution under way: the groups so far, and the bits of every pair that was asked about."""

    def __init__(self, everyone: Sequence[Profile], matcher: Matcher, policy: Policy, judged: Judged) -> None:
        self.everyone = everyone
        self.matcher = matcher
        self.policy = policy
        self.bits: dict[Places, float] = {}
        self.group_of = list(range(len(everyone)))
        self.groups = {place: [place] for place in self.group_of}
        places = (
            {profile.ref: place for place, profile in enumerate(everyone)} if judged.same or judged.different else {}
        )
        self.same = _known(judged.same, places)
        self.different = set(_known(judged.different, places))

    def of(self, pairs: Iterable[Places], skipped: Mapping[str, int]) -> Resolution:
        suggested = LINES[Band.SUGGESTED]
        scored = [(self._between(*pair), pair) for pair in pairs if pair not in self.different]
        scored = [one for one in scored if one[0] >= suggested]
        scored.sort(key=lambda one: (-one[0], one[1]))
        decided = [(DECIDED, pair) for pair in self.same]
        links: list[Link] = []
        refusals: list[Refusal] = []
        below: list[tuple[float, Places]] = []
        for bits, pair in (*decided, *scored):
            if bits < self.policy.line.least:
                below.append((bits, pair))
                continue
            obstacle = self._joined(pair, decided=bits == DECIDED)
            link = self._link(bits, pair, Fate.JOINED if obstacle is None else Fate.REFUSED)
            links.append(link) if obstacle is None else refusals.append(Refusal(link, obstacle))
        suggestions = [
            self._link(*one, Fate.BELOW) for one in below if self.group_of[one[1][0]] != self.group_of[one[1][1]]
        ]
        return Resolution(self._clusters(), tuple(links), tuple(refusals), tuple(suggestions), skipped)

    def _joined(self, pair: Places, decided: bool) -> Obstacle | None:
        """Join the groups of two records, unless something stands in the way."""
        a, b = self.group_of[pair[0]], self.group_of[pair[1]]
        if a == b:
            return None
        ours, theirs = self.groups[a], self.groups[b]
        obstacle = None if decided else self._obstacle(ours, theirs)
        if obstacle is None:
            for place in self.groups.pop(b):
                ours.append(place)
                self.group_of[place] = a
        return obstacle

    def _obstacle(self, ours: list[int], theirs: list[int]) -> Obstacle | None:
        if self.different and any((min(pair), max(pair)) in self.different for pair in product(ours, theirs)):
            return Obstacle.JUDGED
        if self.policy.duplicate_free and self.policy.duplicate_free & self._sources(ours) & self._sources(theirs):
            return Obstacle.DUPLICATE_FREE
        if self._are_colleagues(_some(ours), _some(theirs)):
            return Obstacle.COLLEAGUES
        if len(ours) + len(theirs) > 2 and self._mean(_some(ours), _some(theirs)) < self.policy.line.together:
            return Obstacle.STRANGERS
        return None

    def _are_colleagues(self, ours: list[int], theirs: list[int]) -> bool:
        """Whether one company keeps a mailbox for each of two groups, who have no mailbox and no line in common."""
        met = [(self.everyone[a], self.everyone[b]) for a, b in product(ours, theirs)]
        if not any(kept_apart(x, y) for a, b in met for x, y in product(a.emails, b.emails)):
            return False
        return all(set(a.lines).isdisjoint(b.lines) and set(a.emails).isdisjoint(b.emails) for a, b in met)

    def _mean(self, ours: list[int], theirs: list[int]) -> float:
        said = [self._between(min(pair), max(pair)) for pair in product(ours, theirs)]
        return sum(min(max(bits, -CLIPPED), CLIPPED) for bits in said) / len(said)

    def _between(self, a: int, b: int) -> float:
        known = self.bits.get((a, b))
        if known is None:
            known = self.bits[a, b] = self.matcher.bits(self.everyone[a], self.everyone[b])
        return known

    def _sources(self, group: list[int]) -> set[str]:
        return {self.everyone[place].ref.source for place in group}

    def _link(self, bits: float, pair: Places, fate: Fate) -> Link:
        return Link(self.everyone[pair[0]].ref, self.everyone[pair[1]].ref, bits, fate)

    def _clusters(self) -> tuple[Group, ...]:
        groups = sorted(sorted(group) for group in self.groups.values())
        return tuple(tuple(self.everyone[place] for place in group) for group in groups)


def _known(pairs: Iterable[Pair], places: Mapping[Ref, int]) -> list[Places]:
    """The places of those pairs that are both here."""
    found = ((places.get(a), places.get(b)) for a, b in pairs)
    return sorted((min(a, b), max(a, b)) for a, b in found if a is not None and b is not None)


def _some(group: list[int]) -> list[int]:
    """A group's records, or so many of them, evenly spread, that comparing two groups stays cheap."""
    if len(group) <= COMPARED:
        return group
    spread = sorted(group)
    return [spread[place * len(spread) // COMPARED] for place in range(COMPARED)]
