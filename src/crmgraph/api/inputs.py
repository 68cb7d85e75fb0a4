"""What callers may filter and order by: one grammar for all lists, turned into the domain's filters."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import strawberry

from crmgraph.api.fields import plain
from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.service.lists import OnMissing

strawberry.enum(OnMissing, description="What a list does when a source fails: go on without it for now, or stop there.")


def _optional(description: str) -> Any:
    return strawberry.field(default=None, description=description)


@strawberry.input(description="Conditions on a text; case does not matter. All that are given must hold.")
class StringFilter:
    eq: str | None = _optional("It is this.")
    in_: list[str] | None = strawberry.field(name="in", default=None, description="It is one of these.")
    contains: str | None = _optional("It holds this.")
    starts_with: str | None = _optional("It begins with this.")
    is_null: bool | None = _optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a number.")
class NumberFilter:
    eq: Decimal | None = _optional("It is this.")
    in_: list[Decimal] | None = strawberry.field(name="in", default=None, description="It is one of these.")
    gt: Decimal | None = _optional("It is more than this.")
    gte: Decimal | None = _optional("It is this or more.")
    lt: Decimal | None = _optional("It is less than this.")
    lte: Decimal | None = _optional("It is this or less.")
    is_null: bool | None = _optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a time.")
class DateTimeFilter:
    eq: datetime | None = _optional("It is this instant.")
    gt: datetime | None = _optional("It is later than this.")
    gte: datetime | None = _optional("It is this or later.")
    lt: datetime | None = _optional("It is earlier than this.")
    lte: datetime | None = _optional("It is this or earlier.")
    is_null: bool | None = _optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a day.")
class DateFilter:
    eq: date | None = _optional("It is this day.")
    gt: date | None = _optional("It is later than this.")
    gte: date | None = _optional("It is this or later.")
    lt: date | None = _optional("It is earlier than this.")
    lte: date | None = _optional("It is this or earlier.")
    is_null: bool | None = _optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a truth value.")
class BooleanFilter:
    eq: bool | None = _optional("It is this.")
    is_null: bool | None = _optional("It is missing (true) or there (false).")


@strawberry.input(description="Conditions on a link to another thing, by its id from this graph.")
class IdFilter:
    eq: strawberry.ID | None = _optional("It points to this one.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=None, description="It points to one of these."
    )
    is_null: bool | None = _optional("It points nowhere (true) or somewhere (false).")


@strawberry.input(description="Conditions on a list of texts, such as tags: one of them must satisfy.")
class TagFilter:
    eq: str | None = _optional("It has this tag.")
    in_: list[str] | None = strawberry.field(name="in", default=None, description="It has one of these tags.")
    is_null: bool | None = _optional("It has no tag (true) or some (false).")


@strawberry.input(description="Conditions on a custom field, by its logical key; give the part that fits its type.")
class CustomFieldFilter:
    key: str = plain("The logical key.")
    text: StringFilter | None = _optional("As text; of OPTIONS one must satisfy.")
    number: NumberFilter | None = _optional("As a number.")
    boolean: BooleanFilter | None = _optional("As a truth value.")
    date: DateFilter | None = _optional("As a day.")


@strawberry.input(
    description="Which people. All parts that are given must hold. A person passes when one of their records does."
)
class ContactFilter:
    and_: "list[ContactFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[ContactFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "ContactFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    email: StringFilter | None = _optional("One of the e-mail addresses; `eq` and `in` compare normal forms.")
    phone: StringFilter | None = _optional("One of the phone numbers; `eq` and `in` compare E.164.")
    full_name: StringFilter | None = _optional("The whole name, where the CRM keeps one.")
    given_name: StringFilter | None = _optional("The first name.")
    family_name: StringFilter | None = _optional("The last name.")
    company_name: StringFilter | None = _optional("Where they work, as text.")
    job_title: StringFilter | None = _optional("What they do there.")
    lead_source: StringFilter | None = _optional("Where they came from.")
    lifecycle_stage: StringFilter | None = _optional("How far they are with us.")
    website: StringFilter | None = _optional("The website.")
    timezone: StringFilter | None = _optional("The time zone.")
    birth_date: DateFilter | None = _optional("The day of birth.")
    company: IdFilter | None = _optional("The company.")
    owner: IdFilter | None = _optional("Whose contact they are.")
    tags: TagFilter | None = _optional("The tags.")
    custom_field: CustomFieldFilter | None = _optional("A custom field; put several into `and`.")
    created_at: DateTimeFilter | None = _optional("When the record was made.")
    updated_at: DateTimeFilter | None = _optional("When the record was last changed.")


@strawberry.input(description="Which tasks. All parts that are given must hold.")
class TaskFilter:
    and_: "list[TaskFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[TaskFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "TaskFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    title: StringFilter | None = _optional("What is to be done.")
    body: StringFilter | None = _optional("More about it.")
    status: StringFilter | None = _optional("How far it is, by the words of TaskStatus.")
    completed: BooleanFilter | None = _optional("Whether it is done.")
    priority: StringFilter | None = _optional("How pressing it is, by the words of Priority.")
    due_at: DateTimeFilter | None = _optional("When it is due.")
    due_date: DateFilter | None = _optional("The day it is due.")
    assignees: IdFilter | None = _optional("Who is to do it.")
    contact: IdFilter | None = _optional("The person's record it is about.")
    created_at: DateTimeFilter | None = _optional("When it was made.")
    updated_at: DateTimeFilter | None = _optional("When it was last changed.")


@strawberry.input(description="Which activities. All parts that are given must hold.")
class ActivityFilter:
    and_: "list[ActivityFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[ActivityFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "ActivityFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    body: StringFilter | None = _optional("What it says.")
    owner: IdFilter | None = _optional("Whose it is.")
    created_at: DateTimeFilter | None = _optional("When it was made.")
    updated_at: DateTimeFilter | None = _optional("When it was last changed.")


@strawberry.input(description="Which companies. All parts that are given must hold.")
class CompanyFilter:
    and_: "list[CompanyFilter] | None" = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: "list[CompanyFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "CompanyFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    name: StringFilter | None = _optional("The name.")
    domain: StringFilter | None = _optional("The internet domain.")
    email: StringFilter | None = _optional("The e-mail address.")
    industry: StringFilter | None = _optional("What it does.")
    owner: IdFilter | None = _optional("Whose it is.")
    tags: TagFilter | None = _optional("The tags.")
    custom_field: CustomFieldFilter | None = _optional("A custom field.")
    created_at: DateTimeFilter | None = _optional("When it was made.")
    updated_at: DateTimeFilter | None = _optional("When it was last changed.")


@strawberry.input(description="Which opportunities. All parts that are given must hold.")
class OpportunityFilter:
    and_: "list[OpportunityFilter] | None" = strawberry.field(
        name="and", default=None, description="All of these hold."
    )
    or_: "list[OpportunityFilter] | None" = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: "OpportunityFilter | None" = strawberry.field(name="not", default=None, description="This does not hold.")
    name: StringFilter | None = _optional("The name.")
    amount: NumberFilter | None = _optional("What it is worth.")
    status: StringFilter | None = _optional("What became of it, by the words of OpportunityStatus.")
    stage: IdFilter | None = _optional("The stage.")
    owner: IdFilter | None = _optional("Whose it is.")
    custom_field: CustomFieldFilter | None = _optional("A custom field.")
    expected_close_date: DateFilter | None = _optional("When it should close.")
    created_at: DateTimeFilter | None = _optional("When it was made.")
    updated_at: DateTimeFilter | None = _optional("When it was last changed.")


AnyFilter = ContactFilter | TaskFilter | ActivityFilter | CompanyFilter | OpportunityFilter

_RECORD_FIELDS = {
    "email": "emails",
    "phone": "phones",
    "full_name": "fullName",
    "given_name": "givenName",
    "family_name": "familyName",
    "company_name": "companyName",
    "job_title": "jobTitle",
    "lead_source": "leadSource",
    "lifecycle_stage": "lifecycleStage",
    "birth_date": "birthDate",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "due_at": "dueAt",
    "due_date": "dueDate",
    "expected_close_date": "expectedCloseDate",
}
"""Input field → the record's field, where it is not the same word."""

_OPS = {"in_": Op.IN, "starts_with": Op.STARTS_WITH, "is_null": Op.IS_NULL}


def filter_of(given: AnyFilter | None) -> Filter | None:
    """An input as the domain's filter; None where it says nothing."""
    if given is None:
        return None
    parts = tuple(_parts(given))
    return None if not parts else parts[0] if len(parts) == 1 else And(parts)


def _parts(given: AnyFilter) -> Iterator[Filter]:
    for name, value in vars(given).items():
        if value is None:
            continue
        if name in ("and_", "or_"):
            inner = tuple(one for one in map(filter_of, value) if one is not None)
            yield And(inner) if name == "and_" else Or(inner)
        elif name == "not_":
            inside = filter_of(value)
            yield from () if inside is None else [Not(inside)]
        elif name == "custom_field":
            yield from _custom(value)
        else:
            field = "emails" if name == "email" and isinstance(given, ContactFilter) else _field(name, given)
            yield from conditions_of(field, value)


def _field(name: str, given: AnyFilter) -> str:
    return name if name == "email" and not isinstance(given, ContactFilter) else _RECORD_FIELDS.get(name, name)


def _custom(given: CustomFieldFilter) -> Iterator[Filter]:
    parts = [one for one in (given.text, given.number, given.boolean, given.date) if one is not None]
    if not parts:
        raise InputError(
            f"The filter on the custom field {given.key} says nothing; give text, number, boolean or date."
        )
    for part in parts:
        yield from conditions_of(f"customFields.{given.key}", part)


def conditions_of(field: str, given: Any) -> Iterator[Filter]:
    """The conditions of one field's input."""
    for name, value in vars(given).items():
        if value is not None:
            op = _OPS.get(name) or Op(name)
            yield Condition(field, op, tuple(value) if op is Op.IN else _aware(value))


def _aware(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise InputError(f"The time {value.isoformat()} has no offset; write it like {value.isoformat()}Z.")
    return value


@strawberry.enum(description="Which way an order goes.")
class Direction(StrEnum):
    """Which way an order goes."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum(description="What a list can be ordered by. CREATED_AT is preferred: it does not move.")
class OrderField(StrEnum):
    """Orders that some source can list in; the word is the record's field."""

    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"
    GIVEN_NAME = "givenName"
    FAMILY_NAME = "familyName"
    NAME = "name"
    DUE_AT = "dueAt"


@strawberry.input(
    description="An order that every asked source must be able to list in; otherwise it is refused by name."
)
class OrderBy:
    field: OrderField = plain("What to order by.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which way.")


def order_of(given: Sequence[OrderBy] | None) -> tuple[str, bool] | None:
    """An order as field and whether it descends; raises InputError for more than one key."""
    if not given:
        return None
    if len(given) > 1:
        raise InputError("A list across sources is merged by one key; give one order, not several.")
    return (given[0].field.value, given[0].direction is Direction.DESC)


@strawberry.input(description="A record of a CRM.")
class RecordRefInput:
    source: str = plain("The source's name in the configuration.")
    id: str = plain("The record's id in that CRM.")


@strawberry.input(one_of=True, description="One way to say which person.")
class ContactLookup:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(default=None, description="A global id.")
    email: strawberry.Maybe[str] = strawberry.field(default=None, description="An e-mail address in any spelling.")
    phone: strawberry.Maybe[str] = strawberry.field(default=None, description="A phone number in any spelling.")
    record: strawberry.Maybe[RecordRefInput] = strawberry.field(default=None, description="A CRM's own contact.")
