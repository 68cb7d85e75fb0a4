"""What one source holds of a user's work: the tasks that are theirs, and their meetings around a day.

A CRM is asked what its definition can say: whose it is, what is done, when it begins. All else is read, as far as one
page of an answer may cost, and sorted out here.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import sorts_by
from crmgraph.connectors.pushdown import can_push
from crmgraph.domain.days import Day
from crmgraph.domain.errors import BadReply
from crmgraph.domain.filtering import And, Condition, Filter, Op, passes
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record
from crmgraph.domain.words import ActivityKind
from crmgraph.service.choosing import Choice, Choosing
from crmgraph.service.identity import Person
from crmgraph.service.lookup import OF_PAGES, omitted
from crmgraph.service.pages import Asked
from crmgraph.service.ports import Source
from crmgraph.service.problems import Problem, problem_of
from crmgraph.service.relations import is_one_of, may_be
from crmgraph.service.session import Session
from crmgraph.service.staff import ids_of
from crmgraph.service.targets import for_source

MEETINGS = frozenset({ActivityKind.APPOINTMENT.value, ActivityKind.MEETING.value})
"""The sorts of activities that are looked for: of a call no CRM tells whether it was made or is to be made."""

LONGEST = timedelta(days=1)
"""How long before a day a meeting may have begun that is still looked for where a CRM tells them by their beginning."""

NAMESAKES = 5
"""For how many users of one source that are one human a CRM is asked that tells the meetings of one user at a time."""

_MOST = 100
_NEWEST = ("createdAt", True)


def asked_for(kind: Kind, ids: tuple[str, ...], fields: Collection[str]) -> Asked:
    """The list that holds the tasks, or the meetings, of the user with these global ids."""
    mine = Condition("assignees" if kind is Kind.TASK else "owner", Op.IN, ids)
    words = MEETINGS if kind is Kind.ACTIVITY else None
    return Asked(kind, _MOST, filter=mine, fields=frozenset(fields), activity_kinds=words)


def _fitted(asked: Asked, source: Source) -> Asked:
    """The list as a source is best asked for it.

    One that tells open tasks from others is asked for the open ones. Where it can, what was made last comes first:
    should the list be cut, the oldest is left out.
    """
    lists = [one for kept in source.reader.definition.of_kind(asked.kind) for one in kept.listings]
    if asked.filter is not None and any(can_push(one.filter, "completed", Op.EQ) for one in lists):
        asked = replace(asked, filter=And((asked.filter, Condition("completed", Op.EQ, False))))
    return replace(asked, order=_NEWEST) if lists and all(sorts_by(one, _NEWEST) for one in lists) else asked


def without_list(source: Source) -> list[Resource]:
    """Where a source keeps meetings of which it has no list."""
    kept = source.reader.definition.of_kind(Kind.ACTIVITY)
    return [one for one in kept if not one.listings and may_be(one, MEETINGS)]


class Agendas:
    """Reads users' work within one session."""

    def __init__(self, session: Session, choosing: Choosing) -> None:
        self.session = session
        self.choosing = choosing

    async def tasks(self, user: Person, source: Source, fields: Collection[str]) -> list[Record]:
        """A user's tasks in a source, all that are open among them; one that fails is a problem."""
        return await self._listed(asked_for(Kind.TASK, ids_of(user), fields), source)

    async def meetings(self, user: Person, source: Source, day: Day, fields: Collection[str]) -> list[Record]:
        """A user's meetings in a source, all that are on a day among them."""
        asked = asked_for(Kind.ACTIVITY, ids_of(user), fields)
        theirs = [ref.id for ref in user.refs if ref.source == source.name]
        named = [(one, ident) for one in without_list(source) for ident in theirs[:NAMESAKES]]
        parts = await asyncio.gather(
            self._listed(asked, source), *(self._named(source, *one, day, asked) for one in named)
        )
        return [record for part in parts for record in part]

    async def _listed(self, asked: Asked, source: Source) -> list[Record]:
        choices = await self.choosing.lists(_fitted(asked, source), [source])
        lists = await asyncio.gather(
            *(self.session.attempt(source, self._read(choice, asked), []) for choice in choices)
        )
        return [record for records in lists for record in records]

    async def _read(self, choice: Choice, asked: Asked) -> list[Record]:
        source, resource, listing = choice.source, choice.resource, choice.listing
        self.session.meters[source.name].asked += 1
        flow = source.reader.whole(listing, choice.calls, choice.wanted, resource)
        page = await self.session.run(source, flow)
        if page.next is not None:
            self._say_cut(source, resource)
        return await self._records(source, resource, page.items, asked, omitted(resource, listing))

    async def _named(self, source: Source, resource: Resource, ident: str, day: Day, asked: Asked) -> list[Record]:
        return await self.session.attempt(source, self._agenda(source, resource, ident, day, asked), [])

    async def _agenda(self, source: Source, resource: Resource, ident: str, day: Day, asked: Asked) -> list[Record]:
        """What a CRM tells of one user around a day; where it cannot even that, it is a problem."""
        how = resource.spec.agenda
        if how is None:
            message = f"{source.name} cannot tell which {resource.name} records are whose."
            self.session.note(source.name, Problem(source.name, "UNSUPPORTED", message))
            return []
        self.session.meters[source.name].asked += 1
        between = (day.starts - LONGEST, day.ends)
        page = await self.session.run(source, source.reader.agenda(resource, ident, between, OF_PAGES))
        if page.next is not None:
            self._say_cut(source, resource)
        return await self._records(source, resource, page.items, asked, omitted(resource, how))

    def _say_cut(self, source: Source, resource: Resource) -> None:
        message = f"{source.name} has more {resource.name} records than are read for one day."
        self.session.note(source.name, Problem(source.name, "TOO_COSTLY", message))

    async def _records(
        self, source: Source, resource: Resource, items: Sequence[Any], asked: Asked, omits: frozenset[str]
    ) -> list[Record]:
        """Those of some raw items that are what was asked for."""
        records = await self.session.records(source, resource, items, asked.needed, omits)
        wanted = for_source(asked.filter or And(()), asked.kind, source.name)
        return [one for one in records if self._is_wanted(one, wanted, asked.activity_kinds)]

    def _is_wanted(self, record: Record, wanted: Filter, kinds: Collection[str] | None) -> bool:
        try:
            return is_one_of(record, kinds) and passes(wanted, record)
        except BadReply as error:
            self.session.note(record.ref.source, problem_of(error))
            return False
