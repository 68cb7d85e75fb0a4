"""Putting people together within one request: from some records to the persons they belong to, over all sources.

The records' e-mails and phones are looked up in every source until no new one appears: live where a definition finds
many keys in a call or one person is asked about, in the key index otherwise, which also knows who is like whom without
sharing a key. The persons that come out hold live records only.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial

from msgspec import Struct

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import keys_of
from crmgraph.domain.errors import SourceError
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import NEEDED, keys, profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.resolution import Group, Line, Policy
from crmgraph.service.closure import Closure
from crmgraph.service.found import Found
from crmgraph.service.keeping import People, as_they_were
from crmgraph.service.likeness import Likeness
from crmgraph.service.lookup import Lookup
from crmgraph.service.person_map import PersonMap
from crmgraph.service.ports import Source
from crmgraph.service.problems import problem_of
from crmgraph.service.session import Session

ROUNDS = 3
"""How often newly found keys are followed; a longer chain leaves the identity partial."""

SINGLE_KEYS = 6
"""How many keys a source that finds them one by one is asked for about one person."""

ROUND_KEYS = 200
"""How many keys are followed in one round; more leave the identity partial."""

KEYS_EACH = 10
"""How many keys are followed in one round for each record that was there to begin with."""

FETCHED = 300
"""How many records that only the index knows are read when people are put together; more leave the identity partial."""


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """What the operator decides about identity.

    `region` is where phone numbers without a country belong. A key that more than `max_shared` people hold joins
    nobody. `duplicate_free` are the sources that hold nobody twice.
    """

    region: str = "US"
    max_shared: int = 5
    line: Line = Line.BALANCED
    duplicate_free: frozenset[str] = frozenset()

    @property
    def policy(self) -> Policy:
        """What of it the resolution must know."""
        return Policy(self.line, self.duplicate_free, max_shared=self.max_shared)


class Person(Struct, frozen=True, gc=False):
    """The live records judged to be one person, most trusted first, with every ref known to belong to them."""

    records: tuple[Record, ...]
    refs: tuple[Ref, ...]
    complete: bool


class Identity:
    """Puts records of one session together into persons.

    `found` is what speaks for and against it. `before` tells who people were when everybody could be asked, where that
    is kept.
    """

    def __init__(
        self,
        session: Session,
        lookup: Lookup,
        likeness: Likeness,
        rules: IdentityRules,
        before: PersonMap | None = None,
    ) -> None:
        self.session = session
        self.lookup = lookup
        self.likeness = likeness
        self.index = likeness.index
        self.resolver = likeness.resolver
        self.rules = rules
        self.before = before
        self.found = Found()

    def learn(self, records: Iterable[Record]) -> None:
        """Keep the index true by what was read, at the latest when it is asked."""
        self.index.learn_later({one.ref: partial(profile_of, one, self.rules.region) for one in records})

    async def persons(
        self, seeds: Sequence[Record], fields: Collection[str], thorough: bool = False, asked: Collection[str] = ()
    ) -> list[Person]:
        """The persons that `seeds` belong to, each once, in the seeds' order, with `fields` (and identity's own)
        readable.

        `thorough` asks sources without a batched look-up too, key by key, whatever the index knows of them: right for
        one person, too dear for a page.
        The keys in `asked` were looked up in every source already.
        """
        if not await self.resolver.ready():
            self.session.identity_partial = True
        if self._is_nobody_twice():
            distinct = {seed.ref: seed for seed in seeds}
            self.learn(distinct.values())
            return [Person((seed,), (ref,), True) for ref, seed in distinct.items()]
        fields = NEEDED | set(fields)
        closure = Closure(followed=set(asked))
        self._take(closure, seeds)
        await self._close_over(closure, fields, thorough)
        await self._fetch_missing(closure, {seed.ref for seed in seeds}, fields)
        closure.open.update(self.likeness.uncrowded(closure.fresh_keys()))
        return await self._as_they_were(self._as_persons(closure, seeds), {seed.ref for seed in seeds})

    def _is_nobody_twice(self) -> bool:
        """Whether nothing can join records: the only source answers for holding nobody twice, and nobody disagrees."""
        return (
            len(self.session.sources) == 1
            and self.rules.duplicate_free >= self.session.sources.keys()
            and (not self.resolver.judging.judged.same)
        )

    def _take(self, closure: Closure, records: Sequence[Record], asked: Collection[str] = ()) -> None:
        """Take in records that were read, of those that were `asked` for by keys the ones that hold one; all of them
        keep the index true, which finds the others again where they are alike.
        """
        profiles = [profile_of(one, self.rules.region) for one in records]
        self.index.learn(profiles)
        for record, profile in zip(records, profiles, strict=True):
            if asked and frozenset(keys(profile)).isdisjoint(asked):
                continue  # A CRM that looks for the end of a number finds strangers, whose keys lead nowhere.
            known = self.index.known(record.ref)
            # What the index held already is remembered with all that was worked out about it.
            closure.take(record, known if known is not None and known == profile else profile)

    async def _close_over(self, closure: Closure, fields: Collection[str], thorough: bool) -> None:
        most = min(ROUND_KEYS, KEYS_EACH * len(closure.records))
        for _ in range(ROUNDS):
            await self._fetch_judged(closure, fields)
            self._take_alike(closure)
            found = closure.fresh_keys()
            fresh = self.likeness.uncrowded(found)
            if not fresh:
                return
            closure.followed.update(found)
            for key in fresh:
                for profile in self.index.holders(key):
                    closure.profiles.setdefault(profile.ref, profile)
            await self._ask_all(closure, fresh, most, fields, thorough)
        self._take_alike(closure)

    async def _ask_all(
        self, closure: Closure, fresh: Sequence[str], most: int, fields: Collection[str], thorough: bool
    ) -> None:
        """Look fresh keys up in every source, at most so many. The only source was just read and is not asked: there
        the index knows everybody, or it does not.
        """
        stores = self.session.resources(Kind.CONTACT)
        if len(self.session.sources) == 1:
            covered = all(self.index.complete_since(source.name) is not None for source, _ in stores)
            closure.open.update(() if covered else fresh)
            return
        closure.open.update(fresh[most:])
        await asyncio.gather(*(self._ask(closure, one, fresh[:most], fields, thorough) for one in stores))

    def _take_alike(self, closure: Closure) -> None:
        """Take in whom the index knows to be joined to somebody without a key in common, and whom to those."""
        waiting = [ref for ref in closure.profiles if ref not in closure.seen]
        room = FETCHED
        while waiting:
            ref = waiting.pop()
            closure.seen.add(ref)
            for other in self.likeness.partners(closure.profiles[ref]):
                if other.ref in closure.profiles:
                    continue
                if room == 0:
                    closure.unread.add(ref)
                    break
                room -= 1
                closure.profiles[other.ref] = other
                waiting.append(other.ref)

    async def _fetch_judged(self, closure: Closure, fields: Collection[str]) -> None:
        """Read those whom people judged to be one with somebody, where nothing is known of them."""
        if not self.resolver.judging.judged.same:
            return
        waiting = list(closure.profiles)
        while waiting:
            partners = {other for ref in waiting for other in self.resolver.judging.same(ref)}
            waiting = [ref for ref in partners - closure.unread if ref not in closure.profiles and self.is_here(ref)]
            await self._fetch(closure, waiting, fields)

    def is_here(self, ref: Ref) -> bool:
        """Whether a record is one of the session's sources."""
        source = self.session.sources.get(ref.source)
        return source is not None and ref.resource in source.reader.definition.resources

    async def _ask(
        self,
        closure: Closure,
        store: tuple[Source, Resource],
        fresh: Sequence[str],
        fields: Collection[str],
        thorough: bool,
    ) -> None:
        """Look the fresh keys up in one source, live as far as its definition allows; the index answers for the
        rest.
        """
        source, resource = store
        copied = await self.lookup.is_copied(source, resource)
        covered = copied or self.index.complete_since(source.name) is not None
        wanted = [key for key in fresh if copied or self._is_live(resource, key, thorough)]
        singly = [key for key in wanted if not copied and keys_of(resource, key.partition(":")[0]) == 1]
        wanted = [key for key in wanted if key not in singly[SINGLE_KEYS:]]
        if not covered:
            closure.open.update(set(fresh) - set(wanted))
        if not wanted:
            return
        found = await self.lookup.find(source, resource, wanted, fields)
        if not found.whole:
            closure.open.update(wanted)
        self._take(closure, found.records, asked={*wanted})

    def _is_live(self, resource: Resource, key: str, thorough: bool) -> bool:
        most = keys_of(resource, key.partition(":")[0])
        return most > 1 or (thorough and most == 1)

    def _groups(self, closure: Closure) -> Sequence[Group]:
        profiles = self.likeness.told_apart(closure.profiles.values())
        found = self.resolver.resolve(profiles)
        self.found.add(profiles, found)
        return found.clusters

    async def _fetch_missing(self, closure: Closure, seeds: set[Ref], fields: Collection[str]) -> None:
        """Read live what only the index knows of."""
        missing = [
            profile.ref
            for group in self._groups(closure)
            if any(profile.ref in seeds for profile in group)
            for profile in group
            if profile.ref not in closure.records and profile.ref not in closure.unread
        ]
        closure.unread.update(missing[FETCHED:])
        await self._fetch(closure, missing[:FETCHED], fields)

    async def _fetch(self, closure: Closure, refs: Sequence[Ref], fields: Collection[str]) -> None:
        """Read records; one that is gone is forgotten, one that fails leaves whom it belongs to partial."""
        found = await asyncio.gather(*(self.lookup.record(ref, fields) for ref in refs), return_exceptions=True)
        for ref, record in zip(refs, found, strict=True):
            if isinstance(record, SourceError):
                self.session.note(ref.source, problem_of(record))
                closure.unread.add(ref)
            elif isinstance(record, BaseException):
                raise record
            elif record is None:
                closure.profiles.pop(ref, None)
                self.index.forget(ref)
            else:
                self._take(closure, [record])

    def _as_persons(self, closure: Closure, seeds: Sequence[Record]) -> list[Person]:
        groups = self._groups(closure)
        group_of: Mapping[Ref, Group] = {one.ref: group for group in groups for one in group}
        unsettled = closure.unsettled(groups, self.likeness.uncrowded)
        persons: dict[Ref, Person] = {}
        for seed in seeds:
            refs = sorted((one.ref for one in group_of[seed.ref]), key=self.place)
            live = tuple(closure.records[ref] for ref in refs if ref in closure.records)
            persons.setdefault(refs[0], Person(live, tuple(refs), seed.ref not in unsettled))
        self.session.identity_partial |= not all(person.complete for person in persons.values())
        return list(persons.values())

    async def _as_they_were(self, persons: list[Person], seeds: Set[Ref]) -> list[Person]:
        """Whoever may be known to others who could not be asked is joined with nobody who was another person before."""
        unsure = [ref for one in persons if not one.complete and len(one.refs) > 1 for ref in one.refs]
        if self.before is None or not unsure:
            return persons
        known = await self.before.around(unsure, or_last=True)
        return [part for one in persons for part in self._parts(one, known, seeds)]

    def _parts(self, person: Person, known: People, seeds: Set[Ref]) -> list[Person]:
        """The persons that somebody was before, of them those who have a record in `seeds`."""
        parts = [person.refs] if person.complete else as_they_were(person.refs, known, self.resolver.judging.same)
        if len(parts) == 1:
            return [person]
        return [
            Person(tuple(one for one in person.records if one.ref in refs), refs, False)
            for refs in parts
            if not seeds.isdisjoint(refs)
        ]

    def why(self, a: Ref, b: Ref) -> str:
        """Why two records that were looked at may be one person and were not joined, in words."""
        refusal = self.found.refusals.get((a, b))
        found = self.resolver.match(self.found.profiles[a], self.found.profiles[b])
        return refusal.obstacle.reason if refusal is not None else f"What speaks for and against it: {found.reason}."

    def place(self, ref: Ref) -> tuple[int, str, str]:
        """The order of records: their source's trust, then their id."""
        return (self.session.ranks[ref.source], ref.id, ref.resource)
