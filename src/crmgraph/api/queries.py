"""The questions of the graph."""

import asyncio
from collections.abc import Sequence
from datetime import date as Day
from typing import TypeVar, cast

import strawberry

from crmgraph.api.accounts import Source
from crmgraph.api.context import Asking
from crmgraph.api.customs import CustomField
from crmgraph.api.entities import (
    Contact,
    Tag,
    node_of,
)
from crmgraph.api.freshness import Freshness
from crmgraph.api.identity_queries import IdentityQueries
from crmgraph.api.inputs import (
    ContactLookup,
)
from crmgraph.api.list_queries import ListQueries
from crmgraph.api.my_day import MyDay, my_day
from crmgraph.api.nodes import Node, have_ids, reading
from crmgraph.api.permissions import refuse_unless_allowed
from crmgraph.api.selection import fields_below
from crmgraph.api.shelves import SavedView, TemplateValue
from crmgraph.api.staff import User
from crmgraph.api.vocabularies import custom_field_keyed, custom_fields, tag_called, tags
from crmgraph.api.writes.imports import ContactImport, contact_import
from crmgraph.api.writes.pending import PendingWrite, pending_writes
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.normalize import text_key
from crmgraph.service.entity import Entity
from crmgraph.service.ids import NodeId, decode

T = TypeVar("T")


@strawberry.type(description="What can be asked.")
class Query(ListQueries, IdentityQueries):
    @strawberry.field(description="The thing that an id names; null when it is gone.")
    async def node(self, info: Asking, id: strawberry.ID, freshness: Freshness | None = None) -> Node | None:
        found = await _found(info, id)
        (node,) = await _as_nodes(info, [found])
        return node

    @strawberry.field(description="The things that several ids name, in their order; null for each that is gone.")
    async def nodes(
        self, info: Asking, ids: list[strawberry.ID], freshness: Freshness | None = None
    ) -> list[Node | None]:
        if len(ids) > 100:
            raise InputError(f"`ids` holds {len(ids)} ids; it may hold 100.")
        # The wrong ones are told with the others found: a list's element may be null, and none waits for another.
        found = await asyncio.gather(*(_found(info, one) for one in ids), return_exceptions=True)
        return cast("list[Node | None]", await _as_nodes(info, found))

    @strawberry.field(
        description="One person, asked of every source. Nobody fits: null; several do: null and an AMBIGUOUS error."
    )
    async def contact(self, info: Asking, by: ContactLookup, freshness: Freshness | None = None) -> Contact | None:
        found = await _looked_up(info, by)
        await have_ids(info, [found] if found else [])
        return None if found is None else Contact(entity=found)

    @strawberry.field(description="The tags that the CRMs know, each name once; those whose name holds `search`.")
    async def tags(
        self,
        info: Asking,
        search: str | None = None,
        sources: list[str] | None = None,
        freshness: Freshness | None = None,
    ) -> list[Tag]:
        found = await tags(info, sources)
        return [one for one in found if search is None or text_key(search) in text_key(one.shown)]

    @strawberry.field(description="The definitions of custom fields, each logical key once.")
    async def custom_fields(
        self,
        info: Asking,
        applies_to: Kind | None = None,
        sources: list[str] | None = None,
        freshness: Freshness | None = None,
    ) -> list[CustomField]:
        found = await custom_fields(info, sources)
        return [one for one in found if applies_to is None or one.applies_to() is applies_to]

    @strawberry.field(description="The people who work in the CRMs, each once.")
    async def users(
        self, info: Asking, sources: list[str] | None = None, freshness: Freshness | None = None
    ) -> list[User]:
        return [User(entity=one) for one in await reading(info).vocabulary(Kind.USER, sources)]

    @strawberry.field(
        description="The open and overdue tasks, appointments and meetings of one human on one day, from all CRMs that"
        " they work in. It is today unless `date` says so, in `timezone`, else the user's own, else the account's."
        " Null when the user is gone."
    )
    async def my_day(
        self,
        info: Asking,
        user: strawberry.ID,
        date: Day | None = None,
        timezone: str | None = None,
        freshness: Freshness | None = None,
    ) -> MyDay | None:
        return await my_day(info, str(user), date, timezone)

    @strawberry.field(description="The filters that people have saved in the CRMs.")
    async def saved_views(
        self, info: Asking, sources: list[str] | None = None, freshness: Freshness | None = None
    ) -> list[SavedView]:
        return [SavedView(entity=one) for one in await reading(info).vocabulary(Kind.SAVED_VIEW, sources)]

    @strawberry.field(description="The values that CRMs put into message texts.")
    async def template_values(
        self, info: Asking, sources: list[str] | None = None, freshness: Freshness | None = None
    ) -> list[TemplateValue]:
        return [TemplateValue(entity=one) for one in await reading(info).vocabulary(Kind.TEMPLATE_VALUE, sources)]

    @strawberry.field(
        description="Writes whose outcome at some source is not known: still being found out, or never to be found out."
    )
    async def pending_writes(self, info: Asking) -> list[PendingWrite]:
        return await pending_writes(info)

    @strawberry.field(description="An import of many people that was begun by `importContacts`.")
    async def contact_import(self, info: Asking, id: strawberry.ID) -> ContactImport | None:
        return await contact_import(info, str(id))

    @strawberry.field(description="The configured CRM accounts, most trusted first.")
    def sources(self, info: Asking) -> list[Source]:
        return [Source(port=one) for one in reading(info).session.sources.values()]


async def _looked_up(info: Asking, by: ContactLookup) -> Entity | None:
    fields = fields_below(info, Kind.CONTACT, ())
    read = reading(info)
    if by.id is not None:
        kind = decode(str(by.id.value)).kind
        if kind is not Kind.CONTACT:
            raise InputError(f"This is the id of {with_article(kind)}, not of a person; `node` finds it.")
        found = await read.node(str(by.id.value), fields)
        return None if isinstance(found, NodeId) else found
    if by.email is not None:
        return await read.by_key("email", by.email.value, fields)
    if by.phone is not None:
        return await read.by_key("phone", by.phone.value, fields)
    if by.record is None:
        raise InputError("Say which person: give one of id, email, phone, record.")
    return await read.by_ref(by.record.value.source, by.record.value.id, fields)


async def _found(info: Asking, ident: str) -> Entity | Node | None:
    """What an id names: an entity, or what is known by its key; None when it is gone."""
    kind = decode(ident).kind
    refuse_unless_allowed(info.context.caller.role, {f"{kind}:read": f"the id of {with_article(kind)}"})
    found = await reading(info).node(ident, fields_below(info, kind, ()))
    return await _known_by_key(info, found) if isinstance(found, NodeId) else found


async def _as_nodes(info: Asking, found: Sequence[T | Entity]) -> list[T | Node | None]:
    """Entities as nodes, people with their ids, all together; whatever else was found stays."""
    await have_ids(info, [one for one in found if isinstance(one, Entity)])
    return [node_of(one) if isinstance(one, Entity) else one for one in found]


async def _known_by_key(info: Asking, ident: NodeId) -> Node | None:
    key = ident.key or ""
    if ident.kind is Kind.TAG:
        # A CRM without a vocabulary of tags has them on its contacts only.
        return await tag_called(info, key) or Tag(entity=None, shown=key, holders=[])
    return await custom_field_keyed(info, key)
