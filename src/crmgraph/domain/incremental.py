"""The same judgement as `resolved`, kept up while records come, change and go: only what a change reaches is looked at.

A changed record stands in other blocks than before, which gives the pairs to weigh anew. Who was linked to it, and who
is, are put together anew with all whom links over the line reach from there. Nobody else can be concerned, for no join
looks beyond the two groups that it joins. How common values are is the matcher's and stays as it is meanwhile: a run
over everything counts them anew.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from math import inf

from crmgraph.domain.block_index import BlockIndex
from crmgraph.domain.judgements import NOTHING, Judged
from crmgraph.domain.matching import LINES, Band, Matcher
from crmgraph.domain.profiles import Profile, order
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import USUAL, Fate, Link, Policy, Resolution, clustered


class People:
    """Everybody who is known, and who of them is one person.

    `profiles`, without what too many share, are taken in without being put together; `anew` does so for whoever is
    asked about and all whom links reach from there.
    """

    def __init__(
        self,
        matcher: Matcher,
        policy: Policy = USUAL,
        judged: Judged = NOTHING,
        profiles: Iterable[Profile] = (),
    ) -> None:
        self._matcher = matcher
        self._policy = policy
        self._index = BlockIndex(policy.full)
        self._linked: dict[Ref, dict[Ref, float]] = {}
        self._found: dict[Ref, Resolution] = {}
        self._judged = judged
        self._same = _partners(judged)
        for profile in profiles:
            self._index.add(profile)

    def change(
        self, came: Iterable[Profile] = (), gone: Collection[Ref] = (), judged: Judged | None = None
    ) -> Resolution:
        """Records went, came or are different now, and people judged (`judged` is all that stands).

        Gives everybody whom it concerns, put together anew.
        """
        last = {one.ref: one for one in came}
        new = {ref: one for ref, one in last.items() if ref in gone or self._index.profiles.get(ref) != one}
        touched: set[Ref] = set()
        for ref in [*gone, *new]:
            if ref in self._index.profiles:
                touched |= self._leave(ref)
        for profile in new.values():
            touched |= self._enter(profile)
        self._meet(new)
        if judged is not None:
            touched |= self._judge(judged)
        return self.anew(touched)

    def anew(self, refs: Iterable[Ref]) -> Resolution:
        """Put these records together anew, with all whom links reach from them; those that are not here are passed
        over. The suggestions are all that one of them has.
        """
        fresh: dict[Ref, Resolution] = {}
        for ref in refs:
            if ref not in fresh and ref in self._index.profiles:
                component = self._reached(ref)
                fresh |= dict.fromkeys(component, self._put_together(component))
        self._found |= fresh
        return self._as_one(fresh)

    def whole(self) -> Resolution:
        """Everybody who was ever put together here, as `resolved` would put them together."""
        return replace(self._as_one(self._found), skipped=self._index.skipped())

    def _leave(self, ref: Ref) -> set[Ref]:
        """A record goes; tells whom that touches."""
        linked = self._links(ref)
        for other in linked:
            self._linked.get(other, {}).pop(ref, None)
        touched = self._forgotten(self._index.remove(ref))
        self._linked.pop(ref, None)
        self._found.pop(ref, None)
        return touched | linked.keys() | self._same.get(ref, set())

    def _enter(self, profile: Profile) -> set[Ref]:
        """A record comes; tells whom that touches."""
        return self._forgotten(self._index.add(profile)) | {profile.ref}

    def _forgotten(self, reopened: set[Ref]) -> set[Ref]:
        """Forget the links of those who are compared with others now."""
        for ref in reopened:
            self._linked.pop(ref, None)
        return reopened

    def _meet(self, new: Collection[Ref]) -> None:
        """Link those who came to those who were here, and to each other."""
        met: set[Ref] = set()
        for ref in new:
            links = self._linked[ref] = self._weighed(ref, met)
            met.add(ref)
            for other, bits in links.items():
                if other in self._linked:
                    self._linked[other][ref] = bits

    def _links(self, ref: Ref) -> Mapping[Ref, float]:
        """Those with whom a record may be one person, with the bits that say so."""
        known = self._linked.get(ref)
        if known is None:
            known = self._linked[ref] = self._weighed(ref, self._linked)
        return known

    def _weighed(self, ref: Ref, known: Container[Ref]) -> dict[Ref, float]:
        """The links of a record; its pairs with those whose links are `known` are not weighed again."""
        links: dict[Ref, float] = {}
        for other in self._index.beside(self._index.profiles[ref]):
            bits = self._linked[other].get(ref, -inf) if other in known else self._bits(ref, other)
            if bits >= LINES[Band.SUGGESTED]:
                links[other] = bits
        return links

    def _bits(self, a: Ref, b: Ref) -> float:
        first, second = sorted((a, b), key=order)
        return self._matcher.bits(self._index.profiles[first], self._index.profiles[second])

    def _judge(self, judged: Judged) -> set[Ref]:
        """People decided; tells of whom."""
        before, self._judged, self._same = self._judged, judged, _partners(judged)
        return {ref for pair in (before.same ^ judged.same) | (before.different ^ judged.different) for ref in pair}

    def _reached(self, start: Ref) -> set[Ref]:
        """All whom judgements and links over the line reach."""
        reached, waiting = {start}, [start]
        while waiting:
            ref = waiting.pop()
            near = {other for other, bits in self._links(ref).items() if bits >= self._policy.line.least}
            near |= self._same.get(ref, set()) & self._index.profiles.keys()
            waiting.extend(near - reached)
            reached |= near
        return reached

    def _put_together(self, component: Collection[Ref]) -> Resolution:
        refs = sorted(component, key=order)
        place = {ref: number for number, ref in enumerate(refs)}
        pairs = [(place[a], place[b]) for a in refs for b in self._linked[a] if place[a] < place.get(b, -1)]
        everyone = [self._index.profiles[ref] for ref in refs]
        return clustered(everyone, pairs, self._matcher, self._policy, self._judged)

    def _as_one(self, found: Mapping[Ref, Resolution]) -> Resolution:
        """Resolutions of people whom no link over the line connects, as one."""
        parts = list({id(one): one for one in found.values()}.values())
        inside = (link for one in parts for link in one.suggestions)
        return Resolution(
            tuple(sorted((group for one in parts for group in one.clusters), key=lambda group: order(group[0].ref))),
            tuple(sorted((link for one in parts for link in one.links), key=_rank)),
            tuple(sorted((one for part in parts for one in part.refusals), key=lambda one: _rank(one.link))),
            tuple(sorted({*inside, *self._between(found)}, key=_rank)),
        )

    def _between(self, found: Mapping[Ref, Resolution]) -> Iterator[Link]:
        """The suggestions that go beyond those who were put together with a record."""
        for ref, resolution in found.items():
            for other, bits in self._linked[ref].items():
                pair = (ref, other) if order(ref) < order(other) else (other, ref)
                if self._found.get(other) is not resolution and pair not in self._judged.different:
                    yield Link(*pair, bits, Fate.BELOW)


def _partners(judged: Judged) -> Mapping[Ref, set[Ref]]:
    found: defaultdict[Ref, set[Ref]] = defaultdict(set)
    for a, b in judged.same:
        found[a].add(b)
        found[b].add(a)
    return found


def _rank(link: Link) -> tuple[float, tuple[str, ...], tuple[str, ...]]:
    return (-link.bits, order(link.a), order(link.b))
