"""The questions for lists over all sources."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import strawberry

from crmgraph.api.connections import Connection, page_of
from crmgraph.api.context import Asking
from crmgraph.api.entities import (
    Activity,
    Company,
    Contact,
    Note,
    Opportunity,
    Task,
    activity,
    contact_page,
)
from crmgraph.api.freshness import Freshness
from crmgraph.api.inputs import (
    ActivityFilter,
    CompanyFilter,
    ContactFilter,
    OpportunityFilter,
    OrderBy,
    TaskFilter,
    filter_of,
    order_of,
)
from crmgraph.api.nodes import FIRST, reading
from crmgraph.api.selection import fields_of_nodes
from crmgraph.domain.model import Kind
from crmgraph.domain.words import ActivityKind
from crmgraph.service.entity import Entity
from crmgraph.service.lists import Asked, OnMissing

T = TypeVar("T")


@strawberry.type
class ListQueries:
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


def _names(sources: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if sources is None else tuple(dict.fromkeys(sources))


async def _page(info: Asking, asked: Asked, make: Callable[[Entity], T]) -> Connection[T]:
    fields = frozenset[str]().union(*(fields_of_nodes(info, kind) for kind in asked.kinds))
    listed, entities = await reading(info).page(replace(asked, fields=fields))
    nodes = [make(one) for one in entities]
    return page_of(nodes, listed, asked.after is not None)
