"""From one thing to others: what hangs on a person's records, and what a record points to."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.spec import Block, Of
from crmgraph.domain.model import Kind, Link
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.words import ACTIVITY_KINDS
from crmgraph.service.entity import Entity, View
from crmgraph.service.identity import Person
from crmgraph.service.lookup import Found, Lookup
from crmgraph.service.problems import Problem

T = TypeVar("T")

MOST_LINKS = 25
"""How many links of one record are followed at the most."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs on a thing; `whole` is False when a source may hold more: it failed, or its list was cut."""

    entities: Sequence[Entity]
    whole: bool


class Relations:
    """The relations of one session's entities."""

    def __init__(self, view: View, lookup: Lookup) -> None:
        self.view = view
        self.session = view.session
        self.lookup = lookup

    async def hanging(
        self,
        entity: Entity,
        kinds: Sequence[Kind],
        fields: Collection[str],
        activity_kinds: Collection[str] | None = None,
    ) -> Hanging:
        """What hangs on an entity's records, most trusted source first; a source that fails is a problem."""
        stores = [
            (record, resource)
            for record in entity.records
            for kind in kinds
            for resource in self.session.sources[record.ref.source].reader.definition.of_kind(kind)
            if entity.kind in resource.spec.of and may_be(resource, activity_kinds)
        ]
        found = await asyncio.gather(*(self._of(entity.kind, record, resource) for record, resource in stores))
        distinct = {record.ref: record for one in found if one is not None for record in one.records}
        wanted = [record for record in distinct.values() if is_one_of(record, activity_kinds)]
        entities = [self.alone(record) for record in await self.lookup.complete(wanted, fields)]
        return Hanging(entities, all(one is not None and one.whole for one in found))

    async def _of(self, kind: Kind, record: Record, resource: Resource) -> Found | None:
        source, how = self.session.sources[record.ref.source], resource.spec.of[kind]
        if isinstance(how, Of) and how.told_by is not None and how.told_by in record.raw:
            found = self.lookup.told(source, resource, record)
        else:
            found = self.lookup.hanging(source, resource, kind, record.ref.id)
        return await self.session.attempt(source, found, None)

    async def linked(self, source: str, link: Link | None, kind: Kind, fields: Collection[str]) -> Entity | None:
        """What a record of `source` points to; None where it points nowhere, or to what its source cannot give."""
        if link is None or link.id is None:
            return None
        known = self.session.sources[source]
        for resource in known.reader.definition.of_kind(kind):
            ref = Ref(source, resource.name, link.id)
            record = await self.session.attempt(known, self.lookup.record(ref, fields), None)
            if record is not None:
                (whole,) = await self.lookup.complete([record], fields)
                return self.alone(whole)
        return None

    async def all_linked(self, links: Iterable[tuple[str, Link]], kind: Kind, fields: Collection[str]) -> list[Entity]:
        """What several links point to, each once and in their order."""
        pairs = list(links)
        followed = self.followed(pairs[0][0], pairs) if pairs else []
        found = await asyncio.gather(*(self.linked(source, link, kind, fields) for source, link in followed))
        distinct: Mapping[str, Entity] = {one.id: one for one in found if one is not None}
        return list(distinct.values())

    def followed(self, source: str, links: Sequence[T]) -> Sequence[T]:
        """The links that are followed; that there are more is told beside the answer."""
        if len(links) > MOST_LINKS:
            message = f"{source} links one record to {len(links)} others, of which {MOST_LINKS} are read."
            self.session.note(source, Problem(source, "TOO_COSTLY", message))
        return links[:MOST_LINKS]

    def alone(self, record: Record) -> Entity:
        """The entity of one record."""
        return Entity(Person((record,), (record.ref,), True), self.view)


def kinds_of(resource: Resource) -> frozenset[str]:
    """The activity kinds that a resource's records can be."""
    if resource.kind is Kind.NOTE:
        return frozenset({"NOTE"})
    block = resource.spec.fields.get("kind")
    if isinstance(block, Block) and block.const is not None:
        return frozenset({str(block.const)})
    if isinstance(block, Block) and block.words is not None and block.otherwise is not None:
        return frozenset({*block.words.values(), block.otherwise})
    return frozenset(ACTIVITY_KINDS)


def kinds_made(resource: Resource) -> frozenset[str]:
    """The activity kinds that a new record of a resource can be told to be."""
    block = resource.spec.fields.get("kind")
    write = block.write if isinstance(block, Block) else None
    if isinstance(write, Block) and write.words is not None:
        return frozenset(write.words.values())
    return kinds_of(resource)


def may_be(resource: Resource, activity_kinds: Collection[str] | None) -> bool:
    """Whether a resource can hold one of these activity kinds."""
    return activity_kinds is None or not kinds_of(resource).isdisjoint(activity_kinds)


def is_one_of(record: Record, activity_kinds: Collection[str] | None) -> bool:
    """Whether a record is of one of these activity kinds; raises BadReply when it cannot be told."""
    if activity_kinds is None or record.kind is Kind.NOTE:
        return True
    return record.get("kind") in activity_kinds
