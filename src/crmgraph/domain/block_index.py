"""Who stands beside whom, kept while records come and go: the pairs that `candidates` gives, record by record.

A block is remembered by its hash, and one that a single record stands in, as most do, without a set of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field

from crmgraph.domain.candidates import FULL, alike, blocks, is_loose, traits
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref

_NOBODY: Set[Ref] = frozenset()


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """The records of an over-full block, and its parts by a second trait; `kind` is the block's."""

    kind: str
    everyone: set[Ref]
    parts: defaultdict[str, set[Ref]] = field(default_factory=lambda: defaultdict(set))


class BlockIndex:
    """Block → the records in it, and of an over-full block its parts by a second trait. The kinds of blocks in
    `left_out` are not kept.
    """

    def __init__(self, full: int = FULL, left_out: tuple[str, ...] = ()) -> None:
        self.profiles: dict[Ref, Profile] = {}
        self._full = full
        self._left_out = left_out
        self._held: dict[int, Ref | set[Ref]] = {}
        self._narrowed: dict[int, _Narrowed] = {}

    def add(self, profile: Profile) -> set[Ref]:
        """A record that was not here came. Tells those who may be worth comparing with others now than before, because
        a block or a part that they share is too full now.
        """
        self.profiles[profile.ref] = profile
        reopened: set[Ref] = set()
        for place, block in self._blocks(profile).items():
            held = self._held.setdefault(place, profile.ref)
            if held is profile.ref:
                continue
            if not isinstance(held, set):
                held = self._held[place] = {held}
            held.add(profile.ref)
            if len(held) == self._full + 1:
                self._narrowed[place] = self._parted(block, held)
                reopened |= held
            elif len(held) > self._full:
                reopened.update(*self._joined(self._narrowed[place], profile))
        return reopened

    def remove(self, ref: Ref) -> set[Ref]:
        """A record went. Tells whom it concerns as `add` does: what they share is no longer too full."""
        profile = self.profiles.pop(ref)
        reopened: set[Ref] = set()
        for place in self._blocks(profile):
            held = self._held[place]
            if isinstance(held, set):
                held.discard(ref)
            if not isinstance(held, set) or not held:
                del self._held[place]
            elif len(held) == self._full:
                del self._narrowed[place]
                reopened |= held
            elif len(held) > self._full:
                reopened.update(*self._left(self._narrowed[place], profile))
        return reopened

    def beside(self, profile: Profile) -> set[Ref]:
        """The other records that one like this is worth comparing with."""
        found: set[Ref] = set()
        for place, block in self._blocks(profile).items():
            for few in self._open(place, profile):
                fresh = few - found
                found |= {one for one in fresh if alike(profile, self.profiles[one])} if is_loose(block) else fresh
        found.discard(profile.ref)
        return found

    def skipped(self) -> Mapping[str, int]:
        """How many records are left out of which kind of block because nothing narrows it enough."""
        skipped: Counter[str] = Counter()
        for narrowed in self._narrowed.values():
            reached = set[Ref]().union(*(part for part in narrowed.parts.values() if len(part) <= self._full))
            skipped[narrowed.kind] += len(narrowed.everyone) - len(reached)
        return skipped

    def _blocks(self, profile: Profile) -> Mapping[int, str]:
        """The blocks that a record stands in, each once, by their hashes."""
        return {hash(block): block for block in blocks(profile) if not block.startswith(self._left_out)}

    def _open(self, place: int, profile: Profile) -> Iterator[Set[Ref]]:
        """The block, or the profile's parts of it, as far as they are not too full."""
        held = self._held.get(place)
        if isinstance(held, set):
            if len(held) <= self._full:
                yield held
            else:
                parts = self._narrowed[place].parts
                found = (parts.get(trait, _NOBODY) for trait in traits(profile))
                yield from (part for part in found if len(part) <= self._full)
        elif held is not None and held != profile.ref:
            yield {held}

    def _parted(self, block: str, held: set[Ref]) -> _Narrowed:
        narrowed = _Narrowed(block.partition(":")[0], held)
        for ref in held:
            for trait in traits(self.profiles[ref]):
                narrowed.parts[trait].add(ref)
        return narrowed

    def _joined(self, narrowed: _Narrowed, profile: Profile) -> Iterator[set[Ref]]:
        """Put a record into its parts; gives those that are too full since."""
        for trait in traits(profile):
            narrowed.parts[trait].add(profile.ref)
            if len(narrowed.parts[trait]) == self._full + 1:
                yield narrowed.parts[trait]

    def _left(self, narrowed: _Narrowed, profile: Profile) -> Iterator[set[Ref]]:
        """Take a record out of its parts; gives those that were too full until now."""
        for trait in traits(profile):
            narrowed.parts[trait].discard(profile.ref)
            if len(narrowed.parts[trait]) == self._full:
                yield narrowed.parts[trait]
