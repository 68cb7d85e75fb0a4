"""What BigContacts lets one change (fact sheet bigcontacts, section 3).

Lists are replaced whole, other keys are left alone where absent, unknown keys are ignored. Frozen here, where the sheet
leaves it open: a write answers with the record, a deletion with an empty list; a deleted contact takes its tasks and
activities along.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request

from crmgraph.demo.bigcontacts_state import BigContactsState, Wire, contact_link, stamp
from crmgraph.demo.bigcontacts_views import forget, show_as_activity, show_as_task

_CONTACT_TEXTS = ("first_name", "last_name", "title", "is_business")
_ADDRESS = ("street", "city", "state", "zip", "country", "type")
_TASK_PLAIN = ("title", "description", "start_date", "due_date", "completed", "is_todo")


class Refused(Exception):
    """What BigContacts answers instead of doing it."""


def the_contact(state: BigContactsState, request: Request) -> Wire:
    return _the(state.contacts, request.path_params["id"], "contact")


def the_task(state: BigContactsState, request: Request) -> Wire:
    return _the(state.tasks, request.path_params["id"], "task")


def the_activity(state: BigContactsState, request: Request) -> Wire:
    contact = the_contact(state, request)
    activity = _the(state.activities, request.path_params["activity"], "activity")
    if activity["contact_id"] != contact["id"]:
        raise Refused("No such activity")
    return activity


def _the(table: dict[int, Wire], number: int, kind: str) -> Wire:
    if number not in table:
        raise Refused(f"No such {kind}")
    return table[number]


def create_contact(state: BigContactsState, request: Request, body: Any, now: datetime) -> Wire:
    fields = _object(body)
    for name in ("first_name", "last_name"):
        if not fields.get(name):
            raise Refused(f"{name} is required")
    if not any(email.get("email") for email in _objects(fields.get("emails"))):
        raise Refused("emails is required")
    changed = _contact_fields(state, fields)
    return state.add_contact(**changed, created=stamp(now), updated=stamp(now))


def update_contact(state: BigContactsState, request: Request, body: Any, now: datetime) -> Wire:
    contact = the_contact(state, request)
    contact.update(_contact_fields(state, _object(body)), updated=stamp(now))
    return contact


def delete_contact(state: BigContactsState, request: Request, body: Any, now: datetime) -> list[Wire]:
    gone = the_contact(state, request)["id"]
    del state.contacts[gone]
    state.tasks = {number: task for number, task in state.tasks.items() if task["contacts"]["id"] != gone}
    state.activities = {number: a for number, a in state.activities.items() if a["contact_id"] != gone}
    return []


def _contact_fields(state: BigContactsState, body: Wire) -> Wire:
    """The sent keys as they are kept; a sent list stands for the whole list."""
    readers: Mapping[str, Callable[[Any], Any]] = {
        "emails": lambda sent: [{"email": entry.get("email")} for entry in _objects(sent) if entry.get("email")],
        "phones": lambda sent: [_only(entry, ("number", "type")) for entry in _objects(sent)],
        "addresses": lambda sent: [_only(entry, _ADDRESS) for entry in _objects(sent)],
        "categories": lambda sent: [
            state.category(str(entry.get("name")), str(entry.get("value"))) for entry in _objects(sent)
        ],
        "custom_fields": lambda sent: [_only(entry, ("name", "value")) for entry in _objects(sent)],
        "business": lambda sent: _business(state, sent),
        "owner": lambda sent: _owner(state, sent),
    }
    plain = {name: body[name] for name in _CONTACT_TEXTS if name in body}
    return plain | {name: read(body[name]) for name, read in readers.items() if name in body}


def _business(state: BigContactsState, sent: Any) -> Wire | None:
    """The company meant, by id or by name; one unknown by name is made."""
    if not sent:
        return None
    companies = [contact for contact in state.contacts.values() if contact["is_business"]]
    wanted = _object(sent)
    known = [company for company in companies if _is_meant(company, wanted, "first_name")]
    if not known and not wanted.get("first_name"):
        raise Refused("No such business")
    company = known[0] if known else state.add_contact(is_business=True, first_name=wanted["first_name"])
    return {"id": company["id"], "first_name": company["first_name"]}


def _owner(state: BigContactsState, sent: Any) -> Wire | None:
    user = _user(state, sent)
    return user and {"id": user["id"], "email": user["email"]}


def _user(state: BigContactsState, sent: Any) -> Wire | None:
    """The user meant by an e-mail, an id or an object; None where there is no such user."""
    wanted = sent if isinstance(sent, Mapping) else {"id": sent, "email": sent}
    return next((user for user in state.users.values() if _is_meant(user, wanted, "email")), None)


def _is_meant(record: Wire, wanted: Mapping[str, Any], name: str) -> bool:
    return str(wanted.get("id")) == str(record["id"]) or wanted.get(name) == record[name]


def create_task(state: BigContactsState, request: Request, body: Any, now: datetime) -> Wire:
    fields = _object(body)
    if not fields.get("title"):
        raise Refused("title is required")
    if not (fields.get("start_date") or fields.get("due_date")):
        raise Refused("start_date or due_date is required")
    if not fields.get("contacts"):
        raise Refused("contacts is required")
    task = {
        "id": next(state.ids),
        "event": "task_new",
        **dict.fromkeys(_TASK_PLAIN),
        "priority": "n",
        "completed": False,
        "is_todo": False,
        "assigned_to": [],
        **_task_fields(state, fields),
        "created": stamp(now),
        "updated": stamp(now),
    }
    state.tasks[task["id"]] = task
    return task


def update_task(state: BigContactsState, request: Request, body: Any, now: datetime) -> Wire:
    task = the_task(state, request)
    task.update(_task_fields(state, _object(body)), updated=stamp(now))
    show_as_activity(state, task)
    return task


def delete_task(state: BigContactsState, request: Request, body: Any, now: datetime) -> list[Wire]:
    forget(state, the_task(state, request)["id"])
    return []


def _task_fields(state: BigContactsState, body: Wire) -> Wire:
    """The sent keys as they are kept: one contact, and the first user that exists."""
    kept = {name: body[name] for name in _TASK_PLAIN if name in body}
    if "priority" in body:
        if body["priority"] not in ("u", "h", "n"):
            raise Refused("priority is invalid")
        kept["priority"] = body["priority"]
    if "contacts" in body:
        kept["contacts"] = contact_link(_one_contact(state, body["contacts"]))
    if "assigned_to" in body:
        named = body["assigned_to"] if isinstance(body["assigned_to"], list) else [body["assigned_to"]]
        kept["assigned_to"] = [user for sent in named if (user := _user(state, sent))][:1]
    return kept


def _one_contact(state: BigContactsState, sent: Any) -> Wire:
    """The one contact meant by an e-mail, an id or an object."""
    wanted = sent if isinstance(sent, Mapping) else {"id": sent, "email": sent}
    for contact in state.contacts.values():
        emails = [entry["email"] for entry in contact["emails"]]
        if str(wanted.get("id")) == str(contact["id"]) or wanted.get("email") in emails:
            return contact
    raise Refused("No such contact")


def create_activity(state: BigContactsState, request: Request, body: Any, now: datetime) -> Wire:
    contact, fields = the_contact(state, request), _object(body)
    if not fields.get("title"):
        raise Refused("title is required")
    times = {"created": stamp(now), "updated": stamp(now)}
    sent = {"activity_type": "Note", "description": None, **_activity_fields(fields)}
    activity = {
        "id": next(state.ids),
        "contact_id": contact["id"],
        "user_id": next(iter(state.users), None),
        **sent,
        **times,
    }
    state.activities[activity["id"]] = activity
    show_as_task(state, activity)
    return activity


def update_activity(state: BigContactsState, request: Request, body: Any, now: datetime) -> Wire:
    activity = the_activity(state, request)
    activity.update(_activity_fields(_object(body)), updated=stamp(now))
    show_as_task(state, activity)
    return activity


def delete_activity(state: BigContactsState, request: Request, body: Any, now: datetime) -> list[Wire]:
    forget(state, the_activity(state, request)["id"])
    return []


def _activity_fields(body: Wire) -> Wire:
    return {name: body[name] for name in ("title", "activity_type", "description") if name in body}


def _object(body: Any) -> Wire:
    if not isinstance(body, dict):
        raise Refused("A JSON object is required")
    return body


def _objects(sent: Any) -> list[Wire]:
    """A list of objects; anything else is refused, null is an empty list."""
    entries = [] if sent is None else sent
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused("A list of objects is required")
    return entries


def _only(entry: Wire, names: tuple[str, ...]) -> Wire:
    return {name: entry.get(name) for name in names}
