"""Somebody's day: what is due and what is booked, over all CRMs."""

from collections.abc import Sequence
from datetime import date as Date
from datetime import datetime

import strawberry

from crmgraph.api.connections import Connection, slice_of
from crmgraph.api.context import Asking
from crmgraph.api.entities import node_of
from crmgraph.api.fields import at, plain
from crmgraph.api.nodes import FIRST, Node, reading
from crmgraph.api.selection import fields_below
from crmgraph.api.staff import User, user
from crmgraph.domain.days import Day, EntryKind
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.service.day_zones import ZoneOrigin, zone_for, zone_given
from crmgraph.service.entity import Entity
from crmgraph.service.ids import NodeId, decode
from crmgraph.service.my_day import Entry

strawberry.enum(EntryKind, name="DayEntryKind", description="Why something is on somebody's day.")
strawberry.enum(ZoneOrigin, name="TimezoneOrigin", description="Who says in which time zone a day is.")

_YEARS = (1900, 9998)


@strawberry.type(description="A task or meeting on somebody's day.")
class DayEntry:
    entry: strawberry.Private[Entry]
    kind: EntryKind = at("entry.placed.kind", "Why it is on the day.")
    date: Date = at("entry.placed.when.day", "The day it is due or begins, in the day's time zone.")
    at: datetime | None = at(
        "entry.placed.when.at", "When it is due or begins, with the offset there; null where a CRM keeps a day only."
    )

    @strawberry.field(description="The task, appointment or meeting.")
    def node(self) -> Node:
        found = node_of(self.entry.entity)
        assert found is not None, "Tasks and activities are nodes."
        return found


@strawberry.type(description="What a human has to do on one day, from all CRMs that they work in.")
class MyDay:
    day: strawberry.Private[Day]
    known: strawberry.Private[Sequence[Entry]]
    whose: strawberry.Private[Entity]
    timezone_from: ZoneOrigin = plain("Who says in which time zone the day is.")

    @strawberry.field(description="Whose day it is.")
    def user(self) -> User:
        return user(self.whose)

    date: Date = at("day.date", "The day.")
    timezone: str = at("day.zone.key", "The time zone that it is a day of.")
    starts_at: datetime = at("day.starts", "The first instant of the day, in UTC.")
    ends_at: datetime = at("day.ends", "The first instant of the day after, in UTC.")

    @strawberry.field(
        description="Open tasks that are overdue, by their due time; then open tasks due on the day, appointments and"
        " meetings, by the hour. On each day, what is of the whole day comes first."
    )
    def entries(self, first: int = FIRST, after: str | None = None) -> Connection[DayEntry]:
        return slice_of(self.known, lambda one: DayEntry(entry=one), first, after)


async def my_day(info: Asking, ident: str, date: Date | None, timezone: str | None) -> MyDay | None:
    """The day of the user whom an id names, today unless a date is given; None when they are gone."""
    named = decode(ident)
    if named.kind is not Kind.USER:
        raise InputError(f"`user` takes the id of a user; this one names a {named.kind}.")
    if date is not None and not _YEARS[0] <= date.year <= _YEARS[1]:
        raise InputError(f"`date` is {date}; its year must be from {_YEARS[0]} to {_YEARS[1]}.")
    given = None if timezone is None else zone_given(timezone)
    read = reading(info)
    found = await read.node(ident, FIELDS[Kind.USER])
    if found is None or isinstance(found, NodeId):
        return None
    zone, origin = zone_for(found, given, read.session)
    day = Day(date or read.session.clock.now().astimezone(zone).date(), zone)
    entries = await read.my_day.entries(found, day, _fields(info))
    return MyDay(day=day, known=entries, whose=found, timezone_from=origin)


def _fields(info: Asking) -> frozenset[str]:
    ways = (("entries", "nodes", "node"), ("entries", "edges", "node", "node"))
    return frozenset[str]().union(
        *(fields_below(info, kind, way) for kind in (Kind.TASK, Kind.ACTIVITY) for way in ways)
    )
