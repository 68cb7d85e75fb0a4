"""A source's list out of the replica, where the caller allows what is that old: with its age, and no call for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.domain.errors import SourceError
from crmgraph.domain.filtering import CUSTOM_PREFIX, And, Condition, Filter, Not, Op, Or
from crmgraph.domain.free_text import in_words
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.custom import CustomFields
from crmgraph.service.freshness import PASSING
from crmgraph.service.kept_lists import MARK, KeptList, as_text
from crmgraph.service.learning import record_of
from crmgraph.service.pages import Asked
from crmgraph.service.ports import Clock, Source, StoreUnavailable
from crmgraph.service.problems import problem_of
from crmgraph.service.replica import Beyond, Kept, Place, Question
from crmgraph.service.session import Session
from crmgraph.service.standings import REMEMBERED, Standing
from crmgraph.service.streams import Stream
from crmgraph.service.targets import for_source


@dataclass(frozen=True, slots=True)
class _Behind:
    """Where a kept list begins that goes on: behind a `place`, or at an `edge` where a list failed that stood at `was`;
    without those `taken`, in its own `order`.
    """

    place: Place | None = None
    order: tuple[str, bool] | None = None
    taken: tuple[str, ...] = ()
    edge: Condition | None = None
    was: Standing | None = None


@dataclass(frozen=True, slots=True)
class Copies:
    """The lists that the replica may answer; `own` are the sources that a caller asks with credentials of their own,
    of which nothing is kept.
    """

    replica: Kept
    clock: Clock
    custom: CustomFields
    own: frozenset[str] = frozenset()

    async def fresh(self, session: Session, asked: Asked, sources: Sequence[Source]) -> dict[str, KeptList]:
        """The lists of those sources whose copy is as young as the caller allows, by the source's name."""
        found: dict[str, KeptList] = {}
        if not session.freshness.max_age or session.anew:
            return found
        for source in sources:
            age = await self._list_age(source)
            if age is not None and age <= session.freshness.max_age:
                kept = await self._list(session, asked, source)
                if kept is not None:
                    found[source.name] = kept
        return found

    async def instead(self, session: Session, asked: Asked, stream: Stream, error: SourceError) -> KeptList | None:
        """What stands in for a list that failed, however old, where the caller allows that."""
        if stream.standing.last_ids:
            return await self.behind(session, asked, stream, error)
        source = stream.choice.source
        if not self._may_stand_in(session, error) or await self._list_age(source) is None:
            return None
        kept = await self._list(session, asked, source)
        return None if kept is None else self._told(session, kept, error)

    async def behind(self, session: Session, asked: Asked, stream: Stream, error: SourceError) -> KeptList | None:
        """What goes on for a list that failed in its middle, behind the last record that was taken.

        That place is known in the order of creation, which never changes: there nobody comes twice and nobody is left
        out who was there when the copy was made. In any other order it is not, nor among more records of one instant
        than a cursor remembers.
        """
        source, was, order = stream.choice.source, stream.standing, stream.order
        if was.last_key is None or order is None or order[0] != "createdAt" or not self._may_stand_in(session, error):
            return None
        if await self._list_age(source) is None or not await self._all_remembered(stream, was):
            return None
        edge = Condition("createdAt", Op.LTE if order[1] else Op.GTE, datetime.fromisoformat(was.last_key))
        kept = await self._list(session, asked, source, _Behind(None, order, was.last_ids, edge, was))
        return None if kept is None else self._told(session, kept, error)

    async def _all_remembered(self, stream: Stream, was: Standing) -> bool:
        """Whether the ids that were taken last hold all of the very last one's instant: one of them is of another."""
        if len(was.last_ids) < REMEMBERED:
            return True
        source, resource = stream.choice.source, stream.choice.resource
        try:
            rows = await self.replica.by_refs([Ref(source.name, resource.name, ident) for ident in was.last_ids])
        except StoreUnavailable:  # Then nothing is kept for us.
            return False
        return any(as_text(record_of(source, row).peek("createdAt")) != was.last_key for row in rows.values())

    def _may_stand_in(self, session: Session, error: SourceError) -> bool:
        """A source that refuses us is not told from memory."""
        return session.freshness.stale_if_error and not session.anew and isinstance(error, PASSING)

    def _told(self, session: Session, kept: KeptList, error: SourceError) -> KeptList:
        meter = session.meters[kept.source]
        meter.stood_in(meter.age or 0.0, problem_of(error))
        return kept

    async def resumed(
        self, session: Session, asked: Asked, source: Source, standing: Mapping[str, Any]
    ) -> KeptList | None:
        """The list of a source from the place of a cursor on."""
        order = standing.get("o")
        goes_on = _Behind(standing[MARK], None if order is None else tuple(order), tuple(standing.get("l", ())))
        return await self._list(session, asked, source, goes_on)

    async def age(self, source: Source, resource: Resource) -> float | None:
        """How many seconds ago all that a resource holds was last known; None where it never was, or not for us."""
        if source.name in self.own:
            return None
        try:
            state = await self.replica.state(source.name, resource.name)
        except StoreUnavailable:  # Then nothing is kept for us.
            return None
        if state.full_since is None or state.changed_since is None:
            return None
        return (self.clock.now() - state.changed_since).total_seconds()

    async def tables(self, session: Session, source: Source, resource: Resource, fields: Collection[str]) -> None:
        """Have the vocabularies at hand that kept records look into; a source that failed already is not asked."""
        if session.meters[source.name].lost is None:
            await session.load_tables(source, resource, fields)

    async def _list_age(self, source: Source) -> float | None:
        resources = _contacts(source)
        return await self.age(source, resources[0]) if len(resources) == 1 else None

    async def _list(
        self,
        session: Session,
        asked: Asked,
        source: Source,
        behind: _Behind | None = None,
    ) -> KeptList | None:
        """A list with its first page read; None for a question that the replica cannot answer."""
        resources = _contacts(source)
        if asked.kinds != (Kind.CONTACT,) or len(resources) != 1:
            return None
        behind = behind or _Behind()
        wanted = [one for one in (self._wanted(asked, source), behind.edge) if one is not None]
        filter = And(tuple(wanted)) if wanted else None
        order = behind.order or asked.order
        is_only = filter is None and len(session.choose(asked.sources)) == 1
        question = Question(source.name, Kind.CONTACT, asked.first + 1, filter, order, behind.place, counted=is_only)
        kept = KeptList(session, self.replica, source, resources[0], question, behind.was, behind.taken)
        await self.tables(session, source, resources[0], asked.needed)
        try:
            await kept.fill()
        except (Beyond, StoreUnavailable):  # It is asked live, which tells why where that fails too.
            return None
        return kept

    def _wanted(self, asked: Asked, source: Source) -> Filter | None:
        """The question's filter and free text, as the replica is asked."""
        wanted = (
            None
            if asked.filter is None
            else self._own(for_source(asked.filter, Kind.CONTACT, source.name), source.name)
        )
        found = None if asked.search is None else in_words(asked.search)
        return wanted if found is None else found if wanted is None else And((found, wanted))

    def _own(self, wanted: Filter, source: str) -> Filter:
        """The filter with custom fields under the source's own keys; one that it does not have is empty there."""
        match wanted:
            case And(items):
                return And(tuple(self._own(one, source) for one in items))
            case Or(items):
                return Or(tuple(self._own(one, source) for one in items))
            case Not(item):
                return Not(self._own(item, source))
            case Condition(field, op, value) if field.startswith(CUSTOM_PREFIX):
                theirs = self.custom.theirs(source, field.removeprefix(CUSTOM_PREFIX))
                if theirs is None:
                    return And(()) if op is Op.IS_NULL and value else Or(())
                return Condition(f"{CUSTOM_PREFIX}{theirs}", op, value)
        return wanted


def _contacts(source: Source) -> list[Resource]:
    """Where a source keeps people."""
    return [one for one in source.reader.definition.of_kind(Kind.CONTACT) if one.listings]
