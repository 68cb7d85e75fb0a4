"""Ids that stay: which id each person has, now that records were put together anew.

An id goes where most of the records are that had it; of several in one person the one with the most records there stays
and the others redirect to it for ever, or until their records come apart again, which get their id back. What was not
read is not judged: a person with a record of a source that was not read, and whoever was put together with them, stay
as they were, and only new records join them.

Nothing here depends on the order in which clusters or their records are handed over.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NewType

from msgspec import Struct, field

from crmgraph.domain.profiles import order
from crmgraph.domain.records import Ref

PersonId = NewType("PersonId", str)
"""Opaque, and nobody else's for ever."""


class Known(Struct, frozen=True):
    """What was assigned before: whom each record belongs to, the persons' ages (less is older), and the ids that
    redirect, always to one that does not, with the records that each of them had and when it was `retired` (less is
    earlier).
    """

    members: Mapping[Ref, PersonId] = field(default_factory=dict)
    ages: Mapping[PersonId, int] = field(default_factory=dict)
    aliases: Mapping[PersonId, PersonId] = field(default_factory=dict)
    former: Mapping[PersonId, frozenset[Ref]] = field(default_factory=dict)
    retired: Mapping[PersonId, int] = field(default_factory=dict)


class Assignment(Struct, frozen=True):
    """What changes: records that come to another person, new ids in their order, ids that redirect elsewhere now (None:
    they do no longer), the records of those that redirect for the first time since they were a person's, and for each
    id that came off another one, which.
    """

    members: Mapping[Ref, PersonId] = field(default_factory=dict)
    born: tuple[PersonId, ...] = ()
    aliases: Mapping[PersonId, PersonId | None] = field(default_factory=dict)
    former: Mapping[PersonId, frozenset[Ref]] = field(default_factory=dict)
    splits: Mapping[PersonId, PersonId] = field(default_factory=dict)


NO_CHANGE = Assignment()


def assigned(
    known: Known,
    clusters: Iterable[Iterable[Ref]],
    read: Collection[str],
    new: Callable[[], PersonId],
    whole: bool = False,
) -> Assignment:
    """What the clusters, each record in one of them, change in what was known.

    `known` has every record of the persons that it tells of. `read` are the sources that were read so far that a record
    in no cluster can be taken for gone. `new` draws an id. With `whole` the clusters are of everything there is, and
    while a source is missing nobody is judged anew at all: what kept two people apart may lie there.
    """
    groups = sorted((tuple(sorted(one, key=order)) for one in clusters if one), key=lambda group: order(group[0]))
    work = _Assigning(known, groups, read, whole)
    work.keep()
    work.give_back()
    work.bear(new)
    work.retire()
    work.redirect()
    return work.outcome()


def after(known: Known, change: Assignment) -> Known:
    """What is known once a change is made."""
    oldest_new = max(known.ages.values(), default=0) + 1
    ages = {one: number for number, one in enumerate(change.born, start=oldest_new)}
    aliases = {one: to for one, to in {**known.aliases, **change.aliases}.items() if to is not None}
    former = {**known.former, **change.former}
    retired = {**known.retired, **dict.fromkeys(change.former, max(known.retired.values(), default=0) + 1)}
    return Known(
        members={**known.members, **change.members},
        ages={**known.ages, **ages},
        aliases=aliases,
        former={one: refs for one, refs in former.items() if one in aliases},
        retired={one: number for one, number in retired.items() if one in aliases},
    )


class _Assigning:
    """The work on one set of clusters, step by step; `ids` are those of the groups, None where none is found yet."""

    def __init__(self, known: Known, groups: Sequence[tuple[Ref, ...]], read: Collection[str], whole: bool) -> None:
        self.known, self.groups = known, groups
        self.found = {ref: place for place, group in enumerate(groups) for ref in group}
        self.held = _held(known.members)
        self.frozen = self._frozen(read, whole)
        self.ids: list[PersonId | None] = [None] * len(groups)
        self.born: list[PersonId] = []
        self.moved: dict[Ref, PersonId] = {}
        self.aliases: dict[PersonId, PersonId | None] = {}
        self.former: dict[PersonId, frozenset[Ref]] = {}
        self.claims = Counter((known.members[ref], place) for ref, place in self.found.items() if ref in known.members)
        self.thawed = {person for person, place in self.claims if place not in self.frozen}

    def _frozen(self, read: Collection[str], whole: bool) -> set[int]:
        """The groups that hang together, over persons, with a record that was not read; of a whole, all groups do."""
        touched: defaultdict[PersonId, set[int]] = defaultdict(set)
        for ref, place in self.found.items():
            if ref in self.known.members:
                touched[self.known.members[ref]].add(place)
        frozen: set[int] = set()
        waiting = {place for person, at in touched.items() if not self._read(person, read) for place in at}
        if whole and waiting:
            return {place for at in touched.values() for place in at}
        while waiting:
            frozen |= waiting
            members = [self.known.members.get(ref) for place in waiting for ref in self.groups[place]]
            waiting = {place for person in members if person is not None for place in touched[person]} - frozen
        return frozen

    def _read(self, person: PersonId, read: Collection[str]) -> bool:
        return all(ref in self.found or ref.source in read for ref in self.held[person])

    def keep(self) -> None:
        """Let ids and groups choose each other: an id goes to the group with the most of its own records, unless one
        with more records there does. What is frozen keeps all its ids, and has one for new records.
        """
        for person, place in sorted(self.claims, key=lambda claim: self._rank(*claim)):
            if place in self.frozen and self.ids[place] is None:
                self.ids[place] = person
        wishes = {person: iter(places) for person, places in self._wishes().items()}
        waiting = sorted(wishes, key=lambda person: self.known.ages[person])
        while waiting:
            person = waiting.pop()
            for place in wishes[person]:
                rival = self.ids[place]
                if rival is None or self._rank(person, place) < self._rank(rival, place):
                    self.ids[place] = person
                    waiting.extend([] if rival is None else [rival])
                    break

    def _rank(self, person: PersonId, place: int) -> tuple[int, int]:
        """The most records in a group first, and of as many the older id."""
        return (-self.claims[person, place], self.known.ages[person])

    def _wishes(self) -> Mapping[PersonId, Sequence[int]]:
        """The groups that an id would go to, the best first: those with the records that have had it longest."""
        came = self._came()
        longest: dict[PersonId, int] = {}
        theirs = [(self.known.members[ref], came[ref], place) for ref, place in self.found.items() if ref in came]
        for person, when, _ in theirs:
            longest[person] = min(when, longest.get(person, when))
        own = Counter((person, place) for person, when, place in theirs if when == longest[person])
        wishes: defaultdict[PersonId, list[int]] = defaultdict(list)
        for person, place in sorted(own, key=lambda one: (-own[one], -self.claims[one], one[1])):
            wishes[person].append(place)
        return wishes

    def _came(self) -> Mapping[Ref, int]:
        """When each record that is not frozen came to its person with another id that was retired; 0 for its own."""
        members = self.known.members
        came = {ref: 0 for ref in self.found if members.get(ref) in self.thawed}
        for one, refs in self.known.former.items():
            for ref in refs:
                if ref in came and members[ref] == self.known.aliases[one]:
                    came[ref] = max(came[ref], self.known.retired[one])
        return came

    def give_back(self) -> None:
        """Give a group without an id one that redirects since the group's records came to another person: the one with
        the most records there, of several the one that was a person's last.
        """
        for one, place in self._returns():
            if self.ids[place] is None and one not in self.aliases:
                self.ids[place], self.aliases[one] = one, None
                refs, target = self.known.former[one], self.known.aliases[one]
                gone = [ref for ref in refs if ref not in self.found and self.known.members.get(ref) == target]
                self.moved.update(dict.fromkeys(gone, one))

    def _returns(self) -> Sequence[tuple[PersonId, int]]:
        """Ids that redirect, each with the groups that hold the most of its records, the best first."""
        claims = []
        for one, target in self.known.aliases.items():
            if target in self.thawed:
                there = Counter(self.found[ref] for ref in self.known.former[one] if ref in self.found)
                most = max(there.values(), default=0)
                claims += [(-most, -self.known.retired[one], place, one) for place in there if there[place] == most]
        return [(one, place) for _, _, place, one in sorted(claims)]

    def bear(self, new: Callable[[], PersonId]) -> None:
        """Draw an id for whoever has none, and note whom each record belongs to now."""
        for place, group in enumerate(self.groups):
            person = self.ids[place]
            if person is None:
                person = self.ids[place] = self._drawn(new)
            for ref in group:
                before = self.known.members.get(ref)
                if before != person and (before is None or place not in self.frozen):
                    self.moved[ref] = person

    def _drawn(self, new: Callable[[], PersonId]) -> PersonId:
        drawn = new()
        while drawn in self.known.ages or drawn in self.born:
            drawn = new()
        self.born.append(drawn)
        return drawn

    def retire(self) -> None:
        """Let every id that no group has kept redirect to where most of its records are now; the rest follow them."""
        living = set(self.ids)
        for person in self.thawed - living:
            refs = sorted(self.held[person], key=order)
            target = _most(self.moved[ref] for ref in refs if ref in self.found)
            self.aliases[person], self.former[person] = target, frozenset(refs)
            self.moved.update((ref, target) for ref in refs if ref not in self.found)

    def redirect(self) -> None:
        """Let ids that redirected before redirect to where most of their records are now."""
        for one, target in self.known.aliases.items():
            if target in self.thawed and one not in self.aliases:
                refs = sorted(self.known.former.get(one, ()), key=order)
                now = [person for ref in refs if (person := self._now(ref)) is not None]
                better = _most(now) if now else self.aliases.get(target) or target
                if better != target:
                    self.aliases[one] = better

    def _now(self, ref: Ref) -> PersonId | None:
        return self.moved.get(ref) or self.known.members.get(ref)

    def outcome(self) -> Assignment:
        """All that changes."""
        return Assignment(self.moved, tuple(self.born), self.aliases, self.former, self._splits())

    def _splits(self) -> Mapping[PersonId, PersonId]:
        """Which id each one that is new or given back came off: that of most of its records which lives on."""
        living = set(self.ids)
        came = {}
        for place, group in enumerate(self.groups):
            person = self.ids[place]
            before = [self.known.members[ref] for ref in group if ref in self.known.members]
            left = [one for one in before if one in living and one != person]
            if left and person is not None and (person in self.born or self.aliases.get(person, person) is None):
                came[person] = _most(left)
        return came


def _held(members: Mapping[Ref, PersonId]) -> Mapping[PersonId, Sequence[Ref]]:
    held: defaultdict[PersonId, list[Ref]] = defaultdict(list)
    for ref, person in members.items():
        held[person].append(ref)
    return held


def _most(people: Iterable[PersonId]) -> PersonId:
    """Whoever is there most often, of several the first."""
    return Counter(people).most_common(1)[0][0]
