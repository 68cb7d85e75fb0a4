"""The questions of the graph."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date as Day
from typing import TypeVar, cast

import strawberry

from crmgraph.api.accounts import Source
from crmgraph.api.connections import Connection, page_of
from crmgraph.api.context import Asking
from crmgraph.api.customs import CustomField
from crmgraph.api.entities import (
    Activity,
    Company,
    Contact,
    Note,
    Opportunity,
    Tag,
    Task,
    activity,
    contact_page,
    node_of,
)
from crmgraph.api.freshness import Freshness
from crmgraph.api.identity_queries import IdentityQueries
from crmgraph.api.inputs import (
    ActivityFilter,
    CompanyFilter,
    ContactFilter,
    ContactLookup,
    OpportunityFilter,
    OrderBy,
    TaskFilter,
    filter_of,
    order_of,
)
from crmgraph.api.my_day import MyDay, my_day
from crmgraph.api.nodes import FIRST, Node, have_ids, reading
from crmgraph.api.permissions import refuse_unless_allowed
from crmgraph.api.selection import fields_below, fields_of_nodes
from crmgraph.api.shelves import SavedView, TemplateValue
from crmgraph.api.staff import User
from crmgraph.api.vocabularies import custom_field_keyed, custom_fields, tag_called, tags
from crmgraph.api.writes.imports import ContactImport, contact_import
from crmgraph.api.writes.pending import PendingWrite, pending_writes
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.normalize import text_key
from crmgraph.domain.words import ActivityKind
from crmgraph.service.entity import Entity
from crmgraph.service.ids import NodeId, decode
from crmgraph.service.lists import Asked, OnMissing

T = TypeVar("T")


def _names(sources: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if sources is None else tuple(dict.fromkeys(sources))


async def _page(info: Asking, asked: Asked, make: Callable[[Entity], T]) -> Connection[T]:
    fields = frozenset[str]().union(*(fields_of_nodes(info, kind) for kind in asked.kinds))
    listed, entities = await reading(info).page(replace(asked, fields=fields))
    nodes = [make(one) for one in entities]
    return page_of(nodes, listed, asked.after is not None)


@strawberry.type(description="What can be asked.")
class Query(IdentityQueries):
    @strawberry.field(description="The thing that an id names; null when it is gone.")
    async def node(self, info: Asking, id: strawberry.ID, freshness: Freshness | None = None) -> Node | None:
        return await _node(info, id)

    @strawberry.field(description="The things that several ids name, in their order; null for each that is gone.")
    async def nodes(
        self, info: Asking, ids: list[strawberry.ID], freshness: Freshness | None = None
    ) -> list[Node | None]:
        if len(ids) > 100:
            raise InputError(f"`ids` holds {len(ids)} ids; it may hold 100.")
        # The wrong ones are told with the others found: a list's element may be null, and none waits for another.
        found = await asyncio.gather(*(_node(info, one) for one in ids), return_exceptions=True)
        return cast("list[Node | None]", found)

    @strawberry.field(
        description="One person, asked of every source. Nobody fits: null; several do: null and an AMBIGUOUS error."
    )
    async def contact(self, info: Asking, by: ContactLookup, freshness: Freshness | None = None) -> Contact | None:
        found = await _looked_up(info, by)
        await have_ids(info, [found] if found else [])
        return None if found is None else Contact(entity=found)

    @strawberry.field(
        description="People, each once, by default source by source. `search` is free text: what the CRMs find by it."
    )
    async def contacts(
        self,
        info: Asking,
        first: int = FIRST,
        after: str | None = None,
        search: str | None = None,
        filter: ContactFilter | None = None,
        order_by: list[OrderBy] | None = None,
        sources: list[str] | None = None,
        on_missing: OnMissing = OnMissing.PARTIAL,
        freshness: Freshness | None = None,
    ) -> Connection[Contact]:
        asked = Asked(
            kind=Kind.CONTACT,
            first=first,
            after=after,
            search=search,
            filter=filter_of(filter),
            order=order_of(order_by),
            sources=_names(sources),
            on_missing=on_missing,
            fields=fields_of_nodes(info, Kind.CONTACT),
        )
        return await contact_page(info, asked)

    @strawberry.field(description="Tasks, source by source.")
    async def tasks(
        self,
        info: Asking,
        first: int = FIRST,
        after: str | None = None,
        search: str | None = None,
        filter: TaskFilter | None = None,
        order_by: list[OrderBy] | None = None,
        sources: list[str] | None = None,
        on_missing: OnMissing = OnMissing.PARTIAL,
        freshness: Freshness | None = None,
    ) -> Connection[Task]:
        wanted, order = filter_of(filter), order_of(order_by)
        asked = Asked(Kind.TASK, first, after, search, wanted, order, _names(sources), on_missing=on_missing)
        return await _page(info, asked, lambda one: Task(entity=one))

    @strawberry.field(description="Calls, meetings, appointments, notes and others, source by source.")
    async def activities(
        self,
        info: Asking,
        first: int = FIRST,
        after: str | None = None,
        kinds: list[ActivityKind] | None = None,
        filter: ActivityFilter | None = None,
        order_by: list[OrderBy] | None = None,
        sources: list[str] | None = None,
        on_missing: OnMissing = OnMissing.PARTIAL,
        freshness: Freshness | None = None,
    ) -> Connection[Activity]:
        words = None if kinds is None else frozenset(one.value for one in kinds)
        asked = Asked(
            Kind.ACTIVITY,
            first,
            after,
            filter=filter_of(filter),
            order=order_of(order_by),
            sources=_names(sources),
            on_missing=on_missing,
            also=(Kind.NOTE,),
            activity_kinds=words,
        )
        return await _page(info, asked, activity)

    @strawberry.field(description="Notes, source by source.")
    async def notes(
        self,
        info: Asking,
        first: int = FIRST,
        after: str | None = None,
        sources: list[str] | None = None,
        freshness: Freshness | None = None,
    ) -> Connection[Note]:
        asked = Asked(Kind.NOTE, first, after, sources=_names(sources))
        return await _page(info, asked, lambda one: Note(entity=one))

    @strawberry.field(description="Companies, source by source.")
    async def companies(
        self,
        info: Asking,
        first: int = FIRST,
        after: str | None = None,
        search: str | None = None,
        filter: CompanyFilter | None = None,
        order_by: list[OrderBy] | None = None,
        sources: list[str] | None = None,
        on_missing: OnMissing = OnMissing.PARTIAL,
        freshness: Freshness | None = None,
    ) -> Connection[Company]:
        wanted, order = filter_of(filter), order_of(order_by)
        asked = Asked(Kind.COMPANY, first, after, search, wanted, order, _names(sources), on_missing=on_missing)
        return await _page(info, asked, lambda one: Company(entity=one))

    @strawberry.field(description="Opportunities, source by source.")
    async def opportunities(
        self,
        info: Asking,
        first: int = FIRST,
        after: str | None = None,
        search: str | None = None,
        filter: OpportunityFilter | None = None,
        order_by: list[OrderBy] | None = None,
        sources: list[str] | None = None,
        on_missing: OnMissing = OnMissing.PARTIAL,
        freshness: Freshness | None = None,
    ) -> Connection[Opportunity]:
        wanted, order = filter_of(filter), order_of(order_by)
        asked = Asked(Kind.OPPORTUNITY, first, after, search, wanted, order, _names(sources), on_missing=on_missing)
        return await _page(info, asked, lambda one: Opportunity(entity=one))

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
            raise InputError(f"This is the id of a {kind}, not of a person; `node` finds it.")
        found = await read.node(str(by.id.value), fields)
        return None if isinstance(found, NodeId) else found
    if by.email is not None:
        return await read.by_key("email", by.email.value, fields)
    if by.phone is not None:
        return await read.by_key("phone", by.phone.value, fields)
    if by.record is None:
        raise InputError("Say which person: give one of id, email, phone, record.")
    return await read.by_ref(by.record.value.source, by.record.value.id, fields)


async def _node(info: Asking, ident: str) -> Node | None:
    kind = decode(ident).kind
    refuse_unless_allowed(info.context.caller.role, {f"{kind}:read": f"the id of {with_article(kind)}"})
    found = await reading(info).node(ident, fields_below(info, kind, ()))
    if isinstance(found, NodeId):
        return await _known_by_key(info, found)
    if found is None:
        return None
    await have_ids(info, [found])
    return node_of(found)


async def _known_by_key(info: Asking, ident: NodeId) -> Node | None:
    key = ident.key or ""
    if ident.kind is Kind.TAG:
        # A CRM without a vocabulary of tags has them on its contacts only.
        return await tag_called(info, key) or Tag(entity=None, shown=key, holders=[])
    return await custom_field_keyed(info, key)
