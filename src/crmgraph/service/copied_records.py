"""Single records out of the replica: instead of a look-up where the caller allows what is that old, and for a source
that fails. Each is told with its age.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from crmgraph.connectors.definition import Resource
from crmgraph.domain.errors import SourceError
from crmgraph.domain.records import Record, Ref
from crmgraph.service.freshness import PASSING
from crmgraph.service.learning import record_of
from crmgraph.service.ports import Source, StoreUnavailable
from crmgraph.service.problems import problem_of
from crmgraph.service.replica import Kept, Row
from crmgraph.service.session import Session


class Copied(Protocol):
    """What is kept of the sources; `own` are those that are asked with credentials of a caller's own, of which nothing
    is.
    """

    @property
    def replica(self) -> Kept: ...

    @property
    def own(self) -> frozenset[str]: ...

    async def age(self, source: Source, resource: Resource) -> float | None:
        """How many seconds ago all that a resource holds was last known; None where it never was, or not for us."""

    async def tables(self, session: Session, source: Source, resource: Resource, fields: Collection[str]) -> None:
        """Have the vocabularies at hand that kept records look into."""


class CopiedRecords:
    """The records that the replica may tell within one session."""

    def __init__(self, session: Session, copies: Copied) -> None:
        self.session = session
        self.copies = copies

    async def is_young(self, source: Source, resource: Resource) -> bool:
        """Whether the copy of all that a resource holds is as young as the caller allows."""
        most = 0.0 if self.session.anew else self.session.freshness.max_age
        age = await self.copies.age(source, resource) if most else None
        return age is not None and age <= most

    async def young(
        self, source: Source, resource: Resource, refs: Collection[Ref], fields: Collection[str]
    ) -> dict[Ref, Record]:
        """Those of some records whose copy is young enough: they were read, or all changes were, not long ago."""
        most = 0.0 if self.session.anew else self.session.freshness.max_age
        if not most or source.name in self.copies.own:
            return {}
        whole = await self.is_young(source, resource)
        found = await self._read(source, resource, refs, fields)
        young = {ref: one for ref, one in found.items() if whole or self._age(one) <= most}
        for one in young.values():
            self.session.meters[source.name].aged(self._age(one))
        return young

    async def holders(
        self, source: Source, resource: Resource, keys: Collection[str], fields: Collection[str]
    ) -> list[Record]:
        """All who hold one of these keys, as the copy of a source says that `is_young`."""
        found = await self._holding(source, resource, keys, fields)
        for one in found:
            self.session.meters[source.name].aged(self._age(one))
        return found

    async def instead(
        self, source: Source, resource: Resource, failed: Mapping[Ref, BaseException], fields: Collection[str]
    ) -> dict[Ref, Record]:
        """What is kept of records that their source failed to give, however old, where the caller allows that."""
        refs = [ref for ref, error in failed.items() if self._may_stand_in(source, error)]
        found = await self._read(source, resource, refs, fields) if refs else {}
        for ref, one in found.items():
            self._tell(source, self._age(one), failed[ref])
        return found

    async def holders_instead(
        self, source: Source, resource: Resource, keys: Collection[str], fields: Collection[str], error: BaseException
    ) -> list[Record] | None:
        """Who held one of these keys when a source that fails was last read; None where that may not be told, or never
        was.
        """
        age = await self.copies.age(source, resource) if self._may_stand_in(source, error) else None
        if age is None:
            return None
        found = await self._holding(source, resource, keys, fields)
        self._tell(source, max(map(self._age, found), default=age), error)
        return found

    def _may_stand_in(self, source: Source, error: BaseException) -> bool:
        """A source that refuses us is not told from memory."""
        allowed = self.session.freshness.stale_if_error and not self.session.anew
        return allowed and isinstance(error, PASSING) and source.name not in self.copies.own

    def _tell(self, source: Source, age: float, error: BaseException) -> None:
        assert isinstance(error, SourceError)
        self.session.meters[source.name].stood_in(age, problem_of(error))

    async def _holding(
        self, source: Source, resource: Resource, keys: Collection[str], fields: Collection[str]
    ) -> list[Record]:
        try:
            # What makes addresses equal, not what joins people: whoever is asked for by an address is to be found.
            held = await self.copies.replica.by_keys([key.replace(":", "s=", 1) for key in keys])
        except StoreUnavailable:  # Then nothing is kept for us.
            return []
        refs = {ref for several in held.values() for ref in several if ref.source == source.name}
        return list((await self._read(source, resource, refs, fields)).values())

    async def _read(
        self, source: Source, resource: Resource, refs: Collection[Ref], fields: Collection[str]
    ) -> dict[Ref, Record]:
        mine = sorted(ref for ref in refs if ref.resource == resource.name)
        try:
            rows: Sequence[Row] = list((await self.copies.replica.by_refs(mine)).values())
        except StoreUnavailable:  # Then nothing is kept for us.
            return {}
        if rows:
            await self.copies.tables(self.session, source, resource, fields)
        return {row.ref: record_of(source, row) for row in rows}

    def _age(self, record: Record) -> float:
        return (self.session.clock.now() - record.fetched_at).total_seconds()
