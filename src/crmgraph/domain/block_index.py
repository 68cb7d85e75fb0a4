"""Who stands beside whom, kept while records come and go: the pairs that `candidates` gives, record by record."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping

from crmgraph.domain.candidates import FULL, alike, blocks, is_loose, traits
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref

Parts = defaultdict[str, set[Ref]]


class BlockIndex:
    """Block → the records in it, and of an over-full block its parts by a second trait."""

    def __init__(self, full: int = FULL) -> None:
        self.profiles: dict[Ref, Profile] = {}
        self._full = full
        self._held: defaultdict[str, set[Ref]] = defaultdict(set)
        self._parts: dict[str, Parts] = {}

    def add(self, profile: Profile) -> set[Ref]:
        """A record that was not here came. Tells those who may be worth comparing with others now than before, because
        a block or a part that they share is too full now.
        """
        self.profiles[profile.ref] = profile
        reopened: set[Ref] = set()
        for block in set(blocks(profile)):
            held = self._held[block]
            held.add(profile.ref)
            if len(held) == self._full + 1:
                self._parts[block] = self._parted(held)
                reopened |= held
            elif len(held) > self._full:
                reopened.update(*self._joined(self._parts[block], profile))
        return reopened

    def remove(self, ref: Ref) -> set[Ref]:
        """A record went. Tells whom it concerns as `add` does: what they share is no longer too full."""
        profile = self.profiles.pop(ref)
        reopened: set[Ref] = set()
        for block in set(blocks(profile)):
            held = self._held[block]
            held.discard(ref)
            if not held:
                del self._held[block]
            elif len(held) == self._full:
                del self._parts[block]
                reopened |= held
            elif len(held) > self._full:
                reopened.update(*self._left(self._parts[block], profile))
        return reopened

    def beside(self, ref: Ref) -> set[Ref]:
        """The other records that this one is worth comparing with."""
        profile = self.profiles[ref]
        found: set[Ref] = set()
        for block in set(blocks(profile)):
            for few in self._open(block, profile):
                fresh = few - found
                found |= {one for one in fresh if alike(profile, self.profiles[one])} if is_loose(block) else fresh
        found.discard(ref)
        return found

    def skipped(self) -> Mapping[str, int]:
        """How many records are left out of which kind of block because nothing narrows it enough."""
        skipped: Counter[str] = Counter()
        for block, parts in self._parts.items():
            reached = set[Ref]().union(*(part for part in parts.values() if len(part) <= self._full))
            skipped[block.partition(":")[0]] += len(self._held[block]) - len(reached)
        return skipped

    def _open(self, block: str, profile: Profile) -> Iterator[set[Ref]]:
        """The block, or the profile's parts of it, as far as they are not too full."""
        held = self._held[block]
        if len(held) <= self._full:
            yield held
        else:
            parts = self._parts[block]
            yield from (parts[trait] for trait in traits(profile) if len(parts[trait]) <= self._full)

    def _parted(self, held: Collection[Ref]) -> Parts:
        parts: Parts = defaultdict(set)
        for ref in held:
            for trait in traits(self.profiles[ref]):
                parts[trait].add(ref)
        return parts

    def _joined(self, parts: Parts, profile: Profile) -> Iterator[set[Ref]]:
        """Put a record into its parts; gives those that are too full since."""
        for trait in traits(profile):
            parts[trait].add(profile.ref)
            if len(parts[trait]) == self._full + 1:
                yield parts[trait]

    def _left(self, parts: Parts, profile: Profile) -> Iterator[set[Ref]]:
        """Take a record out of its parts; gives those that were too full until now."""
        for trait in traits(profile):
            parts[trait].discard(profile.ref)
            if len(parts[trait]) == self._full:
                yield parts[trait]
