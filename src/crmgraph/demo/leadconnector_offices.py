"""Reading what belongs to a LeadConnector location: its settings, tags, fields, template values, users, businesses,
tasks.

Fact sheet sections 5 and 6. Users are asked for by company: the list by location still answers, and is always empty.
"""

import re

from crmgraph.demo.leadconnector_account import Raw
from crmgraph.demo.leadconnector_wire import Asked, Handler, Refused, at_location, found, only

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_TASK_SEARCH = ("contactId", "completed", "assignedTo", "query", "limit", "skip", "businessId")


def get_location(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    return {"location": asked.account.location}


def list_tags(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    return {"tags": list(asked.account.tags.values())}


def get_tag(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    return {"tag": found(asked.account.tags, asked.path["record_id"], "Tag")}


def list_custom_fields(asked: Asked) -> Raw:
    """Those of `model`: contact (also when absent), opportunity or all."""
    at_location(asked, asked.path["location_id"])
    model = asked.query.get("model", "contact")
    if model not in ("contact", "opportunity", "all"):
        raise Refused(422, ["model must be one of the following values: contact, opportunity, all"])
    fields = asked.account.custom_fields.values()
    return {"customFields": [field for field in fields if model in ("all", field["model"])]}


def get_custom_field(asked: Asked) -> Raw:
    """By id, or by fieldKey."""
    at_location(asked, asked.path["location_id"])
    wanted = asked.path["record_id"]
    keyed = {field["fieldKey"]: field for field in asked.account.custom_fields.values()}
    return {"customField": found(keyed | asked.account.custom_fields, wanted, "Custom field")}


def list_custom_values(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    return {"customValues": list(asked.account.custom_values.values())}


def get_custom_value(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    return {"customValue": found(asked.account.custom_values, asked.path["record_id"], "Custom value")}


def search_tasks(asked: Asked) -> Raw:
    """The only bulk read of tasks; soonest due first."""
    at_location(asked, asked.path["location_id"])
    body = asked.fields
    only(body, _TASK_SEARCH)
    limit, skip = _count(body, "limit", 25, 1, 100), _count(body, "skip", 0, 0, 1_000_000)
    tasks = sorted(asked.account.tasks.values(), key=lambda task: (str(task["dueDate"]), str(task["id"])))
    wanted = [task for task in tasks if _is_wanted(asked, task, body)]
    return {"tasks": wanted[skip : skip + limit]}


def get_user(asked: Asked) -> Raw:
    """A bare object, not wrapped."""
    return found(asked.account.users, asked.path["record_id"], "User")


def search_users(asked: Asked) -> Raw:
    """Of a company; `ids` may be given many times or joined by commas."""
    if "companyId" not in asked.query:
        raise Refused(422, ["companyId must be a string", "companyId should not be empty"])
    if asked.query["companyId"] != asked.account.location["companyId"]:
        raise Refused(403, "The token does not have access to this company.")
    if "locationId" in asked.query:
        at_location(asked, asked.query["locationId"])
    limit, skip = asked.whole("limit", 25, 1, 100), asked.whole("skip", 0, 0, 1_000_000)
    ids = {part for given in asked.repeated("ids") for part in given.split(",") if part}
    query = asked.query.get("query", "").lower()
    users = [
        user
        for user in asked.account.users.values()
        if (not ids or user["id"] in ids) and (query in f"{user['name']} {user['email']}".lower())
    ]
    return {"users": users[skip : skip + limit], "count": len(users)}


def list_users(asked: Asked) -> Raw:
    """Deprecated, and empty for ever."""
    at_location(asked, asked.query.get("locationId"))
    return {"users": []}


def list_businesses(asked: Asked) -> Raw:
    at_location(asked, asked.query.get("locationId"))
    limit, skip = asked.whole("limit", 100, 1, 100), asked.whole("skip", 0, 0, 1_000_000)
    return {"businesses": list(asked.account.businesses.values())[skip : skip + limit]}


def get_business(asked: Asked) -> Raw:
    return {"business": business_of(asked)}


def business_of(asked: Asked) -> Raw:
    """The business in the path."""
    record_id = asked.path["record_id"]
    if not _OBJECT_ID.fullmatch(record_id):
        raise Refused(400, "BusinessId is not a valid ObjectId")
    return found(asked.account.businesses, record_id, "Business")


READS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/locations/{location_id}", get_location),
    ("GET", "/locations/{location_id}/tags", list_tags),
    ("GET", "/locations/{location_id}/tags/{record_id}", get_tag),
    ("GET", "/locations/{location_id}/customFields", list_custom_fields),
    ("GET", "/locations/{location_id}/customFields/{record_id}", get_custom_field),
    ("GET", "/locations/{location_id}/customValues", list_custom_values),
    ("GET", "/locations/{location_id}/customValues/{record_id}", get_custom_value),
    ("POST", "/locations/{location_id}/tasks/search", search_tasks),
    ("GET", "/users/", list_users),
    ("GET", "/users/search", search_users),
    ("GET", "/users/{record_id}", get_user),
    ("GET", "/businesses/", list_businesses),
    ("GET", "/businesses/{record_id}", get_business),
)


def _count(body: Raw, name: str, default: int, low: int, high: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or not low <= value <= high:
        raise Refused(422, [f"{name} must be a number between {low} and {high}"])
    return value


def _is_wanted(asked: Asked, task: Raw, body: Raw) -> bool:
    contact = asked.account.contacts.get(task["contactId"], {})
    return (
        (not body.get("contactId") or task["contactId"] in body["contactId"])
        and (not body.get("assignedTo") or task["assignedTo"] in body["assignedTo"])
        and body.get("completed") in (None, task["completed"])
        and body.get("businessId") in (None, contact.get("businessId"))
        and (body.get("query") or "").lower() in task["title"].lower()
    )
