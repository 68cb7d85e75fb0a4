"""How many of the index's records hold each name, company, town and domain."""

from collections import Counter
from collections.abc import Mapping

from crmgraph.domain.profiles import Profile, counted
from crmgraph.domain.rarity import KINDS


class Counts:
    """Counts that go up and down with the records."""

    def __init__(self) -> None:
        self._held: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}

    def add(self, profile: Profile) -> None:
        """A record came."""
        for kind, value in counted(profile):
            if value:
                self._held[kind][value] += 1

    def remove(self, profile: Profile) -> None:
        """A record that came with this profile went."""
        for kind, value in counted(profile):
            if value:
                counts = self._held[kind]
                counts[value] -= 1
                if not counts[value]:
                    del counts[value]

    def by_kind(self) -> Mapping[str, Mapping[str, int]]:
        """Kind → value → the number of records that hold it."""
        return self._held
