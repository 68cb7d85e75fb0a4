"""Look-ups of records: by ref, by a person's keys, and by what they hang on; each batched as its definition allows."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from msgspec import Struct

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.flows import batch_of, find_batches, parents_of
from crmgraph.connectors.pagination import Page
from crmgraph.connectors.spec import Endpoint, Through, Whole
from crmgraph.domain.errors import CrmGraphError, SourceError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service.copied_records import CopiedRecords
from crmgraph.service.loaders import Loader
from crmgraph.service.ports import Source
from crmgraph.service.problems import Problem, problem_of
from crmgraph.service.session import Session

LINKS = frozenset({"contact", "contacts", "company", "opportunity"})
"""The fields that say what a record hangs on."""

FIND_PAGES = 2
"""How many pages of what holds some keys are read at the most."""

OF_PAGES = 10
"""How many pages of one parent's records, or of a list that must be read whole, are read at the most."""


K = TypeVar("K", bound=tuple[str, Any])
V = TypeVar("V")

Loaded = BaseException | Record | None
"""What a look-up of one record gave: the failure of its source, the record, or None when it is not there."""


@dataclass(frozen=True, slots=True)
class Found:
    """Records that a look-up gave; `whole` is False when it was cut short or failed."""

    records: Sequence[Record]
    whole: bool


class _Hanging(Struct, frozen=True, gc=False, cache_hash=True):
    """One question for what hangs on a record: the resource asked, and the record by kind and id."""

    source: str
    resource: str
    kind: Kind
    parent: str


class Lookup:
    """The look-ups of one session; `copied` is what the replica may tell."""

    def __init__(self, session: Session, copied: CopiedRecords | None = None) -> None:
        self.session = session
        self.copied = copied
        self.written: dict[Ref, Record | None] = {}
        self._records: Loader[Ref, Record | None] = Loader(self._load_records)
        self._hanging: Loader[_Hanging, Found] = Loader(self._load_hanging)
        self._fields: defaultdict[str, set[str]] = defaultdict(set)

    async def record(self, ref: Ref, fields: Collection[str] = ()) -> Record | None:
        """One record, None when it is not there; raises SourceError when its source fails."""
        self.session.resource(ref.source, ref.resource)
        self.session.meters[ref.source].asked += 1
        self._fields[f"{ref.source}/{ref.resource}"].update(fields)
        return await self._records.load(ref)

    async def records(self, refs: Sequence[Ref], fields: Collection[str]) -> list[Record | None]:
        """As `record`, for several at once: a source that fails is a problem, and gives None."""
        for ref in refs:
            self.session.meters[ref.source].asked += 1
        for source, resource in dict.fromkeys((ref.source, ref.resource) for ref in refs):
            self._fields[f"{source}/{resource}"].update(fields)
        found = await self._records.load_all(refs)
        return [self._told(ref.source, one) for ref, one in zip(refs, found, strict=True)]

    def each_once(self, keys: Iterable[K]) -> Iterable[K]:
        """Keys (a source first) without repeats, which count as asked all the same: others would ask for each."""
        seen: dict[K, None] = {}
        for key in keys:
            if key in seen:
                self.session.meters[key[0]].asked += 1
            seen[key] = None
        return seen

    def prime(self, records: Iterable[Record]) -> None:
        """Keep records that another call brought, unless their endpoint leaves fields out."""
        for record in records:
            if not record.unread:
                self._records.prime(record.ref, record)

    def keep(self, written: Mapping[Ref, Record | None]) -> None:
        """Tell these records as they were read back, None for what is gone, whatever a search says that lags behind."""
        self.written.update(written)
        for ref, record in written.items():
            self._records.prime(ref, record)

    def _since_written(self, records: Iterable[Record]) -> list[Record]:
        found = {one.ref: self.written.get(one.ref, one) for one in records}
        return [one for one in found.values() if one is not None]

    async def is_copied(self, source: Source, resource: Resource) -> bool:
        """Whether `find` needs no call, and finds by any key: the copy of all records is as young as is allowed."""
        return self.copied is not None and await self.copied.is_young(source, resource)

    async def find(self, source: Source, resource: Resource, keys: Sequence[str], fields: Collection[str]) -> Found:
        """The records that hold one of these keys (`email:…`, `phone:…`), as many keys a call as the CRM takes."""
        self.session.meters[source.name].asked += len(keys)
        if self.copied is not None and await self.is_copied(source, resource):
            return self._found(await self.copied.holders(source, resource, keys, fields), whole=True)
        flows = [source.reader.find(resource, batch, FIND_PAGES) for batch in find_batches(resource, keys)]
        told = await asyncio.gather(*(self._attempted(source, flow) for flow in flows))
        pages = [one for one in told if isinstance(one, Page)]
        items = [item for page in pages for item in page.items]
        omits = frozenset[str]().union(*(omitted(resource, how) for how in resource.spec.find.values()))
        records = await self.session.records(source, resource, items, fields, omits)
        records += await self._holders_instead(source, resource, keys, fields, told)
        return self._found(records, len(pages) == len(told) and all(page.next is None for page in pages))

    async def _attempted(self, source: Source, flow: Flow[Page]) -> Page | CrmGraphError:
        try:
            return await self.session.run(source, flow)
        except CrmGraphError as error:
            return error

    async def _holders_instead(
        self,
        source: Source,
        resource: Resource,
        keys: Sequence[str],
        fields: Collection[str],
        told: Sequence[Page | CrmGraphError],
    ) -> list[Record]:
        """What the replica says where a source failed; a failure that nothing stands in for is a problem."""
        errors = [one for one in told if isinstance(one, CrmGraphError)]
        if errors and self.copied is not None:
            held = await self.copied.holders_instead(source, resource, keys, fields, errors[0])
            if held is not None:
                return held
        for error in errors:
            self.session.note(source.name, problem_of(error))
        return []

    def _found(self, records: Iterable[Record], whole: bool) -> Found:
        distinct = self._since_written(records)
        self.prime(distinct)
        return Found(distinct, whole)

    async def complete(self, records: Sequence[Record], fields: Collection[str]) -> Sequence[Record]:
        """The same records with `fields` readable: vocabularies at hand, and what a list leaves out fetched one by
        one.
        """
        stores = dict.fromkeys((one.ref.source, one.ref.resource) for one in records)
        await self.session.load_all_tables(stores, fields)
        lacking = {at: one for at, one in enumerate(records) if one.unread and not one.unread.isdisjoint(fields)}
        if not lacking:
            return records
        whole = await asyncio.gather(*(self._whole(one, fields) for one in lacking.values()))
        found = dict(zip(lacking, whole, strict=True))
        return [found.get(at, one) for at, one in enumerate(records)]

    async def _whole(self, record: Record, fields: Collection[str]) -> Record:
        source = self.session.sources[record.ref.source]
        return await self.session.attempt(source, self.record(record.ref, fields), None) or record

    async def hanging(self, source: Source, resource: Resource, kind: Kind, parent: str) -> Found:
        """What of `resource` hangs on the record of `kind` with this id; raises SourceError."""
        self.session.meters[source.name].asked += 1
        return await self._hanging.load(_Hanging(source.name, resource.name, kind, parent))

    async def all_hanging(self, asked: Sequence[tuple[Kind, Ref, Resource]]) -> list[Found | None]:
        """What of each resource hangs on the record of its kind; a source that fails is a problem, and gives None."""
        for _, ref, _ in asked:
            self.session.meters[ref.source].asked += 1
        keys = [_Hanging(ref.source, resource.name, kind, ref.id) for kind, ref, resource in asked]
        return [self._told(key.source, one) for key, one in zip(keys, await self._hanging.load_all(keys), strict=True)]

    def _told(self, source: str, found: V | BaseException) -> V | None:
        if not isinstance(found, BaseException):
            return found
        if not isinstance(found, CrmGraphError):
            raise found
        self.session.note(source, problem_of(found))
        return None

    async def told(self, source: Source, resource: Resource, parent: Record) -> Found:
        """What of `resource` a record tells besides: its own raw item, seen by another resource."""
        self.session.meters[source.name].asked += 1
        records = await self.session.records(source, resource, [parent.raw], LINKS, parent=parent.ref.id)
        return Found(self._since_written(records), True)

    async def _load_records(self, refs: Sequence[Ref]) -> Sequence[Loaded]:
        groups: defaultdict[tuple[str, str], list[Ref]] = defaultdict(list)
        for ref in refs:
            groups[ref.source, ref.resource].append(ref)
        found: dict[Ref, Record | BaseException | None] = {}
        await asyncio.gather(*(self._load_group(group, found) for group in groups.values()))
        return [found.get(ref) for ref in refs]

    async def _load_group(self, refs: Sequence[Ref], found: dict[Ref, Loaded]) -> None:
        source = self.session.sources[refs[0].source]
        resource = self.session.resource(source.name, refs[0].resource)
        if self.copied is None:
            return await self._load_live(source, resource, refs, found)
        fields = self._fields[f"{source.name}/{resource.name}"]
        found.update(await self.copied.young(source, resource, refs, fields))
        live = [ref for ref in refs if ref not in found]
        if live:
            await self._load_live(source, resource, live, found)
            failed = {ref: error for ref in live if isinstance(error := found.get(ref), BaseException)}
            found.update(await self.copied.instead(source, resource, failed, fields))
        return None

    async def _load_live(
        self, source: Source, resource: Resource, refs: Sequence[Ref], found: dict[Ref, Loaded]
    ) -> None:
        size = batch_of(resource)
        short = not omitted(resource, resource.spec.get_many).isdisjoint(self._fields[f"{source.name}/{resource.name}"])
        # One record, or one of which several at once would lack a field, is fetched whole where the CRM can.
        if size == 1 or (size > 1 and (len(refs) == 1 or short) and resource.spec.get is not None):
            await asyncio.gather(*(self._load_one(source, resource, ref, found) for ref in refs))
        elif size == 0:
            await self._load_from_list(source, resource, refs, found)
        else:
            await asyncio.gather(*(self._load_chunk(source, resource, part, found) for part in _chunks(refs, size)))

    async def _load_one(self, source: Source, resource: Resource, ref: Ref, found: dict[Ref, Loaded]) -> None:
        try:
            item = await self.session.run(source, source.reader.get(resource, ref.id, ref.parent))
            records = await self._read(source, resource, [] if item is None else [item], ref.parent)
            found[ref] = records[0] if records else None
        except SourceError as error:
            self._fail([ref], error, found)

    async def _load_chunk(
        self, source: Source, resource: Resource, refs: Sequence[Ref], found: dict[Ref, Loaded]
    ) -> None:
        try:
            items = await self.session.run(source, source.reader.many(resource, [ref.id for ref in refs]))
            self._match(refs, await self._read(source, resource, items), found)
        except SourceError as error:
            self._fail(refs, error, found)
            return
        # A CRM's search may lag behind its records, so what it did not give is asked for one by one.
        missing = [ref for ref in refs if found.get(ref) is None] if resource.spec.get is not None else []
        await asyncio.gather(*(self._load_one(source, resource, ref, found) for ref in missing))

    async def _load_from_list(
        self, source: Source, resource: Resource, refs: Sequence[Ref], found: dict[Ref, Loaded]
    ) -> None:
        try:
            listing = resource.listings[0]
            page = await self.session.run(source, source.reader.whole(listing, OF_PAGES))
            self._match(refs, await self._read(source, resource, page.items), found)
        except SourceError as error:
            self._fail(refs, error, found)
            return
        if page.next is not None and any(found[ref] is None for ref in refs):
            message = f"{source.name} has more {resource.name} records than the {OF_PAGES} pages that are read for one."
            self.session.note(source.name, Problem(source.name, "TOO_COSTLY", message))

    def _match(self, refs: Sequence[Ref], records: Iterable[Record], found: dict[Ref, Loaded]) -> None:
        by_id = {record.ref.id: record for record in records}
        found.update({ref: by_id.get(ref.id) for ref in refs})

    def _fail(self, refs: Sequence[Ref], error: SourceError, found: dict[Ref, Loaded]) -> None:
        found.update(dict.fromkeys(refs, error))

    async def _read(
        self, source: Source, resource: Resource, items: Iterable[Any], parent: str | None = None
    ) -> list[Record]:
        fields = self._fields[f"{source.name}/{resource.name}"]
        return await self.session.records(source, resource, items, fields, parent=parent)

    async def _load_hanging(self, asked: Sequence[_Hanging]) -> Sequence[Found | BaseException]:
        groups: defaultdict[tuple[str, str, Kind], list[_Hanging]] = defaultdict(list)
        for one in asked:
            groups[one.source, one.resource, one.kind].append(one)
        found: dict[_Hanging, Found | BaseException] = {}
        await asyncio.gather(*(self._load_hanging_group(group, found) for group in groups.values()))
        return [found[one] for one in asked]

    async def _load_hanging_group(
        self, asked: Sequence[_Hanging], found: dict[_Hanging, Found | BaseException]
    ) -> None:
        first = asked[0]
        resource = self.session.resource(first.source, first.resource)
        size = parents_of(resource, first.kind) or len(asked)
        await asyncio.gather(*(self._load_hanging_chunk(part, resource, found) for part in _chunks(asked, size)))

    async def _load_hanging_chunk(
        self, asked: Sequence[_Hanging], resource: Resource, found: dict[_Hanging, Found | BaseException]
    ) -> None:
        source, kind = self.session.sources[asked[0].source], asked[0].kind
        alone = asked[0].parent if parents_of(resource, kind) == 1 else None
        try:
            page = await self.session.run(
                source, source.reader.of(resource, kind, [one.parent for one in asked], OF_PAGES)
            )
            records = self._since_written(
                await self.session.records(
                    source, resource, page.items, LINKS, omitted(resource, resource.spec.of.get(kind)), alone
                )
            )
            for record in records:
                record.at_hand(LINKS)
            for one in asked:
                mine = records if alone is not None else [r for r in records if hangs_on(r, kind, one.parent)]
                found[one] = Found(mine, page.next is None)
        except SourceError as error:
            found.update(dict.fromkeys(asked, error))
            return
        self.prime(records)
        if page.next is not None:
            self._say_cut(source.name, resource, kind)

    def _say_cut(self, source: str, resource: Resource, kind: Kind) -> None:
        message = f"{source} has more {resource.name} records than the {OF_PAGES} pages that are read for one {kind}."
        self.session.note(source, Problem(source, "TOO_COSTLY", message))


def hangs_on(record: Record, kind: Kind, ident: str) -> bool:
    """Whether a record points to the one of `kind` with this id, by its own link or by its place."""
    if record.ref.parent == ident:
        return True
    one, several = record.get(str(kind)), record.get(f"{kind}s")
    return (one is not None and one.id == ident) or any(link.id == ident for link in several or ())


def omitted(resource: Resource, how: object) -> frozenset[str]:
    """The fields that records do not carry when they come this way: by an endpoint's own word, or its list's."""
    if isinstance(how, Through | Whole):
        name = how.through if isinstance(how, Through) else how.whole
        how = resource.spec.list if name == "list" else resource.spec.search
    return frozenset(how.omits) if isinstance(how, Endpoint) else frozenset()


def _chunks(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[at : at + size] for at in range(0, len(items), max(size, 1))]
