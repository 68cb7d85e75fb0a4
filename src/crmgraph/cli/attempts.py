"""Every read that a definition declares, made once against the real CRM, with a verdict on each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from crmgraph.cli.verdicts import Known, Mark, Verdict, Wrong, entries, many, single
from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Call, Flow
from crmgraph.connectors.flows import Wanted
from crmgraph.connectors.pagination import Page
from crmgraph.connectors.pushdown import push
from crmgraph.connectors.spec import Listing, Many, Through
from crmgraph.domain.errors import BadReply, CrmGraphError
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Email, Kind, Phone
from crmgraph.domain.normalize import text_key
from crmgraph.domain.records import Record
from crmgraph.service.ports import Clock, Source
from crmgraph.service.problems import Meter

T = TypeVar("T")

PARENTS = 5
"""How many records are asked what hangs on them, until one of them has something."""

TABLE_PAGES = 5
"""How many pages of a vocabulary are read."""


class Attempts:
    """The reads of one source. Run `all` to the end; `known` then holds the records that were seen."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self.source = source
        self.clock = clock
        self.reader = source.reader
        self.definition = source.reader.definition
        self.tables: dict[str, Mapping[str, Any]] = {"settings": source.settings}
        self.known = {name: Known() for name in self.definition.resources}
        self.verdicts: list[Verdict] = []
        self._last: Call | None = None
        self._meter = Meter()

    async def all(self) -> None:
        """Make every read; ends early when the CRM cannot be reached or refuses our credentials."""
        if not await self._probe():
            return
        for name in self.definition.tables:
            await self._table(name)
        for resource in self.definition.resources.values():
            for what, listing in _lists(resource):
                await self._list(resource, what, listing)
        for resource in self.definition.resources.values():
            await self._hanging(resource)
        for resource in self.definition.resources.values():
            await self._singly(resource)
            await self._find(resource)
            for what, listing in _lists(resource):
                await self._orders(resource, what, listing)
                await self._asked(resource, what, listing)
            self._fields(resource)

    async def _try(self, resource: str, read: str, flow: Flow[T], judged: Callable[[T], str]) -> T | None:
        """Drive one flow and keep its verdict; `judged` gives the sentence, or raises what is wrong."""
        self._last = None
        try:
            found = await self._drive(flow)
            self._keep(Mark.OK, resource, read, judged(found))
        except CrmGraphError as error:
            self._keep(Mark.FAILED, resource, read, error.message, error.code)
            return None
        return found

    async def _drive(self, flow: Flow[T]) -> T:
        try:
            call = next(flow)
            while True:
                self._last = call
                call = flow.send(await self.source.send(call, self._meter))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def _keep(self, mark: Mark, resource: str, read: str, message: str, code: str | None = None) -> None:
        call = "" if self._last is None else f"{self._last.method} {self._last.path}"
        self.verdicts.append(Verdict(mark, resource, read, call, message, code))

    def _skip(self, resource: str, read: str, why: str) -> None:
        self._last = None
        self._keep(Mark.SKIPPED, resource, read, why)

    async def _probe(self) -> bool:
        await self._try("", "probe", self.reader.probe(), lambda _: "the CRM answers and takes these credentials")
        return not self.verdicts[-1].upstream

    async def _table(self, name: str) -> None:
        found = await self._try("", f"table {name}", self.reader.table(name, TABLE_PAGES), entries)
        self.tables[name] = found or {}

    async def _list(self, resource: Resource, what: str, listing: Listing) -> None:
        def judged(page: Page) -> str:
            records = self._records(resource, page.items)
            self._learn(resource, records)
            total = f" of {page.total}" if page.total is not None else " and more" if page.next is not None else ""
            others = len(page.items) - len(records)
            return f"{many(len(page.items), 'record')}{total}" + (f", {others} of them another kind" if others else "")

        await self._try(resource.name, what, self.reader.page(listing, Wanted(), None, resource), judged)

    def _records(self, resource: Resource, items: Sequence[Any], parent: str | None = None) -> list[Record]:
        now, name = self.clock.now(), self.source.name
        return [
            resource.record(item, name, self.tables, now, frozenset(), parent)
            for item in items
            if resource.belongs(item)
        ]

    def _learn(self, resource: Resource, records: Sequence[Record]) -> None:
        known = self.known[resource.name].records
        known += [one for one in records if one.ref not in {held.ref for held in known}]

    async def _hanging(self, resource: Resource) -> None:
        for kind in resource.spec.of:
            parents = [one for parent in self.definition.of_kind(kind) for one in self.known[parent.name].records]
            if not parents:
                self._skip(resource.name, f"of {kind}", f"no {kind} was listed to ask for")
            else:
                await self._of(resource, kind, [one.ref.id for one in parents[:PARENTS]])

    async def _of(self, resource: Resource, kind: Kind, parents: Sequence[str]) -> None:
        for at, parent in enumerate(parents, start=1):

            def judged(page: Page, parent: str = parent) -> str:
                records = self._records(resource, page.items, parent)
                self._learn(resource, records)
                return f"{many(len(records), 'record')} of {kind} {parent}"

            page = await self._try(resource.name, f"of {kind}", self.reader.of(resource, kind, [parent], 2), judged)
            if page is None or page.items or at == len(parents):
                return
            self.verdicts.pop()  # Nothing hangs on this one; the next may have something to show.

    async def _singly(self, resource: Resource) -> None:
        known = self.known[resource.name].records
        if resource.spec.get is not None and not known:
            self._skip(resource.name, "get", f"no {resource.name} was found to fetch")
        elif resource.spec.get is not None:
            ref = known[0].ref
            await self._try(
                resource.name,
                "get",
                self.reader.get(resource, ref.id, ref.parent),
                lambda raw: self._same(resource, raw, ref.id),
            )
        if isinstance(resource.spec.get_many, Many | Through):
            ids = [one.ref.id for one in known[:3]]
            if not ids:
                self._skip(resource.name, "get_many", f"no {resource.name} was found to fetch")
            else:
                flow = self.reader.many(resource, ids)
                await self._try(resource.name, "get_many", flow, lambda items: self._all_of(resource, items, ids))

    def _same(self, resource: Resource, raw: Any, ident: str) -> str:
        if raw is None:
            raise Wrong(f"{ident} was listed and is not there when it is fetched")
        (record,) = self._records(resource, [raw]) or (None,)
        if record is None or record.ref.id != ident:
            raise Wrong(f"{ident} was asked for and another record came")
        return f"{ident} came"

    def _all_of(self, resource: Resource, items: Sequence[Any], ids: Sequence[str]) -> str:
        missing = sorted(set(ids) - {one.ref.id for one in self._records(resource, items)})
        if missing:
            raise Wrong(f"{', '.join(missing)} did not come of the {len(ids)} asked for")
        return f"all {len(ids)} asked for came"

    async def _find(self, resource: Resource) -> None:
        for sort in resource.spec.find:
            held = next(iter(self._keys(resource, str(sort))), None)
            if held is None:
                self._skip(resource.name, f"find by {sort}", f"no {resource.name} that was seen holds one")
                continue
            record, key = held
            await self._try(
                resource.name,
                f"find by {sort}",
                self.reader.find(resource, [key]),
                lambda page, record=record: self._among(resource, page, record),  # type: ignore[misc]
            )

    def _keys(self, resource: Resource, sort: str) -> Iterator[tuple[Record, str]]:
        for record in self.known[resource.name].records:
            for one in record.peek(f"{sort}s") or ():
                if isinstance(one, Email | Phone):
                    yield record, f"{sort}:{one.value}"

    def _among(self, resource: Resource, page: Page, record: Record) -> str:
        if record.ref.id not in {one.ref.id for one in self._records(resource, page.items)}:
            raise Wrong(f"{record.ref.id} holds the value that was asked for and did not come")
        return f"{many(len(page.items), 'record')}, {record.ref.id} among them"

    async def _orders(self, resource: Resource, what: str, listing: Listing) -> None:
        for name, ways in listing.order.items():
            for descending, way in ((False, ways.asc), (True, ways.desc)):
                if way is None:
                    continue
                read = f"{what} by {name} {'desc' if descending else 'asc'}"
                flow = self.reader.page(listing, Wanted(order=(name, descending)), None, resource)
                await self._try(
                    resource.name,
                    read,
                    flow,
                    lambda page, name=name, down=descending: self._sorted(resource, page, name, down),  # type: ignore[misc]
                )

    def _sorted(self, resource: Resource, page: Page, name: str, descending: bool) -> str:
        values = [value for one in self._records(resource, page.items) if (value := one.peek(name)) is not None]
        keys = [text_key(one) if isinstance(one, str) else one for one in values]
        if keys != sorted(keys, reverse=descending):
            raise Wrong(f"the {len(keys)} records of the first page do not come in this order")
        return f"{many(len(keys), 'record')} in order"

    async def _asked(self, resource: Resource, what: str, listing: Listing) -> None:
        """One filter that the list declares, on a value of the first record that has one; and its free text."""
        record, condition = self._condition(resource, listing)
        if listing.filter is None:
            return
        if record is None or condition is None:
            self._skip(resource.name, f"{what} filtered", "no listed record has a value that its filter can ask for")
            return
        flow = self.reader.page(listing, Wanted(filter=condition), None, resource)
        await self._try(
            resource.name,
            f"{what} filtered by {condition.field}",
            flow,
            lambda page: self._among(resource, page, record),
        )

    def _condition(self, resource: Resource, listing: Listing) -> tuple[Record | None, Condition | None]:
        """A condition that the list can be asked, and the record it is taken from; equality where that can be said."""
        spec = listing.filter
        for name in spec.fields if spec is not None else ():
            for record in self.known[resource.name].records:
                value = single(record.peek(name))
                for found in (Condition(name, op, value) for op in (Op.EQ, Op.GTE) if value is not None):
                    if spec is not None and push(spec, found):
                        return record, found
        return None, None

    def _fields(self, resource: Resource) -> None:
        """Whether every field of every record that was seen can be read."""
        wrong: dict[str, str] = {}
        for record in self.known[resource.name].records:
            for name in resource.lenses:
                try:
                    record.get(name)
                except BadReply as error:
                    wrong.setdefault(name, error.message)
        self._last = None
        for name, message in wrong.items():
            self._keep(Mark.FAILED, resource.name, f"field {name}", message, BadReply.code)


def _lists(resource: Resource) -> Iterator[tuple[str, Listing]]:
    for what, listing in (("list", resource.spec.list), ("search", resource.spec.search)):
        if listing is not None:
            yield what, listing
