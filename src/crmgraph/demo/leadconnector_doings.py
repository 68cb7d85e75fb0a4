"""Changing what hangs on LeadConnector's contacts: tasks, notes, opportunities and appointments (fact sheet sections
3 and 6).

Creates answer 200 for tasks and appointments and 201 for the rest; deletes answer `succeded`, opportunities `success`.
Custom values of an opportunity are written as `field_value` and read as `fieldValue`; those that an update does not
name stay, and an empty value removes one (frozen here as for contacts).
"""

from datetime import datetime

from crmgraph.demo.leadconnector_account import Raw, iso_millis
from crmgraph.demo.leadconnector_contacts import contact_of, hanging
from crmgraph.demo.leadconnector_views import in_calendar, opportunity
from crmgraph.demo.leadconnector_wire import Asked, Handler, Refused, at_location, found, only

_TASK = ("title", "body", "dueDate", "completed", "assignedTo")
_NOTE = ("body", "userId", "title", "color", "pinned")
_OPPORTUNITY = (
    "name",
    "pipelineId",
    "pipelineStageId",
    "status",
    "monetaryValue",
    "assignedTo",
    "source",
    "customFields",
    "lostReasonId",
)
_APPOINTMENT = (
    "title",
    "calendarId",
    "startTime",
    "endTime",
    "appointmentStatus",
    "assignedUserId",
    "notes",
    "address",
)
_STATUSES = ("open", "won", "lost", "abandoned")


def create_task(asked: Asked) -> Raw:
    contact, body = contact_of(asked), asked.fields
    only(body, _TASK)
    _needed(body, ("title", "dueDate", "completed"))
    task_id = asked.account.new_id("task")
    task = {"id": task_id, "body": "", "assignedTo": None} | _dated(body, "dueDate") | {"contactId": contact["id"]}
    asked.account.tasks[task_id] = task
    return {"task": task}


def update_task(asked: Asked) -> Raw:
    task = hanging(asked, asked.account.tasks, "Task")
    only(asked.fields, _TASK)
    task.update(_dated(asked.fields, "dueDate"))
    return {"task": task}


def complete_task(asked: Asked) -> Raw:
    task = hanging(asked, asked.account.tasks, "Task")
    only(asked.fields, ("completed",))
    if not isinstance(asked.fields.get("completed"), bool):
        raise Refused(422, ["completed must be a boolean value"])
    task["completed"] = asked.fields["completed"]
    return {"task": task}


def delete_task(asked: Asked) -> Raw:
    del asked.account.tasks[hanging(asked, asked.account.tasks, "Task")["id"]]
    return {"succeded": True}


def create_note(asked: Asked) -> tuple[int, Raw]:
    contact, body = contact_of(asked), asked.fields
    only(body, _NOTE)
    _needed(body, ("body",))
    note = {
        "id": asked.account.new_id("note"),
        "userId": None,
        "title": None,
        "color": None,
        "pinned": False,
        **body,
        "bodyText": body["body"],
        "dateAdded": iso_millis(asked.account.now()),
        "contactId": contact["id"],
        "relations": [{"objectKey": "contact", "recordId": contact["id"]}],
    }
    asked.account.notes[note["id"]] = note
    return 201, {"note": note}


def update_note(asked: Asked) -> Raw:
    note, body = hanging(asked, asked.account.notes, "Note"), asked.fields
    only(body, _NOTE)
    note.update(body | ({"bodyText": body["body"]} if "body" in body else {}))
    return {"note": note}


def delete_note(asked: Asked) -> Raw:
    del asked.account.notes[hanging(asked, asked.account.notes, "Note")["id"]]
    return {"succeded": True}


def create_opportunity(asked: Asked) -> tuple[int, Raw]:
    """The stage is the pipeline's first where none is given."""
    body, account = asked.fields, asked.account
    at_location(asked, body.get("locationId"))
    only(body, (*_OPPORTUNITY, "locationId", "contactId"))
    _needed(body, ("pipelineId", "name", "status", "contactId"))
    _check_status(body)
    pipeline = found(account.pipelines, body["pipelineId"], "Pipeline")
    found(account.contacts, body["contactId"], "Contact")
    now = iso_millis(account.now())
    one = {
        "id": account.new_id("opportunity"),
        "monetaryValue": 0,
        "pipelineStageId": pipeline["stages"][0]["id"],
        **dict.fromkeys(("assignedTo", "source", "lostReasonId")),
        "followers": [],
        **body,
        "customFields": _customs([], body),
        **dict.fromkeys(("createdAt", "updatedAt", "lastStageChangeAt", "lastStatusChangeAt"), now),
    }
    account.opportunities[one["id"]] = one
    account.saved_opportunity(one["id"])
    return 201, {"opportunity": opportunity(account, one)}


def update_opportunity(asked: Asked) -> Raw:
    one, body = found(asked.account.opportunities, asked.path["record_id"], "Opportunity"), asked.fields
    only(body, _OPPORTUNITY)
    _check_status(body)
    now = iso_millis(asked.account.now())
    watched = {"pipelineStageId": "lastStageChangeAt", "status": "lastStatusChangeAt"}
    changed = {mark: now for name, mark in watched.items() if body.get(name, one[name]) != one[name]}
    one.update(body | changed | {"customFields": _customs(one["customFields"], body), "updatedAt": now})
    asked.account.saved_opportunity(one["id"])
    return {"opportunity": opportunity(asked.account, one)}


def set_status(asked: Asked) -> Raw:
    only(asked.fields, ("status", "lostReasonId"))
    _needed(asked.fields, ("status",))
    update_opportunity(asked)
    return {"succeded": True}


def delete_opportunity(asked: Asked) -> Raw:
    one = found(asked.account.opportunities, asked.path["record_id"], "Opportunity")
    del asked.account.opportunities[one["id"]]
    asked.account.saved_opportunity(one["id"])
    return {"success": True}


def create_appointment(asked: Asked) -> Raw:
    """Answers the bare appointment."""
    body, account = asked.fields, asked.account
    at_location(asked, body.get("locationId"))
    only(body, (*_APPOINTMENT, "locationId", "contactId"))
    _needed(body, ("calendarId", "contactId", "startTime"))
    calendar = found(account.calendars, body["calendarId"], "Calendar")
    now = iso_millis(account.now())
    one = {
        "id": account.new_id("appointment"),
        "groupId": calendar["groupId"],
        **dict.fromkeys(("title", "notes", "address", "assignedUserId")),
        "appointmentStatus": "new",
        "endTime": body["startTime"],
        **body,
        "users": [body["assignedUserId"]] if "assignedUserId" in body else [],
        "dateAdded": now,
        "dateUpdated": now,
        "deleted": False,
    }
    account.appointments[one["id"]] = _dated(_dated(one, "startTime"), "endTime")
    return in_calendar(account, account.appointments[one["id"]])


def update_appointment(asked: Asked) -> Raw:
    one, body = found(asked.account.appointments, asked.path["record_id"], "Appointment"), asked.fields
    only(body, _APPOINTMENT)
    one.update(_dated(_dated(body, "startTime"), "endTime") | {"dateUpdated": iso_millis(asked.account.now())})
    return in_calendar(asked.account, one)


def delete_event(asked: Asked) -> Raw:
    """The appointment stays readable by id, with `deleted: true`."""
    found(asked.account.appointments, asked.path["record_id"], "Appointment")["deleted"] = True
    return {"succeeded": True}


WRITES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/contacts/{contact_id}/tasks", create_task),
    ("PUT", "/contacts/{contact_id}/tasks/{record_id}", update_task),
    ("PUT", "/contacts/{contact_id}/tasks/{record_id}/completed", complete_task),
    ("DELETE", "/contacts/{contact_id}/tasks/{record_id}", delete_task),
    ("POST", "/contacts/{contact_id}/notes", create_note),
    ("PUT", "/contacts/{contact_id}/notes/{record_id}", update_note),
    ("DELETE", "/contacts/{contact_id}/notes/{record_id}", delete_note),
    ("POST", "/opportunities/", create_opportunity),
    ("PUT", "/opportunities/{record_id}", update_opportunity),
    ("PUT", "/opportunities/{record_id}/status", set_status),
    ("DELETE", "/opportunities/{record_id}", delete_opportunity),
    ("POST", "/calendars/events/appointments", create_appointment),
    ("PUT", "/calendars/events/appointments/{record_id}", update_appointment),
    ("DELETE", "/calendars/events/{record_id}", delete_event),
)


def _needed(body: Raw, names: tuple[str, ...]) -> None:
    missing = [f"{name} should not be empty" for name in names if body.get(name) in (None, "")]
    if missing:
        raise Refused(422, missing)


def _check_status(body: Raw) -> None:
    if body.get("status", "open") not in _STATUSES:
        raise Refused(422, [f"status must be one of the following values: {', '.join(_STATUSES)}"])


def _customs(before: list[Raw], body: Raw) -> list[Raw]:
    """An opportunity's custom values after what the body says of them."""
    values = {one["id"]: one["fieldValue"] for one in before}
    values |= {one["id"]: one.get("field_value") for one in body.get("customFields") or []}
    return [{"id": key, "fieldValue": value} for key, value in values.items() if value not in (None, "")]


def _dated(body: Raw, name: str) -> Raw:
    """The body with this instant as the CRM spells it: UTC."""
    if name not in body:
        return body
    try:
        return body | {name: iso_millis(datetime.fromisoformat(str(body[name])))}
    except ValueError as error:
        raise Refused(422, [f"{name} must be a valid ISO 8601 date string"]) from error
