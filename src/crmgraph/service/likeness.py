"""Who may be one person with whom, by all the key index knows: worked out once for as long as it knows the same."""

from collections.abc import Iterable

from crmgraph.domain.crowding import without
from crmgraph.domain.profiles import Profile, keys
from crmgraph.service.index import KeyIndex
from crmgraph.service.resolver import Resolver

MOST = 16_384
"""How many profiles are remembered; beyond, all is forgotten and worked out anew."""


class Likeness:
    """What a key index and a resolver say together.

    A key that more than `max_shared` records of one source hold is crowded and tells of nobody.
    """

    def __init__(self, index: KeyIndex, resolver: Resolver, max_shared: int) -> None:
        self.index = index
        self.resolver = resolver
        self._max_shared = max_shared
        self._at: tuple[int, int] | None = None
        self._crowded: dict[str, bool] = {}
        self._apart: dict[Profile, Profile] = {}
        self._partners: dict[Profile, tuple[Profile, ...]] = {}

    def uncrowded(self, found: Iterable[str]) -> list[str]:
        """Those keys that few enough people share to join anybody."""
        self._look_again()
        return [key for key in found if not self._is_crowded(key)]

    def told_apart(self, profiles: Iterable[Profile]) -> frozenset[Profile]:
        """The profiles without the mailboxes and lines that too many people share."""
        self._look_again()
        return frozenset(map(self._told_apart, profiles))

    def partners(self, profile: Profile) -> tuple[Profile, ...]:
        """Those whom the index knows to be joined to this record where nothing stands in the way, also without what
        too many people share.
        """
        self._look_again()
        found = self._partners.get(profile)
        if found is None:
            ours = self._told_apart(profile)
            alike = self.index.alike(ours)
            found = self._partners[profile] = tuple([other for other in alike if self._may_join(ours, other)])
        return found

    def _look_again(self) -> None:
        """Forget what was worked out before something else was known, and what has become too much."""
        now = (self.index.version, self.resolver.renewals)
        if now != self._at or len(self._apart) > MOST:
            self._at = now
            for one in (self._crowded, self._apart, self._partners):
                one.clear()

    def _may_join(self, ours: Profile, other: Profile) -> bool:
        """What many share is looked up where it matters alone: where two would be joined with it."""
        return self.resolver.may_join(ours, other) and self.resolver.may_join(ours, self._told_apart(other))

    def _is_crowded(self, key: str) -> bool:
        found = self._crowded.get(key)
        if found is None:
            found = self._crowded[key] = self.index.shared(key) > self._max_shared
        return found

    def _told_apart(self, profile: Profile) -> Profile:
        found = self._apart.get(profile)
        if found is None:
            crowded = [key for key in keys(profile) if self._is_crowded(key)]
            found = self._apart[profile] = without(profile, crowded)
        return found
