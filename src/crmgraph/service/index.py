"""The key index: which records hold a key, so that a list can tell who stands in another source without asking it.

It holds profiles (normal forms and refs), no other values, and knows who is like whom. It is filled in the background,
again from time to time, and kept true by everything that is read.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Protocol

from crmgraph.domain.block_index import BlockIndex
from crmgraph.domain.profiles import Profile, keys
from crmgraph.domain.records import Ref
from crmgraph.service.counts import Counts


class KeyIndex(Protocol):
    """Normalised keys → the records that hold them."""

    def learn(self, profiles: Iterable[Profile]) -> None:
        """Keep what these records say of themselves now."""

    def learn_later(self, profiles: Mapping[Ref, Callable[[], Profile]]) -> None:
        """Keep what these records say of themselves now, found out when somebody asks; of very many, the latest."""

    def forget(self, ref: Ref) -> None:
        """The record is gone."""

    def holders(self, key: str) -> Collection[Profile]:
        """The records known to hold a key."""

    def alike(self, profile: Profile) -> Collection[Profile]:
        """The records that may be the same person's although they share no key: those that share a name in some form
        and something besides. Of what very many share, those alone who have a second trait in common.
        """

    def known(self, ref: Ref) -> Profile | None:
        """What is known of a record."""

    def everyone(self) -> Collection[Profile]:
        """All that is known."""

    @property
    def version(self) -> int:
        """A number that is another one whenever something else is known."""

    def shared(self, key: str) -> int:
        """How many people hold a key, as far as one source can tell: the largest number of records in one source."""

    def complete_since(self, source: str) -> datetime | None:
        """When all records of a source were last known, None while they are not."""

    def size(self, source: str) -> int:
        """How many records of a source are held."""


class FillingIndex(KeyIndex, Protocol):
    """A key index that can be filled."""

    def begins(self, source: str) -> None:
        """A filling from a source begins: what is held of it now, and not learnt from now on, may be gone."""

    def completed(self, source: str, when: datetime, all_of_them: Collection[Ref]) -> None:
        """Every record of a source has been learnt; what was held when that began and not learnt since is gone."""

    def incomplete(self, source: str) -> None:
        """A source holds more records than are learnt."""


LEFT_OUT = ("email:",)
"""The blocks that are not kept here: mailboxes are keys, whose holders are known."""

WAITING = 5_000
"""How many records wait for somebody to ask; those that have waited longest are left to the next filling."""


class MemoryIndex:
    """A key index in memory; `gone` is told too of whoever is forgotten."""

    def __init__(self, gone: Callable[[Ref], None] = lambda ref: None) -> None:
        self._gone = gone
        self._version = 0
        self._waiting: dict[Ref, Callable[[], Profile]] = {}
        self._blocks = BlockIndex(left_out=LEFT_OUT)
        self._profiles = self._blocks.profiles
        self._holders: defaultdict[str, set[Ref]] = defaultdict(set)
        self._counts = Counts()
        self._refs: defaultdict[str, set[Ref]] = defaultdict(set)
        self._unconfirmed: dict[str, set[Ref]] = {}
        self._complete: dict[str, datetime] = {}

    def learn(self, profiles: Iterable[Profile]) -> None:
        self._catch_up()
        self._learn(profiles)

    def learn_later(self, profiles: Mapping[Ref, Callable[[], Profile]]) -> None:
        self._waiting |= profiles
        for ref in list(islice(self._waiting, max(0, len(self._waiting) - WAITING))):
            del self._waiting[ref]

    def _catch_up(self) -> None:
        """Learn what waits: of each record what it said last."""
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            self._learn(profile() for profile in waiting.values())

    def _learn(self, profiles: Iterable[Profile]) -> None:
        for profile in profiles:
            self._unconfirmed.get(profile.ref.source, set()).discard(profile.ref)
            before = self._profiles.get(profile.ref)
            if before == profile:
                continue
            if before is not None:
                self._forget(profile.ref)
            self._version += 1
            self._refs[profile.ref.source].add(profile.ref)
            self._blocks.add(profile)
            self._counts.add(profile)
            for key in keys(profile):
                self._holders[key].add(profile.ref)

    def forget(self, ref: Ref) -> None:
        self._waiting.pop(ref, None)
        self._forget(ref)
        self._gone(ref)

    def _forget(self, ref: Ref) -> None:
        profile = self._profiles.get(ref)
        if profile is None:
            return
        self._version += 1
        self._refs[ref.source].discard(ref)
        self._blocks.remove(ref)
        self._counts.remove(profile)
        for key in keys(profile):
            self._holders[key].discard(ref)
            if not self._holders[key]:
                del self._holders[key]

    def holders(self, key: str) -> Collection[Profile]:
        self._catch_up()
        return [self._profiles[ref] for ref in self._holders.get(key, ())]

    def alike(self, profile: Profile) -> Collection[Profile]:
        self._catch_up()
        return [self._profiles[ref] for ref in self._blocks.beside(profile)]

    def known(self, ref: Ref) -> Profile | None:
        self._catch_up()
        return self._profiles.get(ref)

    def shared(self, key: str) -> int:
        self._catch_up()
        if len(self._holders.get(key, ())) < 2:
            return len(self._holders.get(key, ()))
        counts: defaultdict[str, int] = defaultdict(int)
        for ref in self._holders.get(key, ()):
            counts[ref.source] += 1
        return max(counts.values(), default=0)

    def complete_since(self, source: str) -> datetime | None:
        return self._complete.get(source)

    def begins(self, source: str) -> None:
        self._catch_up()
        self._unconfirmed[source] = set(self._refs[source])

    def completed(self, source: str, when: datetime, all_of_them: Collection[Ref]) -> None:
        self._catch_up()
        for gone in self._unconfirmed.pop(source, set()).difference(all_of_them):
            self._forget(gone)
        self._complete[source] = when

    def incomplete(self, source: str) -> None:
        self._complete.pop(source, None)

    def size(self, source: str) -> int:
        self._catch_up()
        return len(self._refs[source])

    def everyone(self) -> Collection[Profile]:
        self._catch_up()
        return list(self._profiles.values())

    @property
    def version(self) -> int:
        self._catch_up()
        return self._version

    def people(self) -> int:
        """How many records are known; 0 while no source is known whole."""
        self._catch_up()
        return len(self._profiles) if self._complete else 0

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Kind → value → the number of records that hold it."""
        return self._counts.by_kind()
