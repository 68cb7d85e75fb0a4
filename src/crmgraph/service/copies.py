"""A source's list out of the replica, where the caller allows what is that old: with its age, and no call for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.domain.errors import SourceError
from crmgraph.domain.filtering import CUSTOM_PREFIX, And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record
from crmgraph.service.custom import CustomFields
from crmgraph.service.learning import record_of
from crmgraph.service.pages import Asked
from crmgraph.service.ports import Clock, Source, StoreUnavailable
from crmgraph.service.problems import problem_of
from crmgraph.service.replica import Beyond, Kept, Place, Question
from crmgraph.service.session import Session
from crmgraph.service.targets import for_source

MARK = "r"
"""What a cursor calls the place of a list that is read from the replica."""

At = tuple[Place | None, int]


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """Where a kept list stands, as a cursor holds it."""

    place: Place | None
    done: bool

    def as_json(self) -> dict[str, Any]:
        return {MARK: self.place, "d": self.done}


class KeptList:
    """One source's people out of the replica, in the asked order; to a traversal it is a list like any other."""

    def __init__(self, session: Session, replica: Kept, source: Source, resource: Resource, asked: Question) -> None:
        self.session = session
        self.failed = False
        self.tries = 0
        self._replica = replica
        self._source = source
        self._resource = resource
        self._asked = asked
        self._records: list[Record] = []
        self._keys: list[str | None] = []
        self._places: list[Place] = []
        self._at = 0
        self._next: Place | None = asked.after
        self._ended = False
        self._began = asked.after

    @property
    def name(self) -> str:
        return f"{self._source.name}/{self._resource.name}"

    @property
    def source(self) -> str:
        return self._source.name

    @property
    def total(self) -> int | None:
        return None

    @property
    def waiting(self) -> Sequence[Record]:
        """The records that are read and not yet taken."""
        return self._records[self._at :]

    @property
    def mark(self) -> At:
        """A place to ask for the standing at, also when the list has gone on."""
        return (self._places[self._at - 1] if self._at else self._began), self._at

    def standing_at(self, mark: At) -> KeptPlace:
        return KeptPlace(mark[0], self._ended and mark[1] >= len(self._records))

    @property
    def done(self) -> bool:
        return self._ended and self._at >= len(self._records)

    async def fill(self, needed: int = 1) -> bool:
        """Have at least one record waiting, if there is one; raises Beyond, StoreUnavailable."""
        while self._at >= len(self._records) and not self._ended:
            page = await self._replica.page(replace(self._asked, after=self._next))
            records = [record_of(self._source, row) for row in page.rows]
            now = self.session.clock.now()
            for record in records:
                self.session.meters[self.source].aged((now - record.fetched_at).total_seconds())
            self._records += records
            self._keys += [_as_text(key) for key in page.keys]
            self._places += page.places
            self._next, self._ended = page.next, page.next is None
        return self._at < len(self._records)

    def take(self) -> Record:
        """The next record, of which there must be one waiting."""
        self._at += 1
        return self._records[self._at - 1]

    def key(self, record: Record) -> tuple[bool, str]:
        """What a merge sorts by: the order's value as text, those without one last."""
        key = self._keys[self._records.index(record)]
        return key is None, key or ""


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
            age = await self._age(source)
            if age is not None and age <= session.freshness.max_age:
                kept = await self._list(session, asked, source, None)
                if kept is not None:
                    found[source.name] = kept
        return found

    async def instead(self, session: Session, asked: Asked, source: Source, error: SourceError) -> KeptList | None:
        """What stands in for a source that failed, however old, where the caller allows that."""
        if not session.freshness.stale_if_error or session.anew or await self._age(source) is None:
            return None
        kept = await self._list(session, asked, source, None)
        if kept is not None:
            age = session.meters[source.name].age or 0.0
            session.meters[source.name].stood_in(age, problem_of(error))
        return kept

    async def resumed(self, session: Session, asked: Asked, source: Source, place: Place | None) -> KeptList | None:
        """The list of a source from the place of a cursor on."""
        return await self._list(session, asked, source, place)

    async def _age(self, source: Source) -> float | None:
        """How many seconds ago all people of a source were last known; None where they never were."""
        (resource,) = _contacts(source) or (None,)
        if resource is None or source.name in self.own:
            return None
        try:
            state = await self.replica.state(source.name, resource.name)
        except StoreUnavailable:  # Then nothing is kept for us.
            return None
        if state.full_since is None or state.changed_since is None:
            return None
        return (self.clock.now() - state.changed_since).total_seconds()

    async def _list(self, session: Session, asked: Asked, source: Source, after: Place | None) -> KeptList | None:
        """A list with its first page read; None for a question that the replica cannot answer."""
        resources = _contacts(source)
        if asked.kinds != (Kind.CONTACT,) or asked.search is not None or len(resources) != 1:
            return None
        resource = resources[0]
        wanted = None if asked.filter is None else for_source(asked.filter, Kind.CONTACT, source.name)
        own = None if wanted is None else self._own(wanted, source.name)
        question = Question(source.name, Kind.CONTACT, asked.first + 1, own, asked.order, after)
        kept = KeptList(session, self.replica, source, resource, question)
        await session.load_tables(source, resource, asked.needed)
        try:
            await kept.fill()
        except (Beyond, StoreUnavailable):  # It is asked live, which tells why where that fails too.
            return None
        return kept

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


def place_in(standing: Mapping[str, Any]) -> tuple[Place | None] | None:
    """The place that a cursor holds of a kept list; None where the list was read live."""
    return (standing[MARK],) if MARK in standing else None


def _contacts(source: Source) -> list[Resource]:
    """Where a source keeps people."""
    return [one for one in source.reader.definition.of_kind(Kind.CONTACT) if one.listings]


def _as_text(key: str | datetime | None) -> str | None:
    """A sort key as live lists write it, so that both can be merged."""
    return key.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(key, datetime) else key
