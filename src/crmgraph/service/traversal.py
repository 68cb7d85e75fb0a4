"""The making of one page of a list over several sources.

A person is emitted once, at their anchor: the first of their records, by trust and id, that belongs to the asked
sources, passes the filter and existed when the traversal began.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from crmgraph.domain.errors import BadReply, SourceError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service.cursors import Cursor
from crmgraph.service.identity import Identity, Person
from crmgraph.service.kept_lists import KeptList
from crmgraph.service.pages import Asked, Listed, OnMissing
from crmgraph.service.problems import problem_of
from crmgraph.service.streams import PageEnds, Stream

MOST_TRIES = 3
"""After so many answers in a row in which a source failed and nobody came, a page no longer promises a next one."""

TOGETHER = 10
"""How often one page puts people together at the most: each time costs calls at every source, so then it ends short."""

AnyList = Stream | KeptList
"""A list of one source that is read live, or out of the replica."""

Chunk = Sequence[tuple[AnyList, Record]]


Instead = Callable[[Asked, Stream, SourceError], Awaitable[KeptList | None]]
"""What goes on for a list whose source failed; None where nothing may."""


class Traversal:
    """One page in the making; `passes` says whether a record passes the filter."""

    def __init__(
        self,
        asked: Asked,
        names: frozenset[str],
        streams: Sequence[AnyList],
        as_of: datetime,
        identity: Identity,
        passes: Callable[[Record], bool],
        instead: Instead,
    ) -> None:
        self.asked = asked
        self.names = names
        self.streams = list(streams)
        self.instead = instead
        self.as_of = as_of
        self.identity = identity
        self.session = identity.session
        self.passes = passes
        self.given: set[Ref] = set()
        self._together = 0

    async def page(self, seal: Callable[[Mapping[str, Any]], str]) -> Listed:
        """Fill a page until it is full, every list is read, or it ends for another reason; `seal` makes cursors."""
        listed = Listed()
        with suppress(PageEnds):  # What is on the page stands; the rest comes with the next one.
            # Always as many as a page holds: putting people together record by record would cost calls for each.
            while (lacking := self.asked.first - len(listed.items)) and (chunk := await self._chunk(lacking)):
                await self._emit(chunk, listed, seal)
        self._finish(listed, seal)
        return listed

    async def _chunk(self, lacking: int) -> Chunk:
        """The next records in the list's order; none at the end of all lists. Raises PageEnds."""
        most = self.asked.first
        # Of several lists that are merged nobody knows which one goes on.
        needed = lacking if self.asked.order is None or len(self.streams) == 1 else 1
        if self.asked.order is not None:
            return await self._merged(most, needed)
        for at in range(len(self.streams)):
            if await self._fill(at, needed):
                return [(self.streams[at], record) for record in self.streams[at].waiting[:most]]
        return ()

    async def _fill(self, at: int, needed: int) -> bool:
        """Whether a stream has a record waiting, or what goes on for one that fails.

        A failure is told, and ends the page where the caller wants that.
        """
        stream = self.streams[at]
        try:
            return await stream.fill(needed)
        except SourceError as error:
            instead = await self.instead(self.asked, stream, error) if isinstance(stream, Stream) else None
            if instead is not None:
                self.streams[at] = instead
                return await instead.fill()
            self.session.note(stream.source, problem_of(error))
            stream.failed = True
            if self.asked.on_missing is OnMissing.STOP:
                raise PageEnds from None
            return False

    async def _merged(self, most: int, needed: int) -> Chunk:
        """A k-way merge, as far as every stream that goes on has a record waiting."""
        filling = (self._fill(at, needed) for at in range(len(self.streams)))
        filled = await asyncio.gather(*filling, return_exceptions=True)
        for outcome in filled:
            if isinstance(outcome, BaseException):
                raise outcome
        live = [stream for stream, has_one in zip(self.streams, filled, strict=True) if has_one]
        waiting = {stream: stream.waiting for stream in live}
        heads = dict.fromkeys(live, 0)
        chunk: list[tuple[AnyList, Record]] = []
        while live and len(chunk) < most and all(heads[one] < len(waiting[one]) for one in live):
            stream = self._next_of({one: waiting[one][heads[one]] for one in live})
            chunk.append((stream, waiting[stream][heads[stream]]))
            heads[stream] += 1
        return chunk

    def _next_of(self, heads: Mapping[AnyList, Record]) -> AnyList:
        """The stream whose next record comes first: by key, those without one last, then by trust."""
        keys = {stream: stream.key(record) for stream, record in heads.items()}
        keyed = [stream for stream in heads if not keys[stream][0]] or list(heads)
        descending = self.asked.order is not None and self.asked.order[1]
        return (max if descending else min)(keyed, key=lambda stream: keys[stream][1])

    async def _emit(self, chunk: Chunk, listed: Listed, seal: Callable[[Mapping[str, Any]], str]) -> None:
        persons = await self._persons([record for _, record in chunk])
        for stream, record in chunk:
            if len(listed.items) == self.asked.first:
                return
            stream.take()
            person = persons.get(record.ref)
            if person is not None and self._is_due(record, person):
                self.given.update(person.refs)
                listed.items.append(person)
                listed.cursors.append(self._cursor(seal))

    async def _persons(self, records: Sequence[Record]) -> Mapping[Ref, Person]:
        """The persons of those records that pass, by each of their refs."""
        whole = await self.identity.lookup.complete(records, self.asked.needed)
        passing = [record for record in whole if self.passes(record)]
        if self.asked.kind is not Kind.CONTACT:
            return {record.ref: Person((record,), (record.ref,), True) for record in passing}
        self._together += bool(passing)
        if self._together > TOGETHER:
            raise PageEnds
        persons = await self.identity.persons(passing, self.asked.needed)
        return {ref: person for person in persons for ref in person.refs}

    def _is_due(self, record: Record, person: Person) -> bool:
        """Whether the person is emitted at this record: here is their anchor, or it cannot be known where it is."""
        if not self.given.isdisjoint(person.refs):
            return False
        if not person.complete or self.asked.search is not None or len(person.records) == 1:
            return True
        mine = [one for one in person.records if one.ref.source in self.names and self.passes(one)]
        before = [one for one in mine if self._existed(one)] or mine
        anchor = min(before, key=lambda one: self.identity.place(one.ref), default=record)
        return anchor.ref == record.ref

    def _existed(self, record: Record) -> bool:
        try:
            created = record.get("createdAt")
        except BadReply as error:
            self.session.note(record.ref.source, problem_of(error))
            return True
        return created is None or created <= self.as_of

    def _cursor(self, seal: Callable[[Mapping[str, Any]], str]) -> Cursor:
        """The cursor for where all streams stand now."""
        marks = [(stream, stream.mark) for stream in self.streams]
        return Cursor(lambda: seal(_standings(marks)))

    def _finish(self, listed: Listed, seal: Callable[[Mapping[str, Any]], str]) -> None:
        going = [one for one in self.streams if not one.done]
        for stream in going:
            stream.tries = stream.tries + 1 if stream.failed and not listed.items else 0
        listed.has_next = bool(going) and not self._is_hopeless(going)
        listed.end = self._cursor(seal) if going else next(reversed(listed.cursors), None)
        if len(self.streams) == 1 and self.asked.filter is None and self.asked.activity_kinds is None:
            listed.total = self.streams[0].total

    def _is_hopeless(self, going: Sequence[AnyList]) -> bool:
        """Whether what still goes on has failed too often to be waited for."""
        lost = [one.tries >= MOST_TRIES for one in going]
        return any(lost) if self.asked.on_missing is OnMissing.STOP else all(lost)


def _standings(marks: Sequence[tuple[AnyList, Any]]) -> Mapping[str, Any]:
    """Where each of some lists stood, by its name, as a cursor holds it."""
    return {stream.name: stream.standing_at(mark).as_json() for stream, mark in marks}
