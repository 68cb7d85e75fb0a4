"""The things of the graph. Types that refer to each other in a circle live here together; leaves and inputs live apart.

A golden value costs nothing more to read; a relation asks the session again, whose loaders turn a hundred questions
into few calls.
"""

from collections.abc import Callable, Sequence
from datetime import date as Day
from datetime import datetime
from typing import Any

import strawberry

from crmgraph.api import values
from crmgraph.api.accounts import Source, SourceRecord, record_of, records_of, source_of
from crmgraph.api.connections import Connection, page_of, slice_of
from crmgraph.api.context import Asking
from crmgraph.api.customs import CustomFieldValue, custom_fields
from crmgraph.api.fields import at, derived, filled_by, golden, relation, united
from crmgraph.api.identity import Identity, identities
from crmgraph.api.nodes import FIRST, NODES, Node, have_ids, reading
from crmgraph.api.selection import fields_below, fields_of_nodes
from crmgraph.api.shelves import SavedView, TemplateValue
from crmgraph.api.staff import User, linked, owners, user
from crmgraph.api.stages import Pipeline, Stage
from crmgraph.api.story import provenance
from crmgraph.domain.days import is_of_whole_days
from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Kind, Link
from crmgraph.domain.normalize import text_key
from crmgraph.domain.records import Ref
from crmgraph.domain.words import (
    ActivityKind,
    AppointmentStatus,
    OpportunityStatus,
    Priority,
    TaskStatus,
    TextFormat,
)
from crmgraph.service.entity import Entity
from crmgraph.service.ids import encode_key
from crmgraph.service.lists import Asked
from crmgraph.service.reading import Reading

_C, _T, _A, _N, _O = Kind.CONTACT, Kind.TASK, Kind.ACTIVITY, Kind.NOTE, Kind.OPPORTUNITY
_CO, _U = Kind.COMPANY, Kind.USER


@strawberry.type(description="A tag, the same in every CRM that has one of this name.")
class Tag(Node):
    shown: strawberry.Private[str]
    holders: strawberry.Private[Sequence[Ref]]
    hue: strawberry.Private[str | None] = None

    @strawberry.field(description="The global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_key(Kind.TAG, text_key(self.shown)))

    name: str = at("shown", "Its name, as the most trusted CRM spells it.")
    color: str | None = at("hue", "Its colour." + filled_by(Kind.TAG, "color"))

    @strawberry.field(description="The sources it was seen in here.")
    def sources(self, info: Asking) -> list[Source]:
        return [source_of(info, name) for name in dict.fromkeys(one.source for one in self.holders)]

    @strawberry.field(description="The people who have it, over all sources.")
    async def contacts(
        self, info: Asking, first: int = FIRST, after: str | None = None
    ) -> "Connection[Contact] | None":
        asked = Asked(
            Kind.CONTACT, first, after, filter=Condition("tags", Op.EQ, self.shown), fields=fields_of_nodes(info, _C)
        )
        return await contact_page(info, asked)


def tags_of(entity: Entity) -> list[Tag] | None:
    found = entity.value("tags")
    return None if found is None else [Tag(entity=None, shown=one.value.name, holders=one.origins) for one in found]


async def contact_page(info: Asking, asked: Asked) -> "Connection[Contact]":
    """A page of people."""
    listed, entities = await reading(info).page(asked)
    await have_ids(info, entities, *NODES)
    nodes = [Contact(entity=one) for one in entities]
    return page_of(nodes, listed, asked.after is not None)


async def _slices(
    info: Asking,
    things: Sequence[Node],
    kinds: Sequence[Kind],
    make: Callable[[Entity], Any],
    first: int,
    after: str | None,
    sorts: Sequence[str] | None = None,
) -> list[Any]:
    """A page of what hangs on each of several things; it tells how many there are only where no source failed."""
    fields = frozenset[str]().union(*(fields_of_nodes(info, kind) for kind in kinds))
    found = await reading(info).relations.hanging_on([one.entity for one in things], kinds, fields, sorts)
    return [
        one if isinstance(one, CrmGraphError) else slice_of(one.entities, make, first, after, one.whole)
        for one in found
    ]


async def _tasks(things: Sequence[Node], info: Asking, first: int = FIRST, after: str | None = None) -> list[Any]:
    return await _slices(info, things, [Kind.TASK], lambda one: Task(entity=one), first, after)


async def _activities(
    things: Sequence[Node],
    info: Asking,
    first: int = FIRST,
    after: str | None = None,
    kinds: list[ActivityKind] | None = None,
) -> list[Any]:
    return await _slices(info, things, [Kind.ACTIVITY, Kind.NOTE], activity, first, after, kinds)


async def _notes(things: Sequence[Node], info: Asking, first: int = FIRST, after: str | None = None) -> list[Any]:
    return await _slices(info, things, [Kind.NOTE], lambda one: Note(entity=one), first, after)


async def _appointments(
    things: Sequence[Node], info: Asking, first: int = FIRST, after: str | None = None
) -> list[Any]:
    sorts = [ActivityKind.APPOINTMENT]
    return await _slices(info, things, [Kind.ACTIVITY], lambda one: Appointment(entity=one), first, after, sorts)


async def _opportunities(
    things: Sequence[Node], info: Asking, first: int = FIRST, after: str | None = None
) -> list[Any]:
    return await _slices(info, things, [Kind.OPPORTUNITY], lambda one: Opportunity(entity=one), first, after)


async def _staff(things: Sequence[Node], info: Asking, first: int = FIRST, after: str | None = None) -> list[Any]:
    """The people of companies, each as the one person they are."""
    read, fields = reading(info), fields_of_nodes(info, _C)
    found = await read.relations.hanging_on([one.entity for one in things], [_C], fields)
    hung = [() if isinstance(one, CrmGraphError) else one.entities for one in found]
    people = await read.persons([[one.record for one in entities] for entities in hung], fields)
    pages = [
        one if isinstance(one, CrmGraphError) else slice_of(persons, _contact, first, after, one.whole)
        for one, persons in zip(found, people, strict=True)
    ]
    shown = [one.entity for page in pages if not isinstance(page, CrmGraphError) for one in page.nodes]
    await have_ids(info, shown, *NODES)
    return pages


async def _people(things: Sequence[Node], info: Asking) -> "list[list[Contact]]":
    """The people that each of several records points to, each as the one person they are."""
    links = [(one.entity.record.ref.source, _links_to_people(one.entity)) for one in things]
    found = await reading(info).people(links, fields_below(info, _C, ()))
    await have_ids(info, [one for people in found for one in people])
    return [[Contact(entity=one) for one in people] for people in found]


def _links_to_people(entity: Entity) -> list[Link]:
    several = [one.value for one in entity.merged("contacts")]
    links = several or [link for link in [entity.value("contact")] if link is not None]
    if not links and entity.record.ref.parent is not None:
        return [Link(entity.record.ref.parent)]
    return links


async def _first_person(things: Sequence[Node], info: Asking) -> "list[Contact | None]":
    return [people[0] if people else None for people in await _people(things, info)]


async def _company(things: Sequence[Node], info: Asking) -> "list[Company | None]":
    return await linked(info, things, "company", _CO, lambda one: Company(entity=one))


async def _companies(things: Sequence[Node], info: Asking) -> "list[list[Company]]":
    links = [_links_to_companies(one.entity) for one in things]
    found = await reading(info).relations.all_linked(links, _CO, fields_below(info, _CO, ()))
    return [[Company(entity=one) for one in companies] for companies in found]


def _links_to_companies(entity: Entity) -> list[tuple[str, Link]]:
    several = [(ref.source, one.value) for one in entity.merged("companies") for ref in one.origins[:1]]
    alone = [(record.ref.source, link) for record in entity.records if (link := record.peek("company"))]
    return [*several, *alone]


async def _opportunity(things: Sequence[Node], info: Asking) -> "list[Opportunity | None]":
    return await linked(info, things, "opportunity", _O, lambda one: Opportunity(entity=one))


async def _assignees(things: Sequence[Node], info: Asking) -> list[list[User]]:
    links = [[(one.entity.record.ref.source, each.value) for each in one.entity.merged("assignees")] for one in things]
    found = await reading(info).relations.all_linked(links, _U, fields_below(info, _U, ()))
    return [[user(one) for one in users] for users in found]


async def _stage(things: Sequence[Node], info: Asking) -> list[Stage | None]:
    return await _steps(things, info, "stage", Kind.STAGE, Stage)


async def _pipeline(things: Sequence[Node], info: Asking) -> list[Pipeline | None]:
    return await _steps(things, info, "pipeline", Kind.PIPELINE, Pipeline)


async def _steps(things: Sequence[Node], info: Asking, field: str, kind: Kind, make: Any) -> list[Any]:
    """A step of a pipeline is known by its link, also where its source cannot tell more of it."""
    found = await linked(info, things, field, kind, lambda one: one)
    links = [one.entity.value(field) for one in things]
    return [None if link is None else make(entity=one, link=link) for link, one in zip(links, found, strict=True)]


@strawberry.type(description="A possible sale.")
class Opportunity(Node):
    name: str | None = golden(_O, "name", "Its name.")
    amount: values.Money | None = golden(_O, "amount", "What it is worth.")
    status: OpportunityStatus | None = golden(_O, "status", "What became of it.", OpportunityStatus)
    status_original: str | None = golden(_O, "statusOriginal", "The CRM's own word for it.")
    lost_reason: str | None = golden(_O, "lostReason", "Why it was lost.")
    expected_close_date: Day | None = golden(_O, "expectedCloseDate", "When it should close.")
    closed_at: datetime | None = golden(_O, "closedAt", "When it closed.")
    source: str | None = golden(_O, "leadSource", "Where it came from, in the CRM's words.")
    created_at: datetime | None = golden(_O, "createdAt", "When it was made.")
    updated_at: datetime | None = golden(_O, "updatedAt", "When it was last changed.")
    record: SourceRecord = derived("The CRM's own record.", record_of)

    stage: Stage | None = relation("The stage it stands in." + filled_by(_O, "stage"), _stage)

    pipeline: Pipeline | None = relation("The pipeline it is in." + filled_by(_O, "pipeline"), _pipeline)

    contact: "Contact | None" = relation("The person it is with; the first where there are several.", _first_person)

    contacts: "list[Contact] | None" = relation("The people it is with.", _people)

    company: "Company | None" = relation("The company it is with." + filled_by(_O, "company"), _company)

    owner: User | None = relation("Whose it is." + filled_by(_O, "owner"), owners)

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

    assignees: list[User] | None = relation("Who is to do it." + filled_by(_T, "assignees"), _assignees)

    contact: "Contact | None" = relation("The person it is about; the first where there are several.", _first_person)

    contacts: "list[Contact] | None" = relation("The people it is about.", _people)

    company: "Company | None" = relation("The company it is about." + filled_by(_T, "company"), _company)

    opportunity: Opportunity | None = relation(
        "The opportunity it is about." + filled_by(_T, "opportunity"), _opportunity
    )


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
    start_date: Day | None = derived(
        "The day it begins, where the CRM keeps one.", lambda one: _if_activity(one, "startDate")
    )
    all_day: bool | None = derived(
        "Whether the CRM keeps days for it and no time of day.",
        lambda one: is_of_whole_days(one.record) if one.kind is Kind.ACTIVITY else None,
    )
    created_at: datetime | None = derived("When it was made.", lambda one: one.value("createdAt"))
    updated_at: datetime | None = derived("When it was last changed.", lambda one: one.value("updatedAt"))
    record: SourceRecord = derived("The CRM's own record.", record_of)

    owner: User | None = relation("Whose it is.", owners)

    contact: "Contact | None" = relation("The person it was with; the first where there are several.", _first_person)

    contacts: "list[Contact] | None" = relation("The people it was with.", _people)


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
    phones: list[values.PhoneNumber] | None = united(_CO, "phones", "Its phone numbers.")
    phone: str | None = derived("The first of its phone numbers.", lambda one: _first(one, "phones"))
    address: values.PostalAddress | None = derived(
        "Its first address." + filled_by(_CO, "addresses"),
        lambda one: next(iter(one.merged("addresses")), None),
    )

    owner: User | None = relation("Whose it is." + filled_by(_CO, "owner"), owners)

    @strawberry.field(description="Its custom fields, all or those of `keys`." + filled_by(_CO, "customFields"))
    def custom_fields(self, keys: list[str] | None = None) -> list[CustomFieldValue] | None:
        return custom_fields(self.entity, keys)

    contacts: "Connection[Contact] | None" = relation(
        "The people who work there, each as the one person they are.", _staff
    )

    opportunities: Connection[Opportunity] | None = relation("Its opportunities.", _opportunities)


def _first(entity: Entity, field: str) -> str | None:
    return next((one.value.value for one in entity.merged(field)), None)


def _contact(entity: Entity) -> "Contact":
    return Contact(entity=entity)


@strawberry.type(description="A person, put together from every CRM that knows them.")
class Contact(Node):
    read_by: strawberry.Private[Reading | None] = None
    """The reading that put them together, where it is not the operation's: of what is only supposed."""

    given_name: str | None = golden(_C, "givenName", "First name.")
    family_name: str | None = golden(_C, "familyName", "Last name.")
    full_name: str | None = golden(_C, "fullName", "Whole name, from its parts where they are more trusted.")
    display_name: str | None = derived(
        "What to call them: the whole name, else the first e-mail, else the first phone.",
        lambda one: one.display_name(),
    )
    email: str | None = derived(
        "The first of their e-mail addresses." + filled_by(_C, "emails"), lambda one: _first(one, "emails")
    )
    emails: list[values.EmailAddress] | None = united(_C, "emails", "All their e-mail addresses.")
    phone: str | None = derived(
        "The first of their phone numbers." + filled_by(_C, "phones"), lambda one: _first(one, "phones")
    )
    phones: list[values.PhoneNumber] | None = united(_C, "phones", "All their phone numbers.")
    addresses: list[values.PostalAddress] | None = united(_C, "addresses", "Their postal addresses.")
    company_name: str | None = golden(_C, "companyName", "Where they work, as text.")
    job_title: str | None = golden(_C, "jobTitle", "What they do there.")
    lead_source: str | None = golden(_C, "leadSource", "Where they came from: the CRM's own `source` text.")
    website: str | None = golden(_C, "website", "Their website.")
    timezone: str | None = golden(_C, "timezone", "Their time zone.")
    birth_date: Day | None = golden(_C, "birthDate", "When they were born.")
    lifecycle_stage: str | None = golden(_C, "lifecycleStage", "How far they are with us, in the CRM's words.")
    do_not_contact: values.Consent | None = golden(_C, "doNotContact", "Whether they may be contacted.")
    created_at: datetime | None = golden(_C, "createdAt", "When the first of their records was made.")
    updated_at: datetime | None = golden(_C, "updatedAt", "When one of their records was last changed.")
    tags: list[Tag] | None = derived("Their tags in all CRMs." + filled_by(_C, "tags"), tags_of)
    records: list[SourceRecord] = derived("Each CRM's own record, most trusted first.", records_of)
    gaps: list[values.FieldGap] = derived(
        "Why fields are null, per record.",
        lambda one: [values.FieldGap(field=g.field, source=g.source, reason=g.reason) for g in one.gaps()],
    )

    company: Company | None = relation("The company they work for." + filled_by(_C, "company"), _company)

    companies: list[Company] | None = relation(
        "The companies they belong to, in all CRMs." + filled_by(_C, "companies"), _companies
    )

    owner: User | None = relation("Whose contact they are." + filled_by(_C, "owner"), owners)

    @strawberry.field(description="Their custom fields, all or those of `keys`." + filled_by(_C, "customFields"))
    def custom_fields(self, keys: list[str] | None = None) -> list[CustomFieldValue] | None:
        return custom_fields(self.entity, keys)

    tasks: Connection[Task] | None = relation("What is to be done about them.", _tasks)

    activities: Connection[Activity] | None = relation("What happened with them, notes included.", _activities)

    notes: Connection[Note] | None = relation("What was written down about them.", _notes)

    appointments: Connection[Appointment] | None = relation("What was booked with them.", _appointments)

    opportunities: Connection[Opportunity] | None = relation("What may be sold to them.", _opportunities)

    identity: Identity | None = relation("Why their records are one person, and what else was weighed.", identities)

    @strawberry.field(description="Why each field has its value: its origin, the rule, and what the other records say.")
    def provenance(self, fields: list[str] | None = None) -> list[values.FieldProvenance]:
        return provenance(self.entity, fields)


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
