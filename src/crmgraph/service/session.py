"""One request's view of all sources: it drives flows, shares equal calls, counts them, and keeps to the deadline."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Call, Flow, Reply
from crmgraph.domain.errors import BadReply, CrmGraphError, Denied, InputError, SourceError, Throttled, Unavailable
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record
from crmgraph.service.errands import ERRAND, Errand, Urgency
from crmgraph.service.freshness import LIVE, PASSING, failure_in
from crmgraph.service.ports import Clock, Source
from crmgraph.service.problems import Meter, Problem, problem_of

T = TypeVar("T")

TABLE_PAGES = 50
"""How many pages of a vocabulary are read at the most."""


class Session:
    """Everything one operation knows of the sources, most trusted first.

    `deadline` is a reading of the clock's monotonic seconds. Equal calls share one reply for as long as the session
    lives: within one answer a record says one thing. With `anew` no reply is another request's, as it must be for what
    is read to be written upon; otherwise `freshness` says how old one may be. A source that could not be reached,
    refused our credentials or asked us to slow down is not asked again in this session.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        clock: Clock,
        deadline: float,
        anew: bool = False,
        urgency: Urgency = Urgency.INTERACTIVE,
    ) -> None:
        self.sources = {source.name: source for source in sources}
        self.tables: dict[str, dict[str, Mapping[str, Any]]] = {one.name: {"settings": one.settings} for one in sources}
        self.ranks = {source.name: rank for rank, source in enumerate(sources)}
        self.clock = clock
        self.deadline = deadline
        self.anew = anew
        self.urgency = urgency
        self.freshness = LIVE
        self.meters = {source.name: Meter() for source in sources}
        self.heard: Callable[[Sequence[Record]], None] | None = None
        self.identity_partial = False
        self._replies: dict[Call, asyncio.Future[Reply]] = {}
        self._tables: dict[tuple[str, str], asyncio.Future[None]] = {}

    def choose(self, names: Sequence[str] | None) -> list[Source]:
        """The sources asked for, most trusted first; raises InputError naming one that is not configured."""
        for name in names or ():
            if name not in self.sources:
                raise InputError(f"There is no source `{name}`; configured are {', '.join(self.sources)}.")
        return [source for source in self.sources.values() if names is None or source.name in names]

    def resources(self, kind: Kind, sources: Iterable[Source] | None = None) -> list[tuple[Source, Resource]]:
        """Where records of a kind are kept."""
        chosen = self.sources.values() if sources is None else sources
        return [(source, one) for source in chosen for one in source.reader.definition.of_kind(kind)]

    def resource(self, source: str, name: str) -> Resource:
        """A source's resource by its definition's name; raises InputError when there is none."""
        known = self.sources.get(source)
        resource = known.reader.definition.resources.get(name) if known else None
        if resource is None:
            raise InputError(f"This id names a {name} of `{source}`, which is not configured here.")
        return resource

    async def run(self, source: Source, flow: Flow[T]) -> T:
        """Drive a flow to its end; raises SourceError when a call fails or a reply says so."""
        try:
            call = next(flow)
            while True:
                call = flow.send(await self._reply(source, call))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        except (Throttled, Denied) as error:
            if isinstance(error, Throttled) or error.everywhere:
                self.meters[source.name].lost = error
            raise

    async def attempt(self, source: Source, work: Awaitable[T], otherwise: T) -> T:
        """The result of `work`, or `otherwise` with the failure kept as a problem of the source."""
        try:
            return await work
        except CrmGraphError as error:
            self.note(source.name, problem_of(error))
            return otherwise

    def note(self, source: str, problem: Problem) -> None:
        """Tell a problem beside the answer."""
        self.meters[source].note(problem)

    async def _reply(self, source: Source, call: Call) -> Reply:
        if (lost := self.meters[source.name].lost) is not None:
            return self._instead(source, call, lost)
        first, *_ = [self._begun(source, one) for one in (call, *call.then)]
        # One waiter that is cancelled must not take the reply away from the others.
        return await asyncio.shield(first)

    def _begun(self, source: Source, call: Call) -> "asyncio.Future[Reply]":
        """The reply to come, asked for now unless it was before."""
        future = self._replies.get(call)
        if future is None:
            if self.clock.monotonic() >= self.deadline:
                raise Unavailable(source.name, f"The request's time is used up, so {source.name} was not asked.")
            future = self._replies[call] = asyncio.ensure_future(self._timed(source, call))
        return future

    async def _timed(self, source: Source, call: Call) -> Reply:
        # Half of what is left, so that one silent source leaves time for what is asked after it.
        now = self.clock.monotonic()
        left = max((self.deadline - now) / 2, 0)
        ERRAND.set(Errand(now + left, self.urgency))  # This is a task of its own, so it is set for nobody else.
        try:
            async with asyncio.timeout(left):
                return await self._asked(source, call)
        except TimeoutError:
            error: SourceError = Unavailable(
                source.name, f"{source.name} did not answer in its share of the request's time."
            )
        except BadReply as failure:
            # One reply that cannot be taken says nothing of the next.
            return self._instead(source, call, failure)
        except SourceError as failure:
            error = failure
        self.meters[source.name].lost = error
        return self._instead(source, call, error)

    async def _asked(self, source: Source, call: Call) -> Reply:
        meter = self.meters[source.name]
        if self.anew:
            return await source.send(call, meter)
        known = source.kept(call) if self.freshness.max_age else None
        if known is not None and known.age <= self.freshness.max_age:
            meter.aged(known.age)
            return known.reply
        reply = await source.read(call, meter)
        failure = failure_in(call, reply) if self.freshness.stale_if_error else None
        return reply if failure is None else self._old(source, call, failure) or reply

    def _instead(self, source: Source, call: Call, failure: SourceError) -> Reply:
        """What is kept instead of the reply that a source failed to give; raises the failure where nothing may be."""
        old = self._old(source, call, failure)
        if old is None:
            raise failure
        return old

    def _old(self, source: Source, call: Call, failure: SourceError) -> Reply | None:
        may_be = self.freshness.stale_if_error and not self.anew and isinstance(failure, PASSING)
        known = source.kept(call) if may_be else None
        if known is None:
            return None
        self.meters[source.name].stood_in(known.age, problem_of(failure))
        return known.reply

    async def load_tables(self, source: Source, resource: Resource, fields: Collection[str]) -> None:
        """Have the vocabularies at hand that `fields` of a resource look into; a failure is a problem, not an end."""
        names = resource.tables_for(fields)
        if not names <= self.tables[source.name].keys():
            await self.load_vocabularies(source, names)

    async def load_all_tables(self, stores: Iterable[tuple[str, str]], fields: Collection[str]) -> None:
        """As `load_tables`, for several resources (source and name) at once."""
        wanted = [(self.sources[name], self.resource(name, resource).tables_for(fields)) for name, resource in stores]
        lacking = [(source, names) for source, names in wanted if not names <= self.tables[source.name].keys()]
        if lacking:
            await asyncio.gather(*(self.load_vocabularies(source, names) for source, names in lacking))

    async def load_vocabularies(self, source: Source, names: Collection[str]) -> None:
        """Have these vocabularies of a source at hand, as far as they can be had."""
        if names:
            await asyncio.gather(*(self._table(source, name) for name in sorted(names)))

    async def _table(self, source: Source, name: str) -> None:
        key = (source.name, name)
        if key not in self._tables:
            self._tables[key] = asyncio.ensure_future(self._read_table(source, name))
        await asyncio.shield(self._tables[key])

    async def _read_table(self, source: Source, name: str) -> None:
        kept = source.tables
        table = kept.get(name)
        if table is None:
            flow = source.reader.table(name, TABLE_PAGES)
            table = await self.attempt(source, self.run(source, flow), None)
            if table is None:
                return
            kept[name] = table
        self.tables[source.name][name] = table

    async def records(
        self,
        source: Source,
        resource: Resource,
        items: Iterable[Any],
        fields: Collection[str],
        unread: frozenset[str] = frozenset(),
        parent: str | None = None,
        whole: bool = True,
    ) -> list[Record]:
        """The records of raw items that belong to the resource, with the vocabularies for `fields` at hand.

        Those that are not `whole`, for only some fields were asked for, are nothing to be kept.
        """
        await self.load_tables(source, resource, fields)
        now = self.clock.now()
        records = [
            resource.record(item, source.name, self.tables[source.name], now, unread, parent)
            for item in items
            if resource.belongs(item)
        ]
        # What may have been kept for a while is not what the source says now.
        if self.heard is not None and whole and not unread and self.freshness == LIVE:
            self.heard(records)
        return records

    async def close(self) -> None:
        """Stop what nobody waits for any more."""
        futures: list[asyncio.Future[Any]] = [*self._replies.values(), *self._tables.values()]
        running = [one for one in futures if not one.done()]
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for done in futures:
            # A failure that its waiters have seen needs no second telling by the event loop.
            done.cancelled() or done.exception()
