"""The made-up world that the simulators show: its people, their firms, and how each CRM happens to know them.

A `Person` is the truth; a `Sighting` is what one CRM has typed about that person. Tests compare what the gateway joins
with the truth, so every sighting names its person. All instants are aware and in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

CRMS = ("bigcontacts", "concord", "orgcrm", "leadconnector")
CHANNELS = ("email", "sms", "call", "whatsapp")


@dataclass(frozen=True, slots=True)
class Staff:
    """A user of the CRMs; the e-mail is the same in all of them."""

    key: str
    given: str
    family: str
    email: str


@dataclass(frozen=True, slots=True)
class Firm:
    """A company. `country` is ISO 3166-1 alpha-2, `phone` is E.164, `spellings` maps a CRM to its own name for it."""

    key: str
    name: str
    domain: str
    website: str
    phone: str
    street: str
    city: str
    region: str | None
    postal_code: str
    country: str
    industry: str
    spellings: Mapping[str, str]

    def called_in(self, crm: str) -> str:
        """The firm's name as this CRM writes it."""
        return self.spellings.get(crm, self.name)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they are: phones in E.164, `company` is a firm's key, `country` is ISO 3166-1 alpha-2."""

    key: str
    given: str
    family: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    company: str | None
    title: str
    street: str
    city: str
    region: str | None
    postal_code: str
    country: str
    timezone: str
    birth_date: date

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class CustomSpec:
    """A custom field that the CRMs share by its logical key. `type` is one of the model's CUSTOM_FIELD_TYPES."""

    key: str
    label: str
    type: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """How one CRM knows one person, spelled as that CRM has it.

    `number` runs from 1 within its CRM; `company` is a firm's key; `owner` is a staff key; `dnc` holds the channels on
    which the person must not be contacted; `custom` maps a logical key to text, a number, a boolean, an ISO date, an
    option's label or a tuple of labels. Concord and orgcrm hold at most one e-mail, orgcrm at most one phone.
    """

    crm: str
    number: int
    person: str
    given: str
    family: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    company: str | None
    title: str | None
    street: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    tags: tuple[str, ...]
    custom: Mapping[str, Any]
    owner: str | None
    lead_source: str | None
    stage: str | None
    dnc: frozenset[str]
    birth_date: date | None
    website: str | None
    timezone: str | None
    created: datetime
    updated: datetime

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity of one CRM. `contact` is a sighting's number, `status` one of open, won, lost and abandoned."""

    crm: str
    number: int
    contact: int
    name: str
    amount: Decimal
    currency: str
    status: str
    lost_reason: str | None
    pipeline: str
    stage: str
    expected_close: date
    closed: datetime | None
    company: str | None
    owner: str
    lead_source: str | None
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Todo:
    """A task of one CRM. `contact` is a sighting's number, `priority` one of LOW, NORMAL, HIGH and URGENT."""

    crm: str
    number: int
    contact: int
    title: str
    body: str
    priority: str
    due: datetime
    start: date | None
    completed: bool
    completed_at: datetime | None
    is_todo: bool
    assignee: str
    deal: int | None
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Memo:
    """A note of one CRM in plain text. `contact` is a sighting's number, `author` a staff key."""

    crm: str
    number: int
    contact: int
    title: str
    body: str
    pinned: bool
    author: str
    deal: int | None
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A call, meeting or appointment of one CRM.

    `kind` is CALL, MEETING or APPOINTMENT; `status` one of the model's APPOINTMENT_STATUSES; `outcome` says how a
    call ended.
    """

    crm: str
    number: int
    contact: int
    kind: str
    title: str
    body: str
    starts: datetime
    ends: datetime
    status: str
    outcome: str | None
    location: str | None
    owner: str
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class World:
    """All there is to know: the truth, and what each CRM has of it."""

    people: tuple[Person, ...]
    staff: tuple[Staff, ...]
    firms: tuple[Firm, ...]
    custom_fields: tuple[CustomSpec, ...]
    pipelines: Mapping[str, tuple[str, ...]]
    sightings: tuple[Sighting, ...]
    all_deals: tuple[Deal, ...]
    all_todos: tuple[Todo, ...]
    all_memos: tuple[Memo, ...]
    all_events: tuple[Event, ...]

    def seen_by(self, crm: str) -> tuple[Sighting, ...]:
        """What this CRM knows, by running number."""
        return tuple(sighting for sighting in self.sightings if sighting.crm == crm)

    def deals(self, crm: str) -> tuple[Deal, ...]:
        return tuple(deal for deal in self.all_deals if deal.crm == crm)

    def todos(self, crm: str) -> tuple[Todo, ...]:
        return tuple(todo for todo in self.all_todos if todo.crm == crm)

    def memos(self, crm: str) -> tuple[Memo, ...]:
        return tuple(memo for memo in self.all_memos if memo.crm == crm)

    def events(self, crm: str) -> tuple[Event, ...]:
        return tuple(event for event in self.all_events if event.crm == crm)

    def firms_of(self, crm: str) -> tuple[Firm, ...]:
        """The firms that at least one sighting of this CRM works for, in the world's order."""
        named = {sighting.company for sighting in self.seen_by(crm)}
        return tuple(firm for firm in self.firms if firm.key in named)

    def firm(self, key: str) -> Firm:
        return next(firm for firm in self.firms if firm.key == key)

    def colleague(self, key: str) -> Staff:
        """The member of staff with this key."""
        return next(member for member in self.staff if member.key == key)

    def person(self, key: str) -> Person:
        return next(person for person in self.people if person.key == key)
