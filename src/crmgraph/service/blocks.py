"""Who is like whom: the blocks that the index's records stand in, so that those of one person are found also where they
share no key.

A block is remembered by its hash, and one that a single record stands in, as most do, without a set of its own.
"""

from collections.abc import Iterator
from functools import lru_cache

from crmgraph.domain.candidates import FULL, blocks
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref

LEFT_OUT = ("email:", "letters:")
"""The blocks that are not kept: mailboxes are keys, and two letters of a name say too little among very many."""


class Blocks:
    """Block → the records that stand in it."""

    def __init__(self) -> None:
        self._held: dict[int, Ref | set[Ref]] = {}

    def add(self, profile: Profile) -> None:
        """Keep where a record stands."""
        for block in _kept(profile):
            held = self._held.get(block)
            if held is None:
                self._held[block] = profile.ref
            elif isinstance(held, set):
                held.add(profile.ref)
            else:
                self._held[block] = {held, profile.ref}

    def remove(self, profile: Profile) -> None:
        """Forget where a record stood that was kept with this profile."""
        for block in _kept(profile):
            held = self._held[block]
            if isinstance(held, set):
                held.discard(profile.ref)
            if not isinstance(held, set) or not held:
                del self._held[block]

    def beside(self, profile: Profile) -> Iterator[Ref]:
        """The records that stand in a block with this one, some more than once; over-full blocks are left out."""
        for block in _kept(profile):
            held = self._held.get(block)
            if isinstance(held, set):
                yield from held if len(held) <= FULL else ()
            elif held is not None:
                yield held


@lru_cache(16_384)
def _kept(profile: Profile) -> tuple[int, ...]:
    """The hashes of the blocks of a record, each once."""
    return tuple({hash(block) for block in blocks(profile) if not block.startswith(LEFT_OUT)})
