"""The key index as somebody sees it who may not see all: nothing of what is out of their sight, and nothing learnt from
them, for what they read may lack what others read.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from msgspec.structs import fields, replace

from crmgraph.domain.model import Kind
from crmgraph.domain.names import person_name
from crmgraph.domain.naming import NAMES
from crmgraph.domain.profiles import ALSO, NEEDED, Profile
from crmgraph.domain.records import Ref
from crmgraph.service.index import KeyIndex
from crmgraph.service.sights import Sight


class IndexSight:
    """A key index over the sources `shown`; whoever is shown none of what is hidden."""

    def __init__(self, index: KeyIndex, sight: Sight, shown: Collection[str]) -> None:
        self._index = index
        self._shown = frozenset(shown)
        self._sorts = {sort for sort in ("email", "phone") if sight.hides(Kind.CONTACT, f"{sort}s")}
        hidden = (field for field in (*NEEDED, *ALSO) if sight.hides(Kind.CONTACT, field))
        self._without = {part: _EMPTY[part] for field in hidden for part in _PARTS[field]}

    def learn(self, profiles: Iterable[Profile]) -> None:
        if not self._without:
            self._index.learn(one for one in profiles if one.ref.source in self._shown)

    def learn_later(self, profiles: Mapping[Ref, Callable[[], Profile]]) -> None:
        if not self._without:
            self._index.learn_later({ref: one for ref, one in profiles.items() if ref.source in self._shown})

    def forget(self, ref: Ref) -> None:
        if ref.source in self._shown:
            self._index.forget(ref)

    def holders(self, key: str) -> Collection[Profile]:
        if key.partition(":")[0] in self._sorts:
            return ()
        return [self._seen(one) for one in self._index.holders(key) if one.ref.source in self._shown]

    def alike(self, profile: Profile) -> Collection[Profile]:
        return [self._seen(one) for one in self._index.alike(profile) if one.ref.source in self._shown]

    def everyone(self) -> Collection[Profile]:
        return [self._seen(one) for one in self._index.everyone() if one.ref.source in self._shown]

    @property
    def version(self) -> int:
        return self._index.version

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
        return replace(profile, **self._without) if self._without else profile


_SPELT = ("spelt_given", "spelt_family")
_PARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(NAMES, ("name", *_SPELT)),
    "emails": ("emails", "domains", *_SPELT),
    "phones": ("phones", "lines"),
    "companyName": ("company",),
    "addresses": ("city", "country", "street", "postal_code"),
    "birthDate": ("birth_date",),
    "createdAt": ("created_at",),
}
"""A contact's field → the parts of a profile that tell of it."""

_EMPTY = {part.name: part.default for part in fields(Profile)} | {"name": person_name(None, None, None)}
"""The parts of a profile that tells nothing."""
