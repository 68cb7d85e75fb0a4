"""Changing LeadConnector's contacts: create, update, upsert, delete, tags and the bulk calls (fact sheet section 3).

Frozen here, where the sheet leaves it open: contacts are created with 200, as recorded; custom fields that an update
does not name keep their values, an empty value removes one; an unknown custom field id is ignored; deleting a contact
deletes its tasks and notes. Writes show at once by id and in the old list, and after the lag in the search.
"""

from collections.abc import Callable
from typing import Any

from crmgraph.demo.leadconnector_account import Account, Raw, e164, iso_millis
from crmgraph.demo.leadconnector_contacts import contact_of, holder
from crmgraph.demo.leadconnector_seed import blank_contact
from crmgraph.demo.leadconnector_views import by_id, full_name
from crmgraph.demo.leadconnector_wire import Asked, Handler, Refused, at_location, only

_PLAIN = (
    "firstName",
    "lastName",
    "email",
    "phone",
    "address1",
    "city",
    "state",
    "postalCode",
    "country",
    "website",
    "timezone",
    "dnd",
    "dndSettings",
    "source",
    "dateOfBirth",
    "assignedTo",
    "companyName",
)
_UPDATE = frozenset({*_PLAIN, "name", "inboundDndSettings", "tags", "customFields"} - {"companyName"})
_CREATE = _UPDATE | {"locationId", "gender", "companyName"}
_UPSERT = _CREATE | {"createNewIfDuplicateAllowed"}
_TEXTS = frozenset(_PLAIN) - {"dnd", "dndSettings"}
_KEYS = ("email", "phone")


def create_contact(asked: Asked) -> Raw:
    """Refuses a known e-mail or phone with 400 and the known contact's id, unless the location allows duplicates."""
    body = asked.fields
    at_location(asked, body.get("locationId"))
    _check(body, _CREATE)
    _refuse_twins(asked.account, body, None)
    return {"contact": by_id(_create(asked.account, body))}


def update_contact(asked: Asked) -> Raw:
    """Takes neither locationId nor companyName; `tags` overwrites all tags."""
    contact, body = contact_of(asked), asked.fields
    _check(body, _UPDATE)
    _refuse_twins(asked.account, body, contact)
    _apply(asked.account, contact, body)
    return {"succeded": True, "contact": by_id(contact)}


def upsert_contact(asked: Asked) -> Raw:
    """Updates the first match by e-mail, then phone; the other key is dropped in silence where it is somebody
    else's.
    """
    body = asked.fields
    at_location(asked, body.get("locationId"))
    _check(body, _UPSERT)
    twins = {key: holder(asked.account, key, body.get(key)) for key in _KEYS}
    contact = next((twin for twin in twins.values() if twin), None)
    if contact is None:
        return {"new": True, "contact": by_id(_create(asked.account, body))}
    foreign = {key for key, twin in twins.items() if twin and twin is not contact}
    _apply(asked.account, contact, {name: value for name, value in body.items() if name not in foreign})
    return {"new": False, "contact": by_id(contact)}


def delete_contact(asked: Asked) -> Raw:
    contact_id = contact_of(asked)["id"]
    account = asked.account
    del account.contacts[contact_id]
    account.saved(contact_id)
    for records in (account.tasks, account.notes):
        for record_id in [one["id"] for one in records.values() if one["contactId"] == contact_id]:
            del records[record_id]
    return {"succeded": True}


def add_tags(asked: Asked) -> tuple[int, Raw]:
    contact = contact_of(asked)
    added = _add(asked.account, contact, _tags(asked.fields))
    return 201, {"tags": contact["tags"], "tagsAdded": added}


def remove_tags(asked: Asked) -> Raw:
    """A DELETE with a JSON body."""
    contact = contact_of(asked)
    removed = _remove(asked.account, contact, _tags(asked.fields))
    return {"tags": contact["tags"], "tagsRemoved": removed}


def change_tags_in_bulk(asked: Asked) -> tuple[int, Raw]:
    """201 though some contacts fail: each has its own answer."""
    body = asked.fields
    at_location(asked, body.get("locationId"))
    only(body, ("contacts", "tags", "locationId", "removeAllTags"))
    if asked.path["way"] not in ("add", "remove") or not isinstance(body.get("contacts"), list):
        raise Refused(422, ["contacts must be an array", "type must be one of: add, remove"])
    change = _add if asked.path["way"] == "add" else _remove
    responses = [_changed(asked.account, one, change, body) for one in body["contacts"]]
    errors = sum(response["type"] == "error" for response in responses)
    return 201, {"succeded": True, "errorCount": errors, "responses": responses}


def link_business_in_bulk(asked: Asked) -> Raw:
    """Sets the business of many contacts, or none with null."""
    body = asked.fields
    at_location(asked, body.get("locationId"))
    only(body, ("locationId", "ids", "businessId"))
    contacts = [asked.account.contacts[one] for one in body.get("ids", []) if one in asked.account.contacts]
    for contact in contacts:
        contact["businessId"] = body.get("businessId")
        asked.account.touch(contact)
    return {"success": True, "ids": [contact["id"] for contact in contacts]}


WRITES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/contacts/", create_contact),
    ("POST", "/contacts/upsert", upsert_contact),
    ("POST", "/contacts/bulk/business", link_business_in_bulk),
    ("POST", "/contacts/bulk/tags/update/{way}", change_tags_in_bulk),
    ("PUT", "/contacts/{contact_id}", update_contact),
    ("DELETE", "/contacts/{contact_id}", delete_contact),
    ("POST", "/contacts/{contact_id}/tags", add_tags),
    ("DELETE", "/contacts/{contact_id}/tags", remove_tags),
)


def _check(body: Raw, known: frozenset[str]) -> None:
    """422 for unknown properties, and for texts that are none; null clears one."""
    only(body, known)
    wrong = [name for name in body if name in _TEXTS and not isinstance(body[name], str | None)]
    if wrong:
        raise Refused(422, [f"{name} must be a string" for name in wrong])


def _refuse_twins(account: Account, body: Raw, own: Raw | None) -> None:
    if account.location["settings"]["allowDuplicateContact"]:
        return
    for key in _KEYS:
        twin = holder(account, key, body.get(key))
        if twin is not None and twin is not own:
            meta = {"contactId": twin["id"], "contactName": full_name(twin), "matchingField": key}
            raise Refused(400, "This location does not allow duplicated contacts.", meta=meta)


def _create(account: Account, body: Raw) -> Raw:
    contact = blank_contact(account, account.new_id("contact"), iso_millis(account.now()))
    account.contacts[contact["id"]] = contact
    _apply(account, contact, body)
    return contact


def _apply(account: Account, contact: Raw, body: Raw) -> None:
    """Write what the body names into the contact."""
    contact.update({name: body[name] for name in _PLAIN if name in body} | _names(body))
    if contact["phone"]:
        contact["phone"] = e164(contact["phone"], contact["country"] or account.location["country"])
    if "tags" in body:
        contact["tags"] = []
        _add(account, contact, _tags(body))
    _set_custom(account, contact, body.get("customFields") or [])
    account.touch(contact)


def _names(body: Raw) -> Raw:
    """First and last name out of a whole `name`, where they are not given themselves."""
    if not body.get("name") or "firstName" in body or "lastName" in body:
        return {}
    first, _, last = body["name"].partition(" ")
    return {"firstName": first, "lastName": last or None}


def _set_custom(account: Account, contact: Raw, given: list[Any]) -> None:
    """Entries are `{id or key, field_value}`; `value` is understood as well."""
    ids = {field["fieldKey"].removeprefix("contact."): field["id"] for field in account.custom_fields.values()}
    values = {one["id"]: one["value"] for one in contact["customFields"]}
    for entry in given:
        record_id = entry.get("id") or ids.get(str(entry.get("key", "")).removeprefix("contact."))
        if record_id in account.custom_fields:
            values[record_id] = entry.get("field_value", entry.get("value"))
    contact["customFields"] = [{"id": key, "value": value} for key, value in values.items() if value not in (None, "")]


def _tags(body: Raw) -> list[str]:
    tags = body.get("tags")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Refused(422, ["each value in tags must be a string", "tags must be an array"])
    return tags


def _add(account: Account, contact: Raw, names: list[str]) -> list[str]:
    """Put tags on a contact and say which were new; they are kept in lower case."""
    added = [name for name in dict.fromkeys(name.strip().lower() for name in names) if name not in contact["tags"]]
    for name in added:
        account.name_tag(name)
    contact["tags"] = [*contact["tags"], *added]
    account.touch(contact)
    return added


def _remove(account: Account, contact: Raw, names: list[str]) -> list[str]:
    wanted = {name.strip().lower() for name in names}
    removed = [tag for tag in contact["tags"] if tag.lower() in wanted]
    contact["tags"] = [tag for tag in contact["tags"] if tag not in removed]
    account.touch(contact)
    return removed


def _changed(account: Account, contact_id: Any, change: Callable[[Account, Raw, list[str]], Any], body: Raw) -> Raw:
    contact = account.contacts.get(contact_id)
    if contact is None:
        return {"contactId": contact_id, "type": "error", "message": f"Contact with id {contact_id} not found"}
    change(account, contact, contact["tags"] if body.get("removeAllTags") else _tags(body))
    return {"contactId": contact_id, "type": "success", "message": "Tags updated", "tags": contact["tags"]}
