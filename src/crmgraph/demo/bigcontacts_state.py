"""What BigContacts holds, seeded from the world, in the shapes of the fact sheet's section 3.

The records are wire JSON and may be changed by hand. Where the sheet leaves it open, this is frozen: times are UTC as
`YYYY-MM-DD HH:MM:SS`; a tag is a category of the group "Tag", a lifecycle stage one of the group "Relationship"; custom
fields go by their label; a task's `contacts` is one object and its `assigned_to` a list of objects; notes and meetings
show both in the task list and, under the same id, among their contact's activities.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from crmgraph.demo.cast import Event, Firm, Memo, Sighting, Staff, Todo, World

Wire = dict[str, Any]

PRIORITIES = {"URGENT": "u", "HIGH": "h", "NORMAL": "n", "LOW": "n"}
_ACTIVITY_TYPES = {"CALL": ("Call", "Phone call", "phone"), "MEETING": ("Meeting",), "APPOINTMENT": ("Appointment",)}
_NAME = "bigcontacts"


@dataclass(slots=True)
class BigContactsState:
    """Users, contacts (companies among them), tasks (with notes and meetings) and activities, each by id."""

    users: dict[int, Wire] = field(default_factory=dict)
    contacts: dict[int, Wire] = field(default_factory=dict)
    tasks: dict[int, Wire] = field(default_factory=dict)
    activities: dict[int, Wire] = field(default_factory=dict)
    ids: "count[int]" = field(default_factory=lambda: count(90_001))
    category_ids: dict[tuple[str, str], int] = field(default_factory=dict)

    def add_contact(self, **fields: Any) -> Wire:
        """Put a contact in as it is given, with what it lacks left empty; the wire record."""
        contact = {**blank_contact(), "id": next(self.ids), **fields}
        self.contacts[contact["id"]] = contact
        return contact

    def category(self, name: str, value: str) -> Wire:
        """The category of this group and value; its id is the account's own."""
        number = self.category_ids.setdefault((name, value), 301 + len(self.category_ids))
        return {"id": number, "name": name, "value": value}


def blank_contact() -> Wire:
    """Every key of a contact, without a value."""
    return {
        "id": 0,
        "is_business": False,
        "first_name": "",
        "last_name": "",
        "title": None,
        "emails": [],
        "phones": [],
        "addresses": [],
        "categories": [],
        "custom_fields": [],
        "business": None,
        "owner": None,
        "created": None,
        "updated": None,
    }


def seeded(world: World) -> BigContactsState:
    """What the world says BigContacts knows; companies stand among the contacts, in order of id."""
    state = BigContactsState(users={700 + n: _user(700 + n, staff) for n, staff in enumerate(world.staff, 1)})
    owners = {staff.key: user for staff, user in zip(world.staff, state.users.values(), strict=True)}
    firms = {firm.key: _business(n, firm) for n, firm in enumerate(world.firms_of(_NAME), 1)}
    people = [_contact(state, world, sighting, firms, owners) for sighting in world.seen_by(_NAME)]
    state.contacts = {contact["id"]: contact for contact in sorted([*firms.values(), *people], key=lambda c: c["id"])}
    for todo in world.todos(_NAME):
        _keep(state.tasks, _task(state, todo, owners))
    for memo in world.memos(_NAME):
        _keep(state.tasks, _note(state, memo, owners))
        _keep(state.activities, _note_activity(memo, owners))
    for event in world.events(_NAME):
        _keep(state.activities, _event_activity(event, owners))
        if event.kind == "MEETING":
            _keep(state.tasks, _meeting(state, event, owners))
    return state


def stamp(instant: datetime) -> str:
    """A time as BigContacts writes it."""
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def contact_link(contact: Wire) -> Wire:
    """A contact as it stands inside a task."""
    email = next((entry["email"] for entry in contact["emails"]), None)
    return {
        "id": contact["id"],
        "first_name": contact["first_name"],
        "last_name": contact["last_name"],
        "email": email,
    }


def _keep(table: dict[int, Wire], record: Wire) -> None:
    table[record["id"]] = record


def _contact_id(number: int) -> int:
    return 40_000 + number * 10


def _user(number: int, staff: Staff) -> Wire:
    return {"id": number, "first_name": staff.given, "last_name": staff.family, "email": staff.email}


def _business(number: int, firm: Firm) -> Wire:
    address = {"street": firm.street, "city": firm.city, "state": firm.region, "zip": firm.postal_code}
    return {
        **blank_contact(),
        "id": 40_005 + number * 40,
        "is_business": True,
        "first_name": firm.called_in(_NAME),
        "emails": [{"email": f"info@{firm.domain}"}],
        "phones": [{"number": firm.phone, "type": "work"}],
        "addresses": [{**address, "country": firm.country, "type": "work"}],
        "created": "2024-01-02 09:00:00",
        "updated": "2024-01-02 09:00:00",
    }


def _contact(
    state: BigContactsState, world: World, sighting: Sighting, firms: Mapping[str, Wire], owners: Mapping[str, Wire]
) -> Wire:
    labels = {spec.key: spec.label for spec in world.custom_fields}
    groups = [*(("Tag", tag) for tag in sighting.tags), *([("Relationship", sighting.stage)] if sighting.stage else [])]
    return {
        **blank_contact(),
        "id": _contact_id(sighting.number),
        "first_name": sighting.given,
        "last_name": sighting.family,
        "title": sighting.title,
        "emails": [{"email": email} for email in sighting.emails],
        "phones": [
            {"number": phone, "type": "mobile" if place else "work"} for place, phone in enumerate(sighting.phones)
        ],
        "addresses": _addresses(sighting),
        "categories": [state.category(*group) for group in groups],
        "custom_fields": [{"name": labels[key], "value": value} for key, value in sighting.custom.items()],
        "business": _business_link(firms.get(sighting.company or "")),
        "owner": _owner_link(owners.get(sighting.owner or "")),
        "created": stamp(sighting.created),
        "updated": stamp(sighting.updated),
    }


def _addresses(sighting: Sighting) -> list[Wire]:
    address = {
        "street": sighting.street,
        "city": sighting.city,
        "state": sighting.region,
        "zip": sighting.postal_code,
        "country": sighting.country,
    }
    return [{**address, "type": "work"}] if any(address.values()) else []


def _business_link(business: Wire | None) -> Wire | None:
    return business and {"id": business["id"], "first_name": business["first_name"]}


def _owner_link(user: Wire | None) -> Wire | None:
    return user and {"id": user["id"], "email": user["email"]}


def _task_shape(
    state: BigContactsState, made: Todo | Memo | Event, event: str, number: int, user: Wire, **more: Any
) -> Wire:
    """What tasks, notes and meetings have in common."""
    return {
        "id": number,
        "event": event,
        "title": made.title,
        "description": made.body,
        "start_date": None,
        "due_date": None,
        "priority": "n",
        "completed": False,
        "is_todo": False,
        "contacts": contact_link(state.contacts[_contact_id(made.contact)]),
        "assigned_to": [user],
        "created": stamp(made.created),
        "updated": stamp(made.updated),
        **more,
    }


def _task(state: BigContactsState, todo: Todo, owners: Mapping[str, Wire]) -> Wire:
    return _task_shape(
        state,
        todo,
        "task_new",
        10_000 + todo.number,
        owners[todo.assignee],
        start_date=todo.start.isoformat() if todo.start else None,
        due_date=todo.due.date().isoformat(),
        priority=PRIORITIES[todo.priority],
        completed=todo.completed,
        is_todo=todo.is_todo,
    )


def _note(state: BigContactsState, memo: Memo, owners: Mapping[str, Wire]) -> Wire:
    made_on = memo.created.date().isoformat()
    return _task_shape(state, memo, "note_new", 20_000 + memo.number, owners[memo.author], start_date=made_on)


def _meeting(state: BigContactsState, event: Event, owners: Mapping[str, Wire]) -> Wire:
    days = {"start_date": event.starts.date().isoformat(), "due_date": event.ends.date().isoformat()}
    return _task_shape(
        state,
        event,
        "meeting_new",
        30_000 + event.number,
        owners[event.owner],
        completed=event.status == "SHOWED",
        **days,
    )


def _activity(made: Memo | Event, number: int, activity_type: str, user: Wire) -> Wire:
    return {
        "id": number,
        "contact_id": _contact_id(made.contact),
        "title": made.title,
        "activity_type": activity_type,
        "description": made.body,
        "user_id": user["id"],
        "created": stamp(made.created),
        "updated": stamp(made.updated),
    }


def _note_activity(memo: Memo, owners: Mapping[str, Wire]) -> Wire:
    return _activity(memo, 20_000 + memo.number, "Note", owners[memo.author])


def _event_activity(event: Event, owners: Mapping[str, Wire]) -> Wire:
    spellings = _ACTIVITY_TYPES[event.kind]
    return _activity(event, 30_000 + event.number, spellings[event.number % len(spellings)], owners[event.owner])
