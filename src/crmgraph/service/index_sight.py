"""The key index as somebody sees it who may not see all: nothing of what is out of their sight, and nothing learnt from
them, for what they read may lack what others read.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from crmgraph.domain.model import Kind
from crmgraph.domain.names import person_name
from crmgraph.domain.naming import NAMES
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref
from crmgraph.service.index import KeyIndex
from crmgraph.service.sights import Sight


class IndexSight:
    """A key index over the sources `shown`; whoever is shown none of what is hidden."""

    def __init__(self, index: KeyIndex, sight: Sight, shown: Collection[str]) -> None:
        self._index = index
        self._shown = frozenset(shown)
        self._sorts = {sort for sort in ("email", "phone") if sight.hides(Kind.CONTACT, f"{sort}s")}
        self._hides_names = any(sight.hides(Kind.CONTACT, name) for name in NAMES)
        self._alters = bool(self._sorts) or self._hides_names or sight.hides(Kind.CONTACT, "createdAt")
        self._hides_age = sight.hides(Kind.CONTACT, "createdAt")

    def learn(self, profiles: Iterable[Profile]) -> None:
        if not self._alters:
            self._index.learn(one for one in profiles if one.ref.source in self._shown)

    def learn_later(self, profiles: Mapping[Ref, Callable[[], Profile]]) -> None:
        if not self._alters:
            self._index.learn_later({ref: one for ref, one in profiles.items() if ref.source in self._shown})

    def forget(self, ref: Ref) -> None:
        if ref.source in self._shown:
            self._index.forget(ref)

    def holders(self, key: str) -> Collection[Profile]:
        if key.partition(":")[0] in self._sorts:
            return ()
        return [self._seen(one) for one in self._index.holders(key) if one.ref.source in self._shown]

    def known(self, ref: Ref) -> Profile | None:
        found = self._index.known(ref) if ref.source in self._shown else None
        return None if found is None else self._seen(found)

    def shared(self, key: str) -> int:
        counts: dict[str, int] = {}
        for one in self.holders(key):
            counts[one.ref.source] = counts.get(one.ref.source, 0) + 1
        return max(counts.values(), default=0)

    def complete_since(self, source: str) -> datetime | None:
        return self._index.complete_since(source) if source in self._shown else None

    def size(self, source: str) -> int:
        return self._index.size(source) if source in self._shown else 0

    def _seen(self, profile: Profile) -> Profile:
        if not self._alters:
            return profile
        return replace(
            profile,
            name=person_name(None, None, None) if self._hides_names else profile.name,
            emails=() if "email" in self._sorts else profile.emails,
            phones=() if "phone" in self._sorts else profile.phones,
            created_at=None if self._hides_age else profile.created_at,
        )
