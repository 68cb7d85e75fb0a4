"""Lists across sources, page by page: by source, or merged by one key where every source sorts by it.

A person is emitted once, at their anchor: the first of their records, by trust and id, that belongs to the asked
sources, passes the filter and existed when the traversal began.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted, sorts_by
from crmgraph.connectors.spec import Listing
from crmgraph.domain.errors import BadReply, InputError, SourceError, Unsupported
from crmgraph.domain.filtering import And, Condition, Filter, Op, Or, check, conditions, conjuncts, passes
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service.cursors import Seal, digest
from crmgraph.service.custom import CustomFields
from crmgraph.service.identity import Identity, Person
from crmgraph.service.ports import Source
from crmgraph.service.problems import Problem, problem_of
from crmgraph.service.relations import is_one_of, may_be
from crmgraph.service.session import Session
from crmgraph.service.streams import BudgetSpent, Standing, Stream
from crmgraph.service.targets import for_source

MOST_TRIES = 3
"""After so many answers in a row in which a source failed and nothing else came, a page no longer promises a next
one.
"""


class OnMissing(StrEnum):
    """What a list does when a source fails: go on without it for now, or stop there."""

    PARTIAL = "PARTIAL"
    STOP = "STOP"


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of a list, as it is asked for."""

    kind: Kind
    first: int
    after: str | None = None
    search: str | None = None
    filter: Filter | None = None
    order: tuple[str, bool] | None = None
    sources: tuple[str, ...] | None = None
    on_missing: OnMissing = OnMissing.PARTIAL
    fields: frozenset[str] = frozenset()
    also: tuple[Kind, ...] = ()
    activity_kinds: frozenset[str] | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return (self.kind, *self.also)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one page of an answer may cost each source: calls, and records that are read for the gateway's own
    filter.
    """

    calls: int = 10
    records: int = 1000


@dataclass(slots=True)
class Listed:
    """One page: persons of contacts, single records of other kinds; `cursors` stand behind each of them."""

    items: list[Person] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    end: str | None = None
    has_next: bool = False
    total: int | None = None


class Lists:
    """Pages of lists for one session."""

    def __init__(
        self, session: Session, identity: Identity, seal: Seal, custom: CustomFields, budget: Budget, region: str
    ) -> None:
        self.session = session
        self.identity = identity
        self.seal = seal
        self.custom = custom
        self.budget = budget
        self.region = region

    async def page(self, asked: Asked) -> Listed:
        """One page; raises InputError, Unsupported and TooCostly for what cannot be asked so."""
        if not 1 <= asked.first <= 100:
            raise InputError(f"`first` is {asked.first}; it must be from 1 to 100.")
        if asked.filter is not None:
            check(asked.filter, asked.kind)
        sources = self.session.choose(asked.sources)
        asking = digest(
            asked.kinds, asked.filter, asked.order, asked.search, asked.sources, sorted(asked.activity_kinds or ())
        )
        as_of, standings = self._open(asked.after, asking)
        streams = self._streams(asked, sources, standings)
        traversal = _Traversal(self, asked, sources, streams, as_of, asking)
        await traversal.run()
        return traversal.listed

    def _open(self, after: str | None, asking: str) -> tuple[datetime, Mapping[str, Any]]:
        if after is None:
            return self.session.clock.now(), {}
        state = self.seal.open(after)
        if state.get("q") != asking:
            raise InputError(
                "The cursor in `after` belongs to another question; the filter, order, search and sources must stay."
            )
        return datetime.fromisoformat(state["at"]), state["s"]

    def _streams(self, asked: Asked, sources: Sequence[Source], standings: Mapping[str, Any]) -> list[Stream]:
        streams = []
        stores = [
            store for source in sources for kind in asked.kinds for store in self.session.resources(kind, [source])
        ]
        for source, resource in stores:
            if not may_be(resource, asked.activity_kinds):
                continue
            listing = self._listing(asked, source, resource)
            if listing is None or self._nothing_passes(asked.filter, source, resource):
                continue
            wanted = self._wanted(asked, source, resource, listing)
            standing = Standing.of_json(standings.get(f"{source.name}/{resource.name}", {}))
            fields = asked.fields | self._needed(asked)
            budget = self._calls(listing, wanted)
            streams.append(Stream(self.session, source, resource, listing, wanted, standing, fields, budget))
        self._name_the_missing(asked, sources)
        return streams

    def _calls(self, listing: Listing, wanted: Wanted) -> int:
        size = wanted.size or (listing.pages.size if listing.pages else 100)
        return max(1, min(self.budget.calls, -(-self.budget.records // size)))

    def _name_the_missing(self, asked: Asked, sources: Sequence[Source]) -> None:
        """A source that has no list of this kind is a gap that the answer names, where it was asked for by name."""
        for source in sources if asked.sources is not None else ():
            kept = [one for kind in asked.kinds for one in source.reader.definition.of_kind(kind)]
            if not any(one.listings for one in kept):
                message = f"{source.name} has no list of {asked.kind} records."
                self.session.note(source.name, Problem(source.name, "UNSUPPORTED", message))

    def _needed(self, asked: Asked) -> frozenset[str]:
        """The fields that the list itself looks at: identity's, the filter's, the order's."""
        identity = {"givenName", "familyName", "fullName", "emails", "phones"} if asked.kind is Kind.CONTACT else set()
        filtered = {one.field.partition(".")[0] for one in conditions(asked.filter)} if asked.filter else set()
        ordered = {asked.order[0]} if asked.order else set()
        return frozenset(identity | filtered | ordered | {"createdAt", "updatedAt"})

    def _listing(self, asked: Asked, source: Source, resource: Resource) -> Listing | None:
        """The list that can do most of what is asked; raises Unsupported where an order or a search is not to be
        had.
        """
        lists = resource.listings
        if not lists:
            return None
        if asked.search is not None:
            lists = tuple(one for one in lists if one.text is not None)
            if not lists:
                message = f"{source.name} cannot search {resource.name} records by text."
                self.session.note(source.name, Problem(source.name, "UNSUPPORTED", message))
                return None
        if asked.order is not None:
            lists = tuple(one for one in lists if sorts_by(one, asked.order))
            if not lists:
                direction = "descending" if asked.order[1] else "ascending"
                raise Unsupported(
                    f"{source.name} cannot list {resource.name} records by {asked.order[0]} {direction};"
                    " name the sources that can in `sources`, or leave `orderBy` out.",
                    source.name,
                )
        if asked.filter is not None:
            return max(lists, key=lambda one: self._pushed(one, asked))
        return lists[0]

    def _pushed(self, listing: Listing, asked: Asked) -> int:
        known = listing.filter.fields if listing.filter is not None else {}
        return sum(1 for one in conditions(asked.filter or And(())) if one.field.partition(".")[0] in known)

    def _nothing_passes(self, wanted: Filter | None, source: Source, resource: Resource) -> bool:
        """Whether a condition that must hold looks at a field which this source never fills: then no call is needed."""
        own = None if wanted is None else for_source(wanted, resource.kind, source.name)
        for one in conjuncts(own) if own is not None else ():
            if one == Or(()):
                return True
            if isinstance(one, Condition) and one.op is not Op.IS_NULL:
                top, _, key = one.field.partition(".")
                if top not in resource.lenses or (key and self.custom.theirs(source.name, key) is None):
                    return True
        return False

    def _wanted(self, asked: Asked, source: Source, resource: Resource, listing: Listing) -> Wanted:
        style = listing.pages.style if listing.pages else "none"
        # A page number means something under one size only; elsewhere no more is asked than is wanted, and one to overlap.
        size = None if style == "page" or asked.filter is not None else asked.first + 1
        fields = asked.fields | self._needed(asked) if asked.fields else None
        table = resource.lenses["customFields"].tables if "customFields" in resource.lenses else frozenset()
        ids = {ident: row for name in table for ident, row in (source.tables.get(name) or {}).items()}
        key_of = self.custom.pusher(source.name, ids)
        own = None if asked.filter is None else for_source(asked.filter, asked.kind, source.name)
        return Wanted(asked.search, own, asked.order, size, fields, key_of)

    def passes(self, record: Record, asked: Asked) -> bool:
        """Whether a record passes the filter; one that cannot be read does not, and its source is told to be wrong."""
        source = record.ref.source
        try:
            if not is_one_of(record, asked.activity_kinds):
                return False
            if asked.filter is None:
                return True
            wanted = for_source(asked.filter, asked.kind, source)
            return passes(
                wanted,
                record,
                region=self.region,
                key_of_custom=lambda custom: self.custom.key_of(source, custom.key),
            )
        except BadReply as error:
            self.session.note(source, problem_of(error))
            return False


class _Traversal:
    """The making of one page."""

    def __init__(
        self,
        lists: Lists,
        asked: Asked,
        sources: Sequence[Source],
        streams: Sequence[Stream],
        as_of: datetime,
        asking: str,
    ) -> None:
        self.lists = lists
        self.asked = asked
        self.names = {source.name for source in sources}
        self.streams = streams
        self.as_of = as_of
        self.asking = asking
        self.listed = Listed()
        self.given: set[Ref] = set()

    async def run(self) -> None:
        """Fill the page until it is full, every list is read, or a budget is spent."""
        stopped = False
        while len(self.listed.items) < self.asked.first and not stopped:
            # Always as many as a page holds: putting people together record by record would cost calls for each.
            chunk, stopped = await self._chunk(self.asked.first)
            if not chunk and not stopped:
                break
            await self._emit(chunk)
        self._finish()

    async def _chunk(self, most: int) -> tuple[list[tuple[Stream, Record]], bool]:
        """The next records in the list's order, and whether the page ends here: budget spent, or told to stop."""
        try:
            if self.asked.order is not None:
                return await self._merged(most), False
            for stream in self.streams:
                if await self._fill(stream):
                    return [(stream, record) for record in stream.waiting[:most]], False
        except BudgetSpent:
            return [], True
        return [], any(stream.failed for stream in self.streams) and self.asked.on_missing is OnMissing.STOP

    async def _fill(self, stream: Stream) -> bool:
        """Whether the stream has a record waiting; a failure is told, and stops the page where the caller wants
        that.
        """
        if stream.failed:
            return False
        try:
            return await stream.fill()
        except SourceError as error:
            self.lists.session.note(stream.source.name, problem_of(error))
            stream.failed = True
            stream.standing.tries += 1
            if self.asked.on_missing is OnMissing.STOP:
                raise BudgetSpent from None
            return False

    async def _merged(self, most: int) -> list[tuple[Stream, Record]]:
        """A k-way merge, as far as every stream that goes on has a record waiting."""
        live = [stream for stream in self.streams if await self._fill(stream)]
        heads = {stream.name: 0 for stream in live}
        chunk: list[tuple[Stream, Record]] = []
        while live and len(chunk) < most and all(heads[one.name] < len(one.waiting) for one in live):
            stream = self._next_of(live, heads)
            chunk.append((stream, stream.waiting[heads[stream.name]]))
            heads[stream.name] += 1
        return chunk

    def _next_of(self, live: Sequence[Stream], heads: Mapping[str, int]) -> Stream:
        descending = self.asked.order is not None and self.asked.order[1]
        first = live[0]
        for stream in live[1:]:
            ours, theirs = (one.key(one.waiting[heads[one.name]]) for one in (first, stream))
            if ours[0] != theirs[0]:
                first = stream if ours[0] else first
            elif (theirs > ours) if descending else (theirs < ours):
                first = stream
        return first

    async def _emit(self, chunk: Sequence[tuple[Stream, Record]]) -> None:
        persons = await self._persons([record for _, record in chunk])
        for stream, record in chunk:
            if len(self.listed.items) == self.asked.first:
                return
            stream.take()
            person = persons.get(record.ref)
            if person is not None and self._is_due(record, person):
                self.given.update(person.refs)
                self.listed.items.append(person)
                self.listed.cursors.append(self._cursor())

    async def _persons(self, records: Sequence[Record]) -> Mapping[Ref, Person]:
        passing = [record for record in records if self.lists.passes(record, self.asked)]
        if self.asked.kind is not Kind.CONTACT or len(self.names) == 1:
            if self.asked.kind is Kind.CONTACT:
                self.lists.identity.learn(passing)
            return {record.ref: Person((record,), (record.ref,), True) for record in passing}
        fields = self.asked.fields | self.lists._needed(self.asked)
        persons = await self.lists.identity.persons(passing, fields)
        return {ref: person for person in persons for ref in person.refs}

    def _is_due(self, record: Record, person: Person) -> bool:
        """Whether the person is emitted at this record: here is their anchor, or it cannot be known where it is."""
        if record.ref in self.given:
            return False
        if not person.complete or self.asked.search is not None:
            return True
        mine = [one for one in person.records if one.ref.source in self.names and self.lists.passes(one, self.asked)]
        before = [one for one in mine if self._existed(one)] or mine
        anchor = min(before, key=lambda one: self.lists.identity.place(one.ref), default=record)
        return anchor.ref == record.ref

    def _existed(self, record: Record) -> bool:
        try:
            created = record.get("createdAt")
        except BadReply as error:
            self.lists.session.note(record.ref.source, problem_of(error))
            return True
        return created is None or created <= self.as_of

    def _cursor(self) -> str:
        standings = {stream.name: stream.standing.as_json() for stream in self.streams}
        return self.lists.seal.close({"q": self.asking, "at": self.as_of.isoformat(), "s": standings})

    def _finish(self) -> None:
        going = [one for one in self.streams if not one.standing.done]
        hopeless = all(one.failed and one.standing.tries >= MOST_TRIES for one in going)
        self.listed.has_next = bool(going) and (bool(self.listed.items) or not hopeless)
        self.listed.end = self._cursor() if going else (self.listed.cursors[-1] if self.listed.cursors else None)
        if len(self.streams) == 1 and self.asked.filter is None:
            self.listed.total = self.streams[0].total
