"""The things of the graph. Types that refer to each other in a circle live here together; leaves and inputs live apart.

A golden value costs nothing more to read; a relation asks the session again, whose loaders turn a hundred questions
into few calls.
"""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.scalars import JSON

from crmgraph.api import values
from crmgraph.api.connections import Connection, page_of, slice_of
from crmgraph.api.context import Asking
from crmgraph.api.fields import derived, filled_by, golden, plain
from crmgraph.api.selection import fields_below, fields_of_nodes
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import (
    FIELDS,
    ActivityKind,
    AppointmentStatus,
    CustomFieldType,
    Kind,
    Link,
    OpportunityStatus,
    Priority,
    TaskStatus,
    TextFormat,
)
from crmgraph.domain.normalize import text_key
from crmgraph.domain.records import Record
from crmgraph.domain.survivorship import Merged
from crmgraph.service.capabilities import Operation, capabilities
from crmgraph.service.entity import CustomValue, Entity
from crmgraph.service.ids import encode_key
from crmgraph.service.lists import Asked
from crmgraph.service.ports import Source as SourcePort
from crmgraph.service.ports import SourceHealth
from crmgraph.service.reading import Reading

_C, _T, _A, _N, _O = Kind.CONTACT, Kind.TASK, Kind.ACTIVITY, Kind.NOTE, Kind.OPPORTUNITY
_CO, _U, _CF = Kind.COMPANY, Kind.USER, Kind.CUSTOM_FIELD

strawberry.enum(Operation, description=Operation.__doc__)

FIRST = 25
"""How many nodes a page has unless it says otherwise."""


def reading(info: Asking) -> Reading:
    """The operation's reading side."""
    return info.context.reading


@strawberry.interface(description="A thing with an id that `node` finds again.")
class Node:
    entity: strawberry.Private[Any]

    @strawberry.field(description="The global id. It is opaque; any record of the thing leads to it.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.entity.id)


@strawberry.type(description="What a source can do for one kind.")
class Capability:
    kind: Kind = plain("The kind.")
    operation: Operation = plain("The operation.")
    native: bool = plain("Whether the CRM does it itself; otherwise the gateway makes do as the note says.")
    note: str | None = plain("How, and how much of it.")


@strawberry.type(description="What is left of one of a source's allowances, as its last reply told.")
class Quota:
    window: str = plain("How long the allowance is for.")
    limit: int | None = plain("The whole allowance, in calls.")
    remaining: int | None = plain("What is left of it, in calls.")


@strawberry.type(description="One configured CRM account.")
class Source:
    port: strawberry.Private[SourcePort]

    @strawberry.field(description="Its name in the configuration.")
    def name(self) -> str:
        return self.port.name

    @strawberry.field(description="The connector that describes its CRM.")
    def connector(self) -> str:
        return self.port.reader.definition.name

    @strawberry.field(description="How it has been lately.")
    def health(self) -> SourceHealth:
        return self.port.health

    @strawberry.field(description="What it can do, derived from its connector's definition.")
    def capabilities(self) -> list[Capability]:
        return [
            Capability(kind=one.kind, operation=one.operation, native=one.native, note=one.note)
            for one in capabilities(self.port.reader.definition)
        ]

    @strawberry.field(description="What is left of its allowances; empty where the CRM does not tell.")
    def quota(self) -> list[Quota]:
        return [Quota(window=one.window, limit=one.limit, remaining=one.remaining) for one in self.port.quota]

    @strawberry.field(description="When it last answered a call well; null before the first.")
    def last_success_at(self) -> datetime | None:
        return self.port.last_success

    @strawberry.field(description="How many of its contacts the key index holds.")
    def indexed_contacts(self, info: Asking) -> int:
        return reading(info).gateway.index.size(self.port.name)

    @strawberry.field(description="When the key index last knew all of its contacts; null while it does not.")
    def indexed_at(self, info: Asking) -> datetime | None:
        return reading(info).gateway.index.complete_since(self.port.name)


def source_of(info: Asking, name: str) -> Source:
    return Source(port=reading(info).session.sources[name])


@strawberry.type(description="One source's own record of a thing, unmerged.")
class SourceRecord:
    held: strawberry.Private[Record]

    @strawberry.field(description="The source that keeps it.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.held.ref.source)

    @strawberry.field(description="Its id in that CRM.")
    def id(self) -> str:
        return self.held.ref.id

    @strawberry.field(description="What the CRM's definition calls it.")
    def resource(self) -> str:
        return self.held.ref.resource

    @strawberry.field(description="Where people see it in the CRM, if its definition knows.")
    def url(self) -> str | None:
        found: str | None = self.held.peek("url")
        return found

    @strawberry.field(description="The CRM's own JSON.")
    def raw(self) -> JSON | None:
        return JSON(self.held.raw)

    @strawberry.field(description="When it was made, as the CRM says.")
    def created_at(self) -> datetime | None:
        found: datetime | None = self.held.peek("createdAt")
        return found

    @strawberry.field(description="When it was last changed, as the CRM says.")
    def updated_at(self) -> datetime | None:
        found: datetime | None = self.held.peek("updatedAt")
        return found

    @strawberry.field(description="When the gateway read it.")
    def fetched_at(self) -> datetime:
        return self.held.fetched_at

    @strawberry.field(description="Its own values in the graph's words.")
    def values(self) -> JSON:
        return JSON(values.own_values(self.held))


def records_of(entity: Entity) -> list[SourceRecord]:
    return [SourceRecord(held=record) for record in entity.records]


def record_of(entity: Entity) -> SourceRecord:
    return SourceRecord(held=entity.record)


async def _linked(info: Asking, entity: Entity, field: str, kind: Kind) -> Entity | None:
    link: Link | None = entity.value(field)
    return await reading(info).relations.linked(entity.origin(field), link, kind, fields_below(info, kind, ()))


@strawberry.type(description="A person who works in a CRM.")
class User(Node):
    name: str | None = golden(_U, "name", "Full name.")
    email: str | None = golden(_U, "email", "E-mail address.")
    phone: str | None = golden(_U, "phone", "Phone number.")
    role: str | None = golden(_U, "role", "What they may do there, in the CRM's words.")
    active: bool | None = golden(_U, "active", "Whether they still work there.")
    records: list[SourceRecord] = derived("The CRMs' own records.", records_of)


async def _owner(info: Asking, entity: Entity, field: str = "owner") -> User | None:
    found = await _linked(info, entity, field, Kind.USER)
    return None if found is None else User(entity=found)


@strawberry.type(
    description="A custom field's definition, under the key by which all sources' values of it are asked for."
)
class CustomField(Node):
    key: strawberry.Private[str]
    parts: strawberry.Private[Sequence[Entity]]

    @strawberry.field(description="The global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_key(Kind.CUSTOM_FIELD, self.key))

    @strawberry.field(name="key", description="The logical key.")
    def logical_key(self) -> str:
        return self.key

    @strawberry.field(description="What people call it.")
    def label(self, info: Asking) -> str | None:
        return reading(info).gateway.custom.label_of(self.key, self._first("label"))

    @strawberry.field(description="What it is for." + filled_by(_CF, "description"))
    def description(self) -> str | None:
        found: str | None = self._first("description")
        return found

    @strawberry.field(description="The kind whose records carry it.")
    def applies_to(self) -> Kind:
        said = self._first("appliesTo")
        return Kind(said) if said in set(Kind) else Kind.CONTACT

    @strawberry.field(name="type", description="What it holds." + filled_by(_CF, "type"))
    def value_type(self, info: Asking) -> CustomFieldType:
        return CustomFieldType(reading(info).gateway.custom.type_of(self.key, self._first("type")))

    @strawberry.field(description="The choices, where it has any." + filled_by(_CF, "options"))
    def options(self) -> list[values.CustomFieldOption]:
        found: Sequence[Merged] = self._first("options") or ()
        return [values.CustomFieldOption(value=one.value.value, label=one.value.label) for one in found]

    @strawberry.field(description="Whether a record must have it." + filled_by(_CF, "required"))
    def required(self) -> bool | None:
        found: bool | None = self._first("required")
        return found

    @strawberry.field(description="The group or folder it is kept in." + filled_by(_CF, "group"))
    def group(self) -> str | None:
        found: str | None = self._first("group")
        return found

    @strawberry.field(description="Each source's own definition of it.")
    def definitions(self) -> list[values.RecordRef]:
        return [values.ref(one.record.ref) for one in self.parts]

    def _first(self, field: str) -> Any:
        return next((value for one in self.parts if (value := one.value(field)) is not None), None)


@strawberry.type(
    description="A custom field's value on a thing. Of differing values the most trusted source's survives."
)
class CustomFieldValue:
    held: strawberry.Private[CustomValue]

    @strawberry.field(description="The logical key.")
    def key(self) -> str:
        return self.held.key

    @strawberry.field(description="What people call it.")
    def label(self) -> str | None:
        return self.held.label

    @strawberry.field(name="type", description="What it holds; of the parts below the one that fits is set.")
    def value_type(self) -> CustomFieldType:
        return CustomFieldType(self.held.typed.type)

    @strawberry.field(description="The value as one line of text.")
    def text(self) -> str | None:
        return self.held.typed.text

    @strawberry.field(description="The CRM's own JSON.")
    def value(self) -> JSON | None:
        return JSON(self.held.typed.raw)

    @strawberry.field(description="A NUMBER's or MONEY's value.")
    def number(self) -> Decimal | None:
        return self.held.typed.number

    @strawberry.field(description="A BOOLEAN's value.")
    def boolean(self) -> bool | None:
        return self.held.typed.boolean

    @strawberry.field(description="A DATE's value.")
    def date(self) -> Day | None:
        return self.held.typed.date

    @strawberry.field(description="The choices of an OPTION (one) or OPTIONS.")
    def options(self) -> list[str] | None:
        return None if self.held.typed.options is None else list(self.held.typed.options)

    @strawberry.field(description="The record it came from.")
    def origin(self) -> values.RecordRef:
        return values.ref(self.held.origin)

    @strawberry.field(description="What the other records say.")
    def losers(self) -> list[values.LosingValue]:
        return [values.LosingValue(value=JSON(value), origin=values.ref(ref)) for value, ref in self.held.losers]


def custom_fields(entity: Entity, keys: Sequence[str] | None) -> list[CustomFieldValue]:
    return [CustomFieldValue(held=one) for one in entity.custom_values(keys)]


@strawberry.type(description="A tag, the same in every CRM that has one of this name.")
class Tag(Node):
    shown: strawberry.Private[str]
    holders: strawberry.Private[Sequence[str]]
    hue: strawberry.Private[str | None] = None

    @strawberry.field(description="The global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_key(Kind.TAG, text_key(self.shown)))

    @strawberry.field(description="Its name, as the most trusted CRM spells it.")
    def name(self) -> str:
        return self.shown

    @strawberry.field(description="Its colour." + filled_by(Kind.TAG, "color"))
    def color(self) -> str | None:
        return self.hue

    @strawberry.field(description="The sources it was seen in here.")
    def sources(self, info: Asking) -> list[Source]:
        return [source_of(info, name) for name in self.holders]

    @strawberry.field(description="The people who have it, over all sources.")
    async def contacts(
        self, info: Asking, first: int = FIRST, after: str | None = None
    ) -> "Connection[Contact] | None":
        asked = Asked(
            Kind.CONTACT, first, after, filter=Condition("tags", Op.EQ, self.shown), fields=fields_of_nodes(info, _C)
        )
        return await contact_page(info, asked)


def tags_of(entity: Entity) -> list[Tag] | None:
    if entity.value("tags") is None:
        return None
    return [
        Tag(entity=None, shown=one.value.name, holders=list(dict.fromkeys(ref.source for ref in one.origins)))
        for one in entity.merged("tags")
    ]


async def contact_page(info: Asking, asked: Asked) -> "Connection[Contact]":
    """A page of people."""
    listed, entities = await reading(info).page(asked)
    nodes = [Contact(entity=one) for one in entities]
    return page_of(nodes, listed.cursors, listed.has_next, listed.end, asked.after is not None, listed.total)


async def _hanging(
    info: Asking, entity: Entity, kinds: Sequence[Kind], sorts: Sequence[str] | None = None
) -> list[Entity]:
    fields = frozenset[str]().union(*(fields_of_nodes(info, kind) for kind in kinds))
    return await reading(info).relations.hanging(entity, kinds, fields, sorts)


async def _first_contact(info: Asking, entity: Entity) -> "Contact | None":
    found = await _contacts(info, entity)
    return found[0] if found else None


async def _contacts(info: Asking, entity: Entity) -> "list[Contact]":
    """The people a record points to, each as the one person they are."""
    source = entity.record.ref.source
    several = [one.value for one in entity.merged("contacts")]
    links = several or [link for link in [entity.value("contact")] if link is not None]
    if not links and entity.record.ref.parent is not None:
        links = [Link(entity.record.ref.parent)]
    people = await reading(info).people(source, links, fields_below(info, _C, ()))
    return [Contact(entity=one) for one in people]


async def _company(info: Asking, entity: Entity) -> "Company | None":
    found = await _linked(info, entity, "company", Kind.COMPANY)
    return None if found is None else Company(entity=found)


async def _opportunity(info: Asking, entity: Entity) -> "Opportunity | None":
    found = await _linked(info, entity, "opportunity", Kind.OPPORTUNITY)
    return None if found is None else Opportunity(entity=found)


@strawberry.type(description="A step of a pipeline.")
class Stage:
    entity: strawberry.Private[Entity | None]
    link: strawberry.Private[Link]

    @strawberry.field(description="Its id in its CRM; null where the CRM has only a name.")
    def id(self) -> str | None:
        return self.link.id

    @strawberry.field(description="Its name.")
    def name(self) -> str | None:
        return self.link.name or (None if self.entity is None else self.entity.value("name"))

    @strawberry.field(description="Its place among the pipeline's stages." + filled_by(Kind.STAGE, "position"))
    def position(self) -> Decimal | None:
        return None if self.entity is None else self.entity.value("position")

    @strawberry.field(description="How likely a win is there, in percent." + filled_by(Kind.STAGE, "winProbability"))
    def win_probability(self) -> Decimal | None:
        return None if self.entity is None else self.entity.value("winProbability")


@strawberry.type(description="A way that opportunities go, in stages.")
class Pipeline:
    entity: strawberry.Private[Entity | None]
    link: strawberry.Private[Link]

    @strawberry.field(description="Its id in its CRM.")
    def id(self) -> str | None:
        return self.link.id

    @strawberry.field(description="Its name.")
    def name(self) -> str | None:
        return self.link.name or (None if self.entity is None else self.entity.value("name"))


@strawberry.type(description="A possible sale.")
class Opportunity(Node):
    name: str | None = golden(_O, "name", "Its name.")
    amount: values.Money | None = golden(_O, "amount", "What it is worth.", values.money)
    status: OpportunityStatus | None = golden(_O, "status", "What became of it.", OpportunityStatus)
    status_original: str | None = golden(_O, "statusOriginal", "The CRM's own word for it.")
    lost_reason: str | None = golden(_O, "lostReason", "Why it was lost.")
    expected_close_date: Day | None = golden(_O, "expectedCloseDate", "When it should close.")
    closed_at: datetime | None = golden(_O, "closedAt", "When it closed.")
    source: str | None = golden(_O, "leadSource", "Where it came from, in the CRM's words.")
    created_at: datetime | None = golden(_O, "createdAt", "When it was made.")
    updated_at: datetime | None = golden(_O, "updatedAt", "When it was last changed.")
    record: SourceRecord = derived("The CRM's own record.", record_of)

    @strawberry.field(description="The stage it stands in." + filled_by(_O, "stage"))
    async def stage(self, info: Asking) -> Stage | None:
        link: Link | None = self.entity.value("stage")
        found = await _linked(info, self.entity, "stage", Kind.STAGE)
        return None if link is None else Stage(entity=found, link=link)

    @strawberry.field(description="The pipeline it is in." + filled_by(_O, "pipeline"))
    async def pipeline(self, info: Asking) -> Pipeline | None:
        link: Link | None = self.entity.value("pipeline")
        found = await _linked(info, self.entity, "pipeline", Kind.PIPELINE)
        return None if link is None else Pipeline(entity=found, link=link)

    @strawberry.field(description="The person it is with; the first where there are several.")
    async def contact(self, info: Asking) -> "Contact | None":
        return await _first_contact(info, self.entity)

    @strawberry.field(description="The people it is with.")
    async def contacts(self, info: Asking) -> "list[Contact] | None":
        return await _contacts(info, self.entity)

    @strawberry.field(description="The company it is with." + filled_by(_O, "company"))
    async def company(self, info: Asking) -> "Company | None":
        return await _company(info, self.entity)

    @strawberry.field(description="Whose it is." + filled_by(_O, "owner"))
    async def owner(self, info: Asking) -> User | None:
        return await _owner(info, self.entity)

    @strawberry.field(description="Its custom fields, all or those of `keys`." + filled_by(_O, "customFields"))
    def custom_fields(self, keys: list[str] | None = None) -> list[CustomFieldValue] | None:
        return custom_fields(self.entity, keys)


@strawberry.type(description="Something to be done.")
class Task(Node):
    title: str | None = golden(_T, "title", "What is to be done.")
    body: str | None = golden(_T, "body", "More about it.")
    status: TaskStatus | None = golden(_T, "status", "How far it is.", TaskStatus)
    status_original: str | None = golden(_T, "statusOriginal", "The CRM's own word for it.")
    priority: Priority | None = golden(_T, "priority", "How pressing it is.", Priority)
    priority_original: str | None = golden(_T, "priorityOriginal", "The CRM's own word for it.")
    due_at: datetime | None = golden(_T, "dueAt", "When it is due, where the CRM keeps a time of day.")
    due_date: Day | None = golden(_T, "dueDate", "The day it is due.")
    start_date: Day | None = golden(_T, "startDate", "The day it begins.")
    completed: bool | None = golden(_T, "completed", "Whether it is done.")
    completed_at: datetime | None = golden(_T, "completedAt", "When it was done.")
    is_todo: bool | None = golden(_T, "isTodo", "Whether the CRM counts it as a to-do.")
    created_at: datetime | None = golden(_T, "createdAt", "When it was made.")
    updated_at: datetime | None = golden(_T, "updatedAt", "When it was last changed.")
    record: SourceRecord = derived("The CRM's own record.", record_of)

    @strawberry.field(description="Who is to do it." + filled_by(_T, "assignees"))
    async def assignees(self, info: Asking) -> list[User] | None:
        source = self.entity.record.ref.source
        links = [(source, one.value) for one in self.entity.merged("assignees")]
        return [
            User(entity=one)
            for one in await reading(info).relations.all_linked(links, Kind.USER, fields_below(info, _U, ()))
        ]

    @strawberry.field(description="The person it is about; the first where there are several.")
    async def contact(self, info: Asking) -> "Contact | None":
        return await _first_contact(info, self.entity)

    @strawberry.field(description="The people it is about.")
    async def contacts(self, info: Asking) -> "list[Contact] | None":
        return await _contacts(info, self.entity)

    @strawberry.field(description="The company it is about." + filled_by(_T, "company"))
    async def company(self, info: Asking) -> "Company | None":
        return await _company(info, self.entity)

    @strawberry.field(description="The opportunity it is about." + filled_by(_T, "opportunity"))
    async def opportunity(self, info: Asking) -> Opportunity | None:
        return await _opportunity(info, self.entity)


_SUBJECT = {Kind.ACTIVITY: "subject", Kind.NOTE: "title"}


@strawberry.interface(description="Something that happened, or is going to happen, with a person.")
class Activity(Node):
    kind: ActivityKind = derived("What sort it is.", lambda one: kind_of(one))
    kind_original: str | None = derived("The CRM's own word for it.", lambda one: _if_activity(one, "kindOriginal"))
    subject: str | None = derived("What it is about.", lambda one: one.value(_SUBJECT[one.kind]))
    body: str | None = derived("More about it.", lambda one: one.value("body"))
    body_format: TextFormat | None = derived("How the body is written.", lambda one: _format(one))
    starts_at: datetime | None = derived(
        "When it begins; midnight UTC where the CRM keeps a day only.", lambda one: _if_activity(one, "startsAt")
    )
    ends_at: datetime | None = derived("When it ends.", lambda one: _if_activity(one, "endsAt"))
    created_at: datetime | None = derived("When it was made.", lambda one: one.value("createdAt"))
    updated_at: datetime | None = derived("When it was last changed.", lambda one: one.value("updatedAt"))
    record: SourceRecord = derived("The CRM's own record.", record_of)

    @strawberry.field(description="Whose it is.")
    async def owner(self, info: Asking) -> User | None:
        return await _owner(info, self.entity)

    @strawberry.field(description="The person it was with; the first where there are several.")
    async def contact(self, info: Asking) -> "Contact | None":
        return await _first_contact(info, self.entity)

    @strawberry.field(description="The people it was with.")
    async def contacts(self, info: Asking) -> "list[Contact] | None":
        return await _contacts(info, self.entity)


def _if_activity(entity: Entity, field: str) -> Any:
    return entity.value(field) if entity.kind is Kind.ACTIVITY else None


def _format(entity: Entity) -> TextFormat | None:
    word = entity.value("bodyFormat")
    return None if word is None else TextFormat(word)


def kind_of(entity: Entity) -> ActivityKind:
    """A note is a note wherever it is kept; of the rest the record tells."""
    return ActivityKind.NOTE if entity.kind is Kind.NOTE else ActivityKind(entity.value("kind") or "OTHER")


@strawberry.type(description="A call that was made or is to be made.")
class Call(Activity): ...


@strawberry.type(description="A meeting.")
class Meeting(Activity):
    location: str | None = golden(_A, "location", "Where it is.")


@strawberry.type(description="A meeting that was booked.")
class Appointment(Activity):
    location: str | None = golden(_A, "location", "Where it is.")
    calendar: str | None = golden(_A, "calendar", "The calendar it is in, by the CRM's id.")
    status: AppointmentStatus | None = golden(_A, "status", "What became of it.", AppointmentStatus)
    status_original: str | None = golden(_A, "statusOriginal", "The CRM's own word for it.")


@strawberry.type(description="Something that somebody wrote down about a person.")
class Note(Activity):
    title: str | None = golden(_N, "title", "Its heading.")
    pinned: bool | None = golden(_N, "pinned", "Whether it is kept on top.")


@strawberry.type(description="An activity of any other sort; `kindOriginal` says which.")
class OtherActivity(Activity): ...


_ACTIVITIES: dict[ActivityKind, type[Activity]] = {
    ActivityKind.CALL: Call,
    ActivityKind.MEETING: Meeting,
    ActivityKind.APPOINTMENT: Appointment,
    ActivityKind.NOTE: Note,
    ActivityKind.OTHER: OtherActivity,
}


def activity(entity: Entity) -> Activity:
    """An activity as the type of its kind."""
    kind = kind_of(entity)
    if kind is ActivityKind.NOTE and entity.kind is not Kind.NOTE:
        kind = ActivityKind.OTHER
    return _ACTIVITIES[kind](entity=entity)


@strawberry.type(description="A company, as one CRM keeps it.")
class Company(Node):
    name: str | None = golden(_CO, "name", "Its name.")
    domain: str | None = golden(_CO, "domain", "Its internet domain.")
    website: str | None = golden(_CO, "website", "Its website.")
    email: str | None = golden(_CO, "email", "Its e-mail address.")
    industry: str | None = golden(_CO, "industry", "What it does.")
    created_at: datetime | None = golden(_CO, "createdAt", "When it was made.")
    updated_at: datetime | None = golden(_CO, "updatedAt", "When it was last changed.")
    tags: list[Tag] | None = derived("Its tags." + filled_by(_CO, "tags"), tags_of)
    records: list[SourceRecord] = derived("The CRMs' own records.", records_of)
    phones: list[values.PhoneNumber] | None = derived(
        "Its phone numbers." + filled_by(_CO, "phones"), lambda one: [values.phone(p) for p in one.merged("phones")]
    )
    phone: str | None = derived("The first of its phone numbers.", lambda one: _first(one, "phones"))
    address: values.PostalAddress | None = derived(
        "Its first address." + filled_by(_CO, "addresses"),
        lambda one: next((values.address(a) for a in one.merged("addresses")), None),
    )

    @strawberry.field(description="Whose it is." + filled_by(_CO, "owner"))
    async def owner(self, info: Asking) -> User | None:
        return await _owner(info, self.entity)

    @strawberry.field(description="Its custom fields, all or those of `keys`." + filled_by(_CO, "customFields"))
    def custom_fields(self, keys: list[str] | None = None) -> list[CustomFieldValue] | None:
        return custom_fields(self.entity, keys)

    @strawberry.field(description="The people who work there, each as the one person they are.")
    async def contacts(
        self, info: Asking, first: int = FIRST, after: str | None = None
    ) -> "Connection[Contact] | None":
        records = await _hanging(info, self.entity, [Kind.CONTACT])
        people = await reading(info).persons([one.record for one in records], fields_of_nodes(info, _C))
        return slice_of(people, _contact, first, after)

    @strawberry.field(description="Its opportunities.")
    async def opportunities(
        self, info: Asking, first: int = FIRST, after: str | None = None
    ) -> Connection[Opportunity] | None:
        found = await _hanging(info, self.entity, [Kind.OPPORTUNITY])
        return slice_of(found, lambda one: Opportunity(entity=one), first, after)


def _first(entity: Entity, field: str) -> str | None:
    return next((one.value.value for one in entity.merged(field)), None)


def _contact(entity: Entity) -> "Contact":
    return Contact(entity=entity)


@strawberry.type(description="A person, put together from every CRM that knows them.")
class Contact(Node):
    given_name: str | None = derived("First name." + filled_by(_C, "givenName"), lambda one: one.given_name())
    family_name: str | None = derived("Last name." + filled_by(_C, "familyName"), lambda one: one.family_name())
    full_name: str | None = derived("Whole name." + filled_by(_C, "fullName"), lambda one: one.full_name())
    display_name: str | None = derived(
        "What to call them: the whole name, else the first e-mail, else the first phone.",
        lambda one: one.display_name(),
    )
    email: str | None = derived(
        "The first of their e-mail addresses." + filled_by(_C, "emails"), lambda one: _first(one, "emails")
    )
    emails: list[values.EmailAddress] | None = derived(
        "All their e-mail addresses." + filled_by(_C, "emails"),
        lambda one: [values.email(e) for e in one.merged("emails")],
    )
    phone: str | None = derived(
        "The first of their phone numbers." + filled_by(_C, "phones"), lambda one: _first(one, "phones")
    )
    phones: list[values.PhoneNumber] | None = derived(
        "All their phone numbers." + filled_by(_C, "phones"),
        lambda one: [values.phone(p) for p in one.merged("phones")],
    )
    addresses: list[values.PostalAddress] | None = derived(
        "Their postal addresses." + filled_by(_C, "addresses"),
        lambda one: [values.address(a) for a in one.merged("addresses")],
    )
    company_name: str | None = golden(_C, "companyName", "Where they work, as text.")
    job_title: str | None = golden(_C, "jobTitle", "What they do there.")
    lead_source: str | None = golden(_C, "leadSource", "Where they came from: the CRM's own `source` text.")
    website: str | None = golden(_C, "website", "Their website.")
    timezone: str | None = golden(_C, "timezone", "Their time zone.")
    birth_date: Day | None = golden(_C, "birthDate", "When they were born.")
    lifecycle_stage: str | None = golden(_C, "lifecycleStage", "How far they are with us, in the CRM's words.")
    do_not_contact: values.Consent | None = golden(_C, "doNotContact", "Whether they may be contacted.", values.consent)
    created_at: datetime | None = golden(_C, "createdAt", "When the first of their records was made.")
    updated_at: datetime | None = golden(_C, "updatedAt", "When one of their records was last changed.")
    tags: list[Tag] | None = derived("Their tags in all CRMs." + filled_by(_C, "tags"), tags_of)
    records: list[SourceRecord] = derived("Each CRM's own record, most trusted first.", records_of)
    gaps: list[values.FieldGap] = derived(
        "Why fields are null, per record.",
        lambda one: [values.FieldGap(field=g.field, source=g.source, reason=g.reason) for g in one.gaps()],
    )

    @strawberry.field(description="The company they work for." + filled_by(_C, "company"))
    async def company(self, info: Asking) -> Company | None:
        return await _company(info, self.entity)

    @strawberry.field(description="The companies they belong to, in all CRMs." + filled_by(_C, "companies"))
    async def companies(self, info: Asking) -> list[Company] | None:
        several = [(ref.source, one.value) for one in self.entity.merged("companies") for ref in one.origins[:1]]
        alone = [(record.ref.source, link) for record in self.entity.records if (link := record.peek("company"))]
        found = await reading(info).relations.all_linked([*several, *alone], Kind.COMPANY, fields_below(info, _CO, ()))
        return [Company(entity=one) for one in found]

    @strawberry.field(description="Whose contact they are." + filled_by(_C, "owner"))
    async def owner(self, info: Asking) -> User | None:
        return await _owner(info, self.entity)

    @strawberry.field(description="Their custom fields, all or those of `keys`." + filled_by(_C, "customFields"))
    def custom_fields(self, keys: list[str] | None = None) -> list[CustomFieldValue] | None:
        return custom_fields(self.entity, keys)

    @strawberry.field(description="What is to be done about them.")
    async def tasks(self, info: Asking, first: int = FIRST, after: str | None = None) -> Connection[Task] | None:
        found = await _hanging(info, self.entity, [Kind.TASK])
        return slice_of(found, lambda one: Task(entity=one), first, after)

    @strawberry.field(description="What happened with them, notes included.")
    async def activities(
        self, info: Asking, first: int = FIRST, after: str | None = None, kinds: list[ActivityKind] | None = None
    ) -> Connection[Activity] | None:
        found = await _hanging(info, self.entity, [Kind.ACTIVITY, Kind.NOTE], kinds)
        return slice_of(found, activity, first, after)

    @strawberry.field(description="What was written down about them.")
    async def notes(self, info: Asking, first: int = FIRST, after: str | None = None) -> Connection[Note] | None:
        found = await _hanging(info, self.entity, [Kind.NOTE])
        return slice_of(found, lambda one: Note(entity=one), first, after)

    @strawberry.field(description="What was booked with them.")
    async def appointments(
        self, info: Asking, first: int = FIRST, after: str | None = None
    ) -> Connection[Appointment] | None:
        found = await _hanging(info, self.entity, [Kind.ACTIVITY], [ActivityKind.APPOINTMENT])
        return slice_of(found, lambda one: Appointment(entity=one), first, after)

    @strawberry.field(description="What may be sold to them.")
    async def opportunities(
        self, info: Asking, first: int = FIRST, after: str | None = None
    ) -> Connection[Opportunity] | None:
        found = await _hanging(info, self.entity, [Kind.OPPORTUNITY])
        return slice_of(found, lambda one: Opportunity(entity=one), first, after)

    @strawberry.field(description="Why each field has its value: its origin, the rule, and what the other records say.")
    def provenance(self, fields: list[str] | None = None) -> list[values.FieldProvenance]:
        return provenance(self.entity, fields)


def provenance(entity: Entity, fields: Sequence[str] | None) -> list[values.FieldProvenance]:
    """The story of each field that has a value."""
    wanted = FIELDS[entity.kind] if fields is None else [name for name in fields if name in FIELDS[entity.kind]]
    return [
        values.FieldProvenance(
            field=name,
            value=JSON(values.as_json(found.value)),
            origin=values.ref(found.origin),
            rule=str(found.rule),
            losers=[
                values.LosingValue(value=JSON(values.as_json(value)), origin=values.ref(ref))
                for value, ref in found.losers
            ],
        )
        for name in wanted
        if (found := entity.golden(name)) is not None
    ]


@strawberry.type(description="A filter that people of a CRM have saved.")
class SavedView(Node):
    @strawberry.field(description="Its name.")
    def name(self) -> str:
        return str(self.entity.value("name") or self.entity.record.ref.id)

    @strawberry.field(description="The source that keeps it.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.entity.record.ref.source)

    filter: JSON | None = golden(Kind.SAVED_VIEW, "filter", "What it filters by, in the CRM's words.")


@strawberry.type(
    description="A value that a CRM puts into message texts where they say {{custom_values.x}}; no contact data."
)
class TemplateValue(Node):
    @strawberry.field(description="Its key.")
    def key(self) -> str:
        return str(self.entity.value("key") or self.entity.record.ref.id)

    @strawberry.field(description="The source that keeps it.")
    def source(self, info: Asking) -> Source:
        return source_of(info, self.entity.record.ref.source)

    value: str | None = golden(Kind.TEMPLATE_VALUE, "value", "What it stands for.")


def node_of(entity: Entity) -> Node | None:
    """An entity as the type of its kind; what has no type of its own in the graph is no node."""
    if entity.kind in (Kind.ACTIVITY, Kind.NOTE):
        return activity(entity)
    make = _NODES.get(entity.kind)
    return None if make is None else make(entity=entity)


_NODES: dict[Kind, Any] = {
    Kind.CONTACT: Contact,
    Kind.COMPANY: Company,
    Kind.OPPORTUNITY: Opportunity,
    Kind.TASK: Task,
    Kind.USER: User,
    Kind.SAVED_VIEW: SavedView,
    Kind.TEMPLATE_VALUE: TemplateValue,
}
