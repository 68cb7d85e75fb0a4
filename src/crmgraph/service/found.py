"""What was found about pairs of records on the way to the people of one operation, put in order when somebody asks."""

from collections.abc import Collection

from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import Link, Pair, Refusal, Resolution


class Found:
    """`links` hold persons together, `refusals` kept them from being joined, `suggestions` were not sure enough; each
    by pair, the latest found. `profiles` are those that say so.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Collection[Profile], Resolution]] = []
        self._profiles: dict[Ref, Profile] = {}
        self._links: dict[Pair, Link] = {}
        self._refusals: dict[Pair, Refusal] = {}
        self._suggestions: dict[Pair, Link] = {}

    def add(self, profiles: Collection[Profile], found: Resolution) -> None:
        """Take in what putting these together has found; to look into it, which few do, takes longer than to find it
        remembered.
        """
        self._waiting.append((profiles, found))

    @property
    def profiles(self) -> dict[Ref, Profile]:
        self._settle()
        return self._profiles

    @property
    def links(self) -> dict[Pair, Link]:
        self._settle()
        return self._links

    @property
    def refusals(self) -> dict[Pair, Refusal]:
        self._settle()
        return self._refusals

    @property
    def suggestions(self) -> dict[Pair, Link]:
        self._settle()
        return self._suggestions

    def _settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for profiles, found in waiting:
            self._profiles.update((one.ref, one) for one in profiles)
            self._links.update({(one.a, one.b): one for one in found.links})
            self._refusals.update({(one.link.a, one.link.b): one for one in found.refusals})
            self._suggestions.update({(one.a, one.b): one for one in found.suggestions})
