"""From one thing to others: what hangs on a person's records, and what a record points to."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.spec import Block, Of
from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Kind, Link
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.words import ACTIVITY_KINDS
from crmgraph.service.entity import Entity, View
from crmgraph.service.identity import Person
from crmgraph.service.lookup import Found, Lookup
from crmgraph.service.problems import Problem
from crmgraph.service.staff import Staff

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

    def __init__(self, view: View, lookup: Lookup, staff: Staff) -> None:
        self.view = view
        self.session = view.session
        self.lookup = lookup
        self.staff = staff

    async def hanging(
        self,
        entity: Entity,
        kinds: Sequence[Kind],
        fields: Collection[str],
        activity_kinds: Collection[str] | None = None,
    ) -> Hanging:
        """What hangs on an entity's records, most trusted source first; a source that fails is a problem."""
        (found,) = await self.hanging_on([entity], kinds, fields, activity_kinds)
        if isinstance(found, CrmGraphError):
            raise found
        return found

    async def hanging_on(
        self,
        entities: Sequence[Entity],
        kinds: Sequence[Kind],
        fields: Collection[str],
        activity_kinds: Collection[str] | None = None,
    ) -> list[Hanging | CrmGraphError]:
        """As `hanging`, for many entities at once: each gets what hangs on it, or what is wrong with that."""
        stores = [
            (at, entity.kind, record, resource)
            for at, entity in enumerate(entities)
            for record in entity.records
            for kind in kinds
            for resource in self.session.sources[record.ref.source].reader.definition.of_kind(kind)
            if entity.kind in resource.spec.of and may_be(resource, activity_kinds)
        ]
        found = await self._hung([(kind, record, resource) for _, kind, record, resource in stores])
        hung: list[list[Found | None]] = [[] for _ in entities]
        for (at, *_), one in zip(stores, found, strict=True):
            hung[at].append(one)
        wanted = [_wanted(one, activity_kinds) for one in hung]
        whole = iter(
            await self.lookup.complete(
                [record for one in wanted if not isinstance(one, CrmGraphError) for record in one], fields
            )
        )
        return [
            one
            if isinstance(one, CrmGraphError)
            else Hanging(
                [self.alone(record, fields) for record in islice(whole, len(one))],
                all(part is not None and part.whole for part in parts),
            )
            for one, parts in zip(wanted, hung, strict=True)
        ]

    async def _hung(self, stores: Sequence[tuple[Kind, Record, Resource]]) -> list[Found | None]:
        """What of each resource hangs on each record; what the record itself tells is not asked for."""
        asked = [store for store in stores if not _is_told(*store)]
        told = [store for store in stores if _is_told(*store)]
        hung = await self.lookup.all_hanging([(kind, record.ref, resource) for kind, record, resource in asked])
        said = await asyncio.gather(*(self._told(record, resource) for _, record, resource in told))
        answers, sayings = iter(hung), iter(said)
        return [next(sayings) if _is_told(*store) else next(answers) for store in stores]

    async def _told(self, record: Record, resource: Resource) -> Found | None:
        source = self.session.sources[record.ref.source]
        return await self.session.attempt(source, self.lookup.told(source, resource, record), None)

    async def linked(
        self, links: Sequence[tuple[str, Link | None]], kind: Kind, fields: Collection[str]
    ) -> list[Entity | None]:
        """What each of several links (source and link) points to; None where it points nowhere, or to what its source
        cannot give.
        """
        keys = [(source, link.id) if link is not None and link.id is not None else None for source, link in links]
        distinct = list(self.lookup.each_once(key for key in keys if key is not None))
        if kind is Kind.USER and distinct:
            await self.staff.gather()
        there = await self._pointed(distinct, kind, fields)
        whole = await self.lookup.complete(list(there.values()), fields)
        entities = dict(zip(there, await self.entities(whole, kind, fields), strict=True))
        return [None if key is None else entities.get(key) for key in keys]

    async def entities(self, records: Sequence[Record], kind: Kind, fields: Collection[str]) -> list[Entity]:
        """What each of several records of a kind belongs to: a user's to a human, others to what they alone tell of."""
        if kind is not Kind.USER:
            return [self.alone(one, fields) for one in records]
        persons = await self.staff.persons(records)
        made = {one.refs[0]: Entity(one, self.view, fields) for one in persons}
        return [made[one.refs[0]] for one in persons]

    async def _pointed(
        self, keys: Sequence[tuple[str, str]], kind: Kind, fields: Collection[str]
    ) -> dict[tuple[str, str], Record]:
        """The records with these ids (source and id), each of the first of its source's resources that has it."""
        found: dict[tuple[str, str], Record] = {}
        lacking, at = keys, 0
        while refs := {key: ref for key in lacking if (ref := self._place(key, kind, at)) is not None}:
            looked = zip(refs, await self.lookup.records(list(refs.values()), fields), strict=True)
            found |= {key: one for key, one in looked if one is not None}
            lacking, at = [key for key in refs if key not in found], at + 1
        return {key: found[key] for key in keys if key in found}

    def _place(self, key: tuple[str, str], kind: Kind, at: int) -> Ref | None:
        """Where an id is looked for in its source at the nth time."""
        source, ident = key
        resources = self.session.sources[source].reader.definition.of_kind(kind)
        return Ref(source, resources[at].name, ident) if at < len(resources) else None

    async def all_linked(
        self, several: Sequence[Sequence[tuple[str, Link]]], kind: Kind, fields: Collection[str]
    ) -> list[list[Entity]]:
        """What the links of several things point to, each once and in their order."""
        followed = [self.followed(links[0][0], links) if links else () for links in several]
        found = iter(await self.linked([one for links in followed for one in links], kind, fields))
        parts = [list(islice(found, len(links))) for links in followed]
        return [list({one.id: one for one in part if one is not None}.values()) for part in parts]

    def followed(self, source: str, links: Sequence[T]) -> Sequence[T]:
        """The links that are followed; that there are more is told beside the answer."""
        if len(links) > MOST_LINKS:
            message = f"{source} links one record to {len(links)} others, of which {MOST_LINKS} are read."
            self.session.note(source, Problem(source, "TOO_COSTLY", message))
        return links[:MOST_LINKS]

    def alone(self, record: Record, fields: Collection[str] = ()) -> Entity:
        """The entity of one record."""
        return Entity(Person((record,), (record.ref,), True), self.view, fields)


def _wanted(found: Iterable[Found | None], activity_kinds: Collection[str] | None) -> list[Record] | CrmGraphError:
    """The records of what was found, each once, or what is wrong with one of them."""
    distinct = {record.ref: record for one in found if one is not None for record in one.records}
    try:
        return [record for record in distinct.values() if is_one_of(record, activity_kinds)]
    except CrmGraphError as error:
        return error


def _is_told(kind: Kind, record: Record, resource: Resource) -> bool:
    """Whether a record tells by itself what of a resource hangs on it."""
    how = resource.spec.of[kind]
    return isinstance(how, Of) and how.told_by is not None and how.told_by in record.raw


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
