"""Putting people together within one request: from some records to the persons they belong to, over all sources.

The records' e-mails and phones are looked up in every source until no new one appears: live where a definition finds
many keys in a call or one person is asked about, in the key index otherwise. The persons that come out hold live
records only.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from msgspec import Struct

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import keys_of
from crmgraph.domain.baseline_resolution import Judged, resolved
from crmgraph.domain.errors import SourceError
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import NEEDED, Profile, keys, profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.service.index import KeyIndex
from crmgraph.service.lookup import Lookup
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
    """What the operator decides about identity."""

    region: str = "US"
    max_shared: int = 5


class Person(Struct, frozen=True, gc=False):
    """The live records judged to be one person, most trusted first, with every ref known to belong to them."""

    records: tuple[Record, ...]
    refs: tuple[Ref, ...]
    complete: bool


@dataclass(slots=True)
class _Closure:
    """What is known so far: records read live, profiles (of those and from the index), keys already followed.

    `open` are the keys that were not looked up everywhere, `unread` the members that could not be read: whoever is
    connected to one of them may be more than what is known.
    """

    records: dict[Ref, Record] = field(default_factory=dict)
    profiles: dict[Ref, Profile] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    unread: set[Ref] = field(default_factory=set)

    def take(self, records: Iterable[Record], rules: IdentityRules) -> None:
        for record in records:
            self.records[record.ref] = record
            self.profiles[record.ref] = profile_of(record, rules.region)

    def fresh_keys(self) -> list[str]:
        found = {key for profile in self.profiles.values() for key in keys(profile)} - self.followed
        return sorted(found)


class Identity:
    """Puts records of one session together into persons."""

    def __init__(self, session: Session, lookup: Lookup, index: KeyIndex, rules: IdentityRules) -> None:
        self.session = session
        self.lookup = lookup
        self.index = index
        self.rules = rules
        self.judgements: dict[tuple[Ref, Ref], Judged] = {}

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
        if len(self.session.sources) == 1:
            # A source answers for its own duplicates: nothing can join its records but another source.
            distinct = {seed.ref: seed for seed in seeds}
            self.learn(distinct.values())
            return [Person((seed,), (ref,), True) for ref, seed in distinct.items()]
        fields = NEEDED | set(fields)
        closure = _Closure(followed=set(asked))
        closure.take(seeds, self.rules)
        self.index.learn(closure.profiles.values())
        await self._close_over(closure, fields, thorough)
        await self._fetch_missing(closure, self._groups(closure), {seed.ref for seed in seeds}, fields)
        closure.open.update(self._uncrowded(closure.fresh_keys()))
        return self._as_persons(closure, self._groups(closure), seeds)

    def _uncrowded(self, found: Iterable[str]) -> list[str]:
        """Those keys that few enough people share to join anybody."""
        return [key for key in found if self.index.shared(key) <= self.rules.max_shared]

    async def _close_over(self, closure: _Closure, fields: Collection[str], thorough: bool) -> None:
        most = min(ROUND_KEYS, KEYS_EACH * len(closure.records))
        for _ in range(ROUNDS):
            fresh = self._uncrowded(closure.fresh_keys())
            if not fresh:
                return
            closure.followed.update(closure.fresh_keys())
            closure.open.update(fresh[most:])
            fresh = fresh[:most]
            for key in fresh:
                for profile in self.index.holders(key):
                    closure.profiles.setdefault(profile.ref, profile)
            stores = self.session.resources(Kind.CONTACT)
            await asyncio.gather(*(self._ask(closure, one, fresh, fields, thorough) for one in stores))

    async def _ask(
        self,
        closure: _Closure,
        store: tuple[Source, Resource],
        fresh: Sequence[str],
        fields: Collection[str],
        thorough: bool,
    ) -> None:
        """Look the fresh keys up in one source, live as far as its definition allows; the index answers for the
        rest.
        """
        source, resource = store
        covered = self.index.complete_since(source.name) is not None
        wanted = [key for key in fresh if self._is_live(resource, key, thorough)]
        singly = [key for key in wanted if keys_of(resource, key.partition(":")[0]) == 1]
        wanted = [key for key in wanted if key not in singly[SINGLE_KEYS:]]
        if not covered:
            closure.open.update(set(fresh) - set(wanted))
        if not wanted:
            return
        found = await self.lookup.find(source, resource, wanted, fields)
        if not found.whole:
            closure.open.update(wanted)
        closure.take(found.records, self.rules)
        self.index.learn(closure.profiles[record.ref] for record in found.records)

    def _is_live(self, resource: Resource, key: str, thorough: bool) -> bool:
        most = keys_of(resource, key.partition(":")[0])
        return most > 1 or (thorough and most == 1)

    def _groups(self, closure: _Closure) -> list[tuple[Profile, ...]]:
        outcome = resolved(closure.profiles.values(), self.index.shared, self.rules.max_shared)
        self.judgements.update({(one.a, one.b): one for one in outcome.judgements})
        return list(outcome.clusters)

    async def _fetch_missing(
        self, closure: _Closure, groups: Iterable[Sequence[Profile]], seeds: set[Ref], fields: Collection[str]
    ) -> None:
        """Read live what only the index knows of; a record that is gone is forgotten, one that fails leaves it
        partial.
        """
        missing = [
            profile.ref
            for group in groups
            if any(profile.ref in seeds for profile in group)
            for profile in group
            if profile.ref not in closure.records
        ]
        closure.unread.update(missing[FETCHED:])
        missing = missing[:FETCHED]
        found = await asyncio.gather(*(self.lookup.record(ref, fields) for ref in missing), return_exceptions=True)
        for ref, record in zip(missing, found, strict=True):
            if isinstance(record, SourceError):
                self.session.note(ref.source, problem_of(record))
                closure.unread.add(ref)
            elif isinstance(record, BaseException):
                raise record
            elif record is None:
                closure.profiles.pop(ref, None)
                self.index.forget(ref)
            else:
                closure.take([record], self.rules)
                self.index.learn([closure.profiles[ref]])

    def _as_persons(
        self, closure: _Closure, groups: Iterable[Sequence[Profile]], seeds: Sequence[Record]
    ) -> list[Person]:
        group_of: Mapping[Ref, Sequence[Profile]] = {one.ref: group for group in groups for one in group}
        unsettled = self._unsettled(closure)
        persons: dict[Ref, Person] = {}
        for seed in seeds:
            refs = sorted((one.ref for one in group_of[seed.ref]), key=self.place)
            live = tuple(closure.records[ref] for ref in refs if ref in closure.records)
            persons.setdefault(refs[0], Person(live, tuple(refs), seed.ref not in unsettled))
        self.session.identity_partial |= not all(person.complete for person in persons.values())
        return list(persons.values())

    def _unsettled(self, closure: _Closure) -> set[Ref]:
        """The records that keys connect, over however many others, to something that could not be looked up."""
        holders: defaultdict[str, list[Ref]] = defaultdict(list)
        for profile in closure.profiles.values():
            for key in keys(profile):
                holders[key].append(profile.ref)
        reached: set[Ref] = set()
        waiting = [*closure.unread, *(ref for key in closure.open for ref in holders[key])]
        while waiting:
            ref = waiting.pop()
            if ref not in reached:
                reached.add(ref)
                connecting = self._uncrowded(keys(closure.profiles[ref]))
                waiting.extend(other for key in connecting for other in holders[key])
        return reached

    def place(self, ref: Ref) -> tuple[int, str, str]:
        """The order of records: their source's trust, then their id."""
        return (self.session.ranks[ref.source], ref.id, ref.resource)
