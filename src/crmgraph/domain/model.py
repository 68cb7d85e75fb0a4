"""The words of the graph: kinds, the fields of each kind, and the values that fields hold.

`FIELDS` is the one table that connectors map to, survivorship chooses by and the schema reads from: adding a field is a
line here, a line in each definition that can fill it and a line in the schema. Names are the graph's own (camelCase),
so that one spelling serves definition, configuration, query and error message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import Struct

from crmgraph.domain.words import (
    ACTIVITY_KINDS,
    APPOINTMENT_STATUSES,
    CUSTOM_FIELD_TYPES,
    OPPORTUNITY_STATUSES,
    PRIORITIES,
    TASK_STATUSES,
    TEXT_FORMATS,
)


class Kind(StrEnum):
    """What a record can be."""

    CONTACT = "contact"
    COMPANY = "company"
    OPPORTUNITY = "opportunity"
    TASK = "task"
    ACTIVITY = "activity"
    NOTE = "note"
    TAG = "tag"
    CUSTOM_FIELD = "customField"
    USER = "user"
    PIPELINE = "pipeline"
    STAGE = "stage"
    SAVED_VIEW = "savedView"
    TEMPLATE_VALUE = "templateValue"


class FieldType(StrEnum):
    """How a field's value looks once it has been mapped."""

    TEXT = "text"
    BOOLEAN = "boolean"
    NUMBER = "number"  # Decimal
    INSTANT = "instant"  # aware datetime
    DATE = "date"
    EMAILS = "emails"  # tuple[Email, ...]
    PHONES = "phones"  # tuple[Phone, ...]
    ADDRESSES = "addresses"  # tuple[Address, ...]
    TAGS = "tags"  # tuple[TagName, ...]
    CUSTOM = "custom"  # tuple[Custom, ...]
    CONSENT = "consent"  # Consent
    MONEY = "money"  # Money
    LINK = "link"  # Link
    LINKS = "links"  # tuple[Link, ...]
    OPTIONS = "options"  # tuple[Option, ...]
    JSON = "json"


class Email(Struct, frozen=True, gc=False):
    """One e-mail address as the CRM spells it."""

    value: str
    kind: str | None = None
    primary: bool = False


class Phone(Struct, frozen=True, gc=False):
    """One phone number as the CRM spells it."""

    value: str
    kind: str | None = None
    primary: bool = False


class Address(Struct, frozen=True, gc=False):
    """One postal address; `country` is what the CRM says, an ISO code or a name."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    kind: str | None = None


class TagName(Struct, frozen=True, gc=False):
    """A tag as a record carries it."""

    name: str


class Link(Struct, frozen=True, gc=False):
    """A pointer to another record of the same source: by id, by name alone where the CRM keeps only text, or both."""

    id: str | None = None
    name: str | None = None


class Money(Struct, frozen=True, gc=False):
    """An amount; `currency` is an ISO 4217 code, None where the CRM names none."""

    amount: Decimal
    currency: str | None = None


class ConsentState(StrEnum):
    """Whether a person may be contacted over a channel."""

    ALLOWED = "ALLOWED"
    BLOCKED = "BLOCKED"
    UNKNOWN = "UNKNOWN"


class Consent(Struct, frozen=True, gc=False):
    """Whether a person may be contacted: `any` over all channels, the rest per channel."""

    any: ConsentState = ConsentState.UNKNOWN
    email: ConsentState = ConsentState.UNKNOWN
    sms: ConsentState = ConsentState.UNKNOWN
    call: ConsentState = ConsentState.UNKNOWN
    whatsapp: ConsentState = ConsentState.UNKNOWN


class Option(Struct, frozen=True, gc=False):
    """One choice of a custom field."""

    value: str
    label: str


class Custom(Struct, frozen=True, gc=False):
    """A custom field's value on one record, under the CRM's own key; `value` is the CRM's JSON."""

    key: str
    value: Any
    label: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `values` lists the words an enumeration may hold; None for free text."""

    name: str
    type: FieldType
    values: tuple[str, ...] | None = None


def _fields(**types: FieldType | tuple[str, ...]) -> Mapping[str, Field]:
    """Build a kind's table; a tuple stands for an enumeration of these words."""
    return {
        name: Field(name, FieldType.TEXT, given) if isinstance(given, tuple) else Field(name, given)
        for name, given in types.items()
    }


_T = FieldType

_TIMES = {"createdAt": _T.INSTANT, "updatedAt": _T.INSTANT}

FIELDS: Mapping[Kind, Mapping[str, Field]] = {
    Kind.CONTACT: _fields(
        givenName=_T.TEXT,
        familyName=_T.TEXT,
        fullName=_T.TEXT,
        emails=_T.EMAILS,
        phones=_T.PHONES,
        addresses=_T.ADDRESSES,
        company=_T.LINK,
        companies=_T.LINKS,
        companyName=_T.TEXT,
        jobTitle=_T.TEXT,
        owner=_T.LINK,
        leadSource=_T.TEXT,
        website=_T.TEXT,
        timezone=_T.TEXT,
        birthDate=_T.DATE,
        lifecycleStage=_T.TEXT,
        doNotContact=_T.CONSENT,
        tags=_T.TAGS,
        customFields=_T.CUSTOM,
        opportunities=_T.LINKS,
        url=_T.TEXT,
        **_TIMES,
    ),
    Kind.COMPANY: _fields(
        name=_T.TEXT,
        domain=_T.TEXT,
        website=_T.TEXT,
        email=_T.TEXT,
        phones=_T.PHONES,
        addresses=_T.ADDRESSES,
        industry=_T.TEXT,
        owner=_T.LINK,
        tags=_T.TAGS,
        customFields=_T.CUSTOM,
        url=_T.TEXT,
        **_TIMES,
    ),
    Kind.OPPORTUNITY: _fields(
        name=_T.TEXT,
        amount=_T.MONEY,
        status=OPPORTUNITY_STATUSES,
        statusOriginal=_T.TEXT,
        lostReason=_T.TEXT,
        pipeline=_T.LINK,
        stage=_T.LINK,
        expectedCloseDate=_T.DATE,
        closedAt=_T.INSTANT,
        contact=_T.LINK,
        contacts=_T.LINKS,
        company=_T.LINK,
        owner=_T.LINK,
        leadSource=_T.TEXT,
        customFields=_T.CUSTOM,
        url=_T.TEXT,
        **_TIMES,
    ),
    Kind.TASK: _fields(
        title=_T.TEXT,
        body=_T.TEXT,
        status=TASK_STATUSES,
        statusOriginal=_T.TEXT,
        priority=PRIORITIES,
        priorityOriginal=_T.TEXT,
        dueAt=_T.INSTANT,
        dueDate=_T.DATE,
        startDate=_T.DATE,
        completed=_T.BOOLEAN,
        completedAt=_T.INSTANT,
        isTodo=_T.BOOLEAN,
        assignees=_T.LINKS,
        contact=_T.LINK,
        contacts=_T.LINKS,
        company=_T.LINK,
        opportunity=_T.LINK,
        url=_T.TEXT,
        **_TIMES,
    ),
    Kind.ACTIVITY: _fields(
        kind=ACTIVITY_KINDS,
        kindOriginal=_T.TEXT,
        subject=_T.TEXT,
        body=_T.TEXT,
        bodyFormat=TEXT_FORMATS,
        startsAt=_T.INSTANT,
        endsAt=_T.INSTANT,
        startDate=_T.DATE,
        allDay=_T.BOOLEAN,
        status=APPOINTMENT_STATUSES,
        statusOriginal=_T.TEXT,
        location=_T.TEXT,
        calendar=_T.TEXT,
        owner=_T.LINK,
        contact=_T.LINK,
        contacts=_T.LINKS,
        company=_T.LINK,
        opportunity=_T.LINK,
        url=_T.TEXT,
        **_TIMES,
    ),
    Kind.NOTE: _fields(
        title=_T.TEXT,
        body=_T.TEXT,
        bodyFormat=TEXT_FORMATS,
        pinned=_T.BOOLEAN,
        owner=_T.LINK,
        contact=_T.LINK,
        contacts=_T.LINKS,
        company=_T.LINK,
        opportunity=_T.LINK,
        url=_T.TEXT,
        **_TIMES,
    ),
    Kind.TAG: _fields(name=_T.TEXT, color=_T.TEXT),
    Kind.CUSTOM_FIELD: _fields(
        key=_T.TEXT,
        label=_T.TEXT,
        description=_T.TEXT,
        appliesTo=_T.TEXT,
        type=CUSTOM_FIELD_TYPES,
        typeOriginal=_T.TEXT,
        options=_T.OPTIONS,
        required=_T.BOOLEAN,
        group=_T.TEXT,
    ),
    Kind.USER: _fields(
        name=_T.TEXT,
        givenName=_T.TEXT,
        familyName=_T.TEXT,
        email=_T.TEXT,
        phone=_T.TEXT,
        role=_T.TEXT,
        active=_T.BOOLEAN,
        timezone=_T.TEXT,
    ),
    Kind.PIPELINE: _fields(name=_T.TEXT, stages=_T.LINKS),
    Kind.STAGE: _fields(name=_T.TEXT, pipeline=_T.LINK, position=_T.NUMBER, winProbability=_T.NUMBER),
    Kind.SAVED_VIEW: _fields(name=_T.TEXT, filter=_T.JSON),
    Kind.TEMPLATE_VALUE: _fields(key=_T.TEXT, value=_T.TEXT),
}
