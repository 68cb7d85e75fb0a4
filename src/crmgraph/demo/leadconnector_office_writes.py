"""Changing what belongs to a LeadConnector location: tags, custom fields, template values and businesses (fact sheet
5 and 6).

Renaming or deleting a tag changes the contacts that have it; a deleted custom field leaves its values behind. A
business comes wrapped under `business` or the spec's `buiseness`, or bare.
"""

import re

from crmgraph.demo.leadconnector_account import Raw, iso_millis, object_id
from crmgraph.demo.leadconnector_fields import define
from crmgraph.demo.leadconnector_offices import business_of
from crmgraph.demo.leadconnector_wire import Asked, Handler, Refused, at_location, found, only

_FIELD = ("name", "dataType", "placeholder", "position", "model", "options")
_BUSINESS = (
    "name",
    "phone",
    "email",
    "website",
    "address",
    "city",
    "state",
    "postalCode",
    "country",
    "description",
)


def create_tag(asked: Asked) -> tuple[int, Raw]:
    """400 for a name the vocabulary has."""
    name = _named(asked)
    if any(tag["name"] == name for tag in asked.account.tags.values()):
        raise Refused(400, "The tag name already exists.")
    asked.account.name_tag(name)
    return 201, {"tag": next(tag for tag in asked.account.tags.values() if tag["name"] == name)}


def rename_tag(asked: Asked) -> Raw:
    name, tag = _named(asked), found(asked.account.tags, asked.path["record_id"], "Tag")
    _retag(asked, tag["name"], [name])
    tag["name"] = name
    return {"tag": tag}


def delete_tag(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    tag = found(asked.account.tags, asked.path["record_id"], "Tag")
    del asked.account.tags[tag["id"]]
    _retag(asked, tag["name"], [])
    return {"succeded": True}


def create_custom_field(asked: Asked) -> tuple[int, Raw]:
    at_location(asked, asked.path["location_id"])
    body, account = asked.fields, asked.account
    only(body, _FIELD)
    missing = [f"{name} should not be empty" for name in ("name", "dataType") if not body.get(name)]
    if missing:
        raise Refused(422, missing)
    key = re.sub(r"\W+", "_", body["name"].strip().lower())
    made = define(
        account,
        account.new_id("field"),
        key,
        body["name"],
        body["dataType"],
        body.get("options") or (),
        body.get("model", "contact"),
    )
    made.update({name: body[name] for name in ("placeholder", "position") if name in body})
    return 201, {"customField": made}


def update_custom_field(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    field, body = found(asked.account.custom_fields, asked.path["record_id"], "Custom field"), dict(asked.fields)
    only(body, ("name", "placeholder", "position", "options"))
    if "options" in body:
        field["picklistOptions"] = body.pop("options")
    field.update(body)
    return {"customField": field}


def delete_custom_field(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    del asked.account.custom_fields[found(asked.account.custom_fields, asked.path["record_id"], "Custom field")["id"]]
    return {"succeded": True}


def create_custom_value(asked: Asked) -> tuple[int, Raw]:
    name, account = _named(asked, "value"), asked.account
    key = re.sub(r"\W+", "_", name.lower())
    made = {
        "id": account.new_id("value"),
        "name": name,
        "fieldKey": f"{{{{ custom_values.{key} }}}}",
        "value": asked.fields.get("value"),
        "locationId": account.location["id"],
    }
    account.custom_values[made["id"]] = made
    return 201, {"customValue": made}


def update_custom_value(asked: Asked) -> Raw:
    name, value = _named(asked, "value"), found(asked.account.custom_values, asked.path["record_id"], "Custom value")
    value.update({"name": name, "value": asked.fields.get("value")})
    return {"customValue": value}


def delete_custom_value(asked: Asked) -> Raw:
    at_location(asked, asked.path["location_id"])
    del asked.account.custom_values[found(asked.account.custom_values, asked.path["record_id"], "Custom value")["id"]]
    return {"succeded": True}


def create_business(asked: Asked) -> tuple[int, Raw]:
    body, account = asked.fields, asked.account
    at_location(asked, body.get("locationId"))
    given = _unwrapped(body)
    if not given.get("name"):
        raise Refused(422, ["name should not be empty"])
    now = iso_millis(account.now())
    made = {"id": object_id("business", account.new_id("business")), **dict.fromkeys(_BUSINESS), **given}
    account.businesses[made["id"]] = made | {"locationId": account.location["id"], "createdAt": now, "updatedAt": now}
    return 201, {"success": True, "business": account.businesses[made["id"]]}


def update_business(asked: Asked) -> Raw:
    business = business_of(asked)
    business.update(_unwrapped(asked.fields) | {"updatedAt": iso_millis(asked.account.now())})
    return {"success": True, "business": business}


def delete_business(asked: Asked) -> Raw:
    """Contacts lose the link and keep their company's name."""
    business_id = business_of(asked)["id"]
    del asked.account.businesses[business_id]
    for contact in asked.account.contacts.values():
        if contact["businessId"] == business_id:
            contact["businessId"] = None
            asked.account.touch(contact)
    return {"success": True}


WRITES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/locations/{location_id}/tags", create_tag),
    ("PUT", "/locations/{location_id}/tags/{record_id}", rename_tag),
    ("DELETE", "/locations/{location_id}/tags/{record_id}", delete_tag),
    ("POST", "/locations/{location_id}/customFields", create_custom_field),
    ("PUT", "/locations/{location_id}/customFields/{record_id}", update_custom_field),
    ("DELETE", "/locations/{location_id}/customFields/{record_id}", delete_custom_field),
    ("POST", "/locations/{location_id}/customValues", create_custom_value),
    ("PUT", "/locations/{location_id}/customValues/{record_id}", update_custom_value),
    ("DELETE", "/locations/{location_id}/customValues/{record_id}", delete_custom_value),
    ("POST", "/businesses/", create_business),
    ("PUT", "/businesses/{record_id}", update_business),
    ("DELETE", "/businesses/{record_id}", delete_business),
)


def _named(asked: Asked, *more: str) -> str:
    """The `name` of a body at this location; tags' names are kept in lower case."""
    at_location(asked, asked.path["location_id"])
    only(asked.fields, ("name", *more))
    name = asked.fields.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Refused(422, ["name should not be empty"])
    return name.strip() if more else name.strip().lower()


def _retag(asked: Asked, old: str, new: list[str]) -> None:
    for contact in asked.account.contacts.values():
        if old in contact["tags"]:
            kept = [tag for one in contact["tags"] for tag in (new if one == old else [one])]
            contact["tags"] = list(dict.fromkeys(kept))
            asked.account.touch(contact)


def _unwrapped(body: Raw) -> Raw:
    given = body.get("business") or body.get("buiseness") or body
    if not isinstance(given, dict):
        raise Refused(422, ["business must be an object"])
    only(given, (*_BUSINESS, "locationId"))
    return {name: value for name, value in given.items() if name != "locationId"}
