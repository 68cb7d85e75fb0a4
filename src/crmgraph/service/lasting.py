"""Which id each person of an answer has, of those that stay: one batch for a page, and nothing new while it is unsure.

A person who was put together whole is told to the map, which gives the new ones an id and moves what has parted. One
of whom a source is missing keeps the id that they have. A caller who may not see everything is told an id only where
its first record in their sight is: what was joined by something out of their sight does not show.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.freshness import LIVE
from crmgraph.service.identity import Identity, Person
from crmgraph.service.keeping import People, whose
from crmgraph.service.person_map import PersonMap

Held = Mapping[PersonId, Sequence[Ref]]
"""Person → every record of theirs."""


class Lasting:
    """The ids of one reading's people. `sees_all` is whether nothing is out of the caller's sight; `assigns` is whether
    what they read may change whom a record belongs to.
    """

    def __init__(self, persons: PersonMap, identity: Identity, sees_all: bool, assigns: bool) -> None:
        self._persons = persons
        self._identity = identity
        self._sees_all = sees_all
        self._assigns = assigns

    async def of(self, people: Sequence[Person]) -> list[PersonId | None]:
        """The id of each; None for who has none."""
        known = await self._persons.around([ref for one in people for ref in one.refs], self._sees_all)
        if not self._sees_all:
            held = held_by(known)
            return [self._shown(one.refs, known, held) for one in people]
        whole = disjoint(one.refs for one in people if one.complete)
        if self._may_assign and (clusters := self._unsettled(whole, known)):
            known = {**known, **await self._persons.assign(clusters, self._read())}
        return [whose(one.refs, known) for one in people]

    async def of_known(self, people: Sequence[Collection[Ref]]) -> list[PersonId | None]:
        """The same of people as the key index knows them, if it knows everybody. It is of a while ago, so those whom
        nobody has met yet get an id, and nobody else is changed.
        """
        known = await self._persons.around([ref for refs in people for ref in refs], self._sees_all)
        if not self._sees_all:
            held = held_by(known)
            return [self._shown(refs, known, held) for refs in people]
        new = disjoint(refs for refs in people if known.keys().isdisjoint(refs))
        if new and self._may_assign and not self._identity.session.identity_partial:
            known = {**known, **await self._persons.assign(new, self._read())}
        return [whose(refs, known) for refs in people]

    @property
    def _may_assign(self) -> bool:
        """Whether all is known that decides who is who: what people said, and what the CRMs say now."""
        identity = self._identity
        return self._assigns and identity.resolver.judging.is_known and identity.session.freshness == LIVE

    def _read(self) -> Collection[str]:
        meters = self._identity.session.meters
        return {name for name, meter in meters.items() if meter.lost is None and not meter.problems}

    def _unsettled(self, clusters: Sequence[Collection[Ref]], known: People) -> list[Collection[Ref]]:
        """What the map is to be told: nothing where everybody is one person there with no record elsewhere, else all
        of them, and what has parted from them.
        """
        held, here = held_by(known), {ref for refs in clusters for ref in refs}
        people = [{known.get(ref) for ref in refs} for refs in clusters]
        away = self._parted({ref for of in people for one in of if one for ref in held[one]} - here)
        is_settled = all(len(of) == 1 for of in people) and len(set().union(*people) - {None}) == len(clusters)
        return [] if is_settled and not away else [*clusters, *away]

    def _parted(self, refs: Collection[Ref]) -> list[Collection[Ref]]:
        """Records that are known and yet are with none of those who were put together, as the persons that they are."""
        if self._identity.session.identity_partial:
            return []
        known = [profile for ref in refs if (profile := self._identity.index.known(ref)) is not None]
        groups = self._identity.resolver.resolve(frozenset(known)).clusters if known else ()
        return [[one.ref for one in group] for group in groups]

    def _shown(self, refs: Collection[Ref], known: People, held: Held) -> PersonId | None:
        """Of ids that a person's records have, the first whose first record in sight is this person's."""
        people = dict.fromkeys(known[ref] for ref in refs if ref in known)
        return next((one for one in people if self._first(held[one]) in refs), None)

    def _first(self, refs: Iterable[Ref]) -> Ref | None:
        here = [ref for ref in refs if self._identity.is_here(ref)]
        return min(here, key=self._identity.place, default=None)


def disjoint(clusters: Iterable[Collection[Ref]]) -> list[Collection[Ref]]:
    """Each cluster that shares no record with one before it: the same person may be told several times."""
    taken: set[Ref] = set()
    found = []
    for refs in clusters:
        if taken.isdisjoint(refs):
            taken.update(refs)
            found.append(refs)
    return found


def held_by(known: People) -> Held:
    """The records of each person."""
    held: defaultdict[PersonId, list[Ref]] = defaultdict(list)
    for ref, person in known.items():
        held[person].append(ref)
    return held
