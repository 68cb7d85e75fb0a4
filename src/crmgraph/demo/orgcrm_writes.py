"""What the org-scoped CRM lets one change (fact sheet: endpoints, quirks).

Frozen here, where the sheet leaves it open: unknown properties are ignored without a word, as FastAPI does by
default; custom values are taken by their own endpoint only and tags, after a contact's creation, by theirs; a deleted
tag leaves the contacts that had it; a deleted field leaves its values behind.
"""

from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field, ValidationError

from crmgraph.demo.orgcrm_callers import Caller, Calling
from crmgraph.demo.orgcrm_state import Raw

writes = APIRouter()

_VALUE_TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "number": (int, float),
    "boolean": bool,
    "date": str,
    "select": str,
    "multi_select": list,
    "currency": (int, float),
}


class Changes(BaseModel):
    """What a PATCH may change; an absent property keeps its value."""

    name: str = Field("", min_length=1)
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    source: str | None = None
    notes: str | None = None
    dnc: bool = False
    assigned_to: str | None = None


class NewContact(Changes):
    """What a create takes."""

    name: str = Field(min_length=1)
    tags: list[str] = []


class Import(BaseModel):
    """A bulk import; rows are checked one by one."""

    contacts: list[Any]
    dedupe_by: Literal["email", "phone"] | None = "email"


class Tags(BaseModel):
    tags: list[str]


class NewTag(BaseModel):
    name: str = Field(min_length=1)
    color: str | None = None


class NewField(BaseModel):
    key: str = Field(min_length=1)
    label: str
    type: Literal["text", "number", "boolean", "date", "select", "multi_select", "currency", "json"] = "text"
    options: list[str] = []
    folder_id: str | None = None


class FieldChanges(BaseModel):
    label: str = ""
    options: list[str] = []
    folder_id: str | None = None


class Value(BaseModel):
    value: Any


class TextValue(BaseModel):
    value: str


class Views(BaseModel):
    views: list[dict[str, Any]]


@writes.post("/contacts", status_code=201)
async def create_contact(caller: Calling, body: NewContact) -> Raw:
    return _create(caller, body)


@writes.post("/contacts/import")
async def import_contacts(caller: Calling, body: Import) -> Raw:
    """Answers 200 even when some rows fail; `row` counts from 0."""
    summary: Raw = {"created": 0, "updated": 0, "skipped": 0, "errors": []}
    for row, given in enumerate(body.contacts):
        try:
            summary[_import_row(caller, given, body.dedupe_by)] += 1
        except ValidationError as error:
            summary["errors"].append({"row": row, "message": error.errors()[0]["msg"]})
    return summary


@writes.put("/contacts/views")
async def replace_views(caller: Calling, body: Views) -> Raw:
    """Replaces everybody's views by exactly these."""
    caller.org.views = [{"id": view.get("id") or caller.org.new_id("view"), **view} for view in body.views]
    return {"views": caller.org.views}


@writes.patch("/contacts/{contact_id}")
async def change_contact(caller: Calling, contact_id: str, body: Changes) -> Raw:
    contact = caller.contact(contact_id)
    contact.update(body.model_dump(exclude_unset=True))
    caller.org.touch(contact)
    return contact


@writes.delete("/contacts/{contact_id}", status_code=204)
async def delete_contact(caller: Calling, contact_id: str) -> None:
    contact = caller.contact(contact_id)
    del caller.org.contacts[contact["id"]]
    caller.org.opportunities.pop(contact["id"], None)


@writes.post("/contacts/{contact_id}/tags")
async def add_tags(caller: Calling, contact_id: str, body: Tags) -> Raw:
    contact = caller.contact(contact_id)
    contact["tags"] = _tagged(caller, contact["tags"], body.tags)
    caller.org.touch(contact)
    return contact


@writes.delete("/contacts/{contact_id}/tags/{name}", status_code=204)
async def remove_tag(caller: Calling, contact_id: str, name: str) -> None:
    contact = caller.contact(contact_id)
    kept = [tag for tag in contact["tags"] if tag.casefold() != name.casefold()]
    if len(kept) == len(contact["tags"]):
        raise HTTPException(404, "Tag not found")
    contact["tags"] = kept
    caller.org.touch(contact)


@writes.put("/contacts/{contact_id}/custom/{key}")
async def set_custom(caller: Calling, contact_id: str, key: str, body: Value) -> Raw:
    """Sets one value; null clears it."""
    contact = caller.contact(contact_id)
    field = caller.org.field_keyed(key)
    if field is None:
        raise HTTPException(404, "Custom field not found")
    _check_value(field, body.value)
    contact["custom"].pop(key, None)
    if body.value is not None:
        contact["custom"][key] = body.value
    caller.org.touch(contact)
    return contact


@writes.post("/tags", status_code=201)
async def create_tag(caller: Calling, body: NewTag) -> Raw:
    if caller.org.tag_named(body.name):
        raise HTTPException(409, "Tag already exists")
    return caller.org.name_tag(body.name, body.color)


@writes.delete("/tags/{tag_id}", status_code=204)
async def delete_tag(caller: Calling, tag_id: str) -> None:
    tag = caller.org.tags.pop(tag_id, None)
    if tag is None:
        raise HTTPException(404, "Tag not found")
    for contact in caller.org.contacts.values():
        contact["tags"] = [name for name in contact["tags"] if name.casefold() != tag["name"].casefold()]


@writes.post("/custom-fields", status_code=201)
async def create_field(caller: Calling, body: NewField) -> Raw:
    if caller.org.field_keyed(body.key):
        raise HTTPException(409, "Custom field already exists")
    field = {"id": caller.org.new_id("field"), **body.model_dump()}
    caller.org.fields[field["id"]] = field
    return field


@writes.patch("/custom-fields/{field_id}")
async def change_field(caller: Calling, field_id: str, body: FieldChanges) -> Raw:
    """Changes label, options or folder; key and type stay what they are."""
    field = caller.org.fields.get(field_id)
    if field is None:
        raise HTTPException(404, "Custom field not found")
    field.update(body.model_dump(exclude_unset=True))
    return field


@writes.delete("/custom-fields/{field_id}", status_code=204)
async def delete_field(caller: Calling, field_id: str) -> None:
    if caller.org.fields.pop(field_id, None) is None:
        raise HTTPException(404, "Custom field not found")


@writes.put("/custom-values/{key}")
async def set_value(caller: Calling, key: str, body: TextValue) -> Raw:
    caller.org.values[key] = body.value
    return {"key": key, "value": body.value}


@writes.delete("/custom-values/{key}", status_code=204)
async def delete_value(caller: Calling, key: str) -> None:
    if caller.org.values.pop(key, None) is None:
        raise HTTPException(404, "Custom value not found")


def _create(caller: Caller, body: NewContact) -> Raw:
    """Add a contact; a restricted member's belongs to them, lest they never see it again."""
    contact = {"id": caller.org.new_id("contact"), **body.model_dump(), "custom": {}}
    contact["tags"] = _tagged(caller, [], body.tags)
    if caller.member.assigned_only:
        contact["assigned_to"] = caller.member.id
    contact["created_at"] = caller.org.now().isoformat()
    caller.org.touch(contact)
    caller.org.contacts[contact["id"]] = contact
    return contact


def _import_row(caller: Caller, given: Any, dedupe_by: str | None) -> str:
    """Take in one row and name what was done; raises ValidationError for a row that is no contact."""
    twin = _twin(caller, given, dedupe_by) if isinstance(given, dict) else None
    if twin is None:
        _create(caller, NewContact.model_validate(given))
        return "created"
    changes = Changes.model_validate(given).model_dump(exclude_unset=True)
    if all(twin[name] == value for name, value in changes.items()):
        return "skipped"
    twin.update(changes)
    caller.org.touch(twin)
    return "updated"


def _twin(caller: Caller, given: Raw, dedupe_by: str | None) -> Raw | None:
    """The contact in sight with the same key, compared without regard to case."""
    if not dedupe_by or not given.get(dedupe_by):
        return None
    key = str(given[dedupe_by]).casefold()
    return next((one for one in caller.contacts() if (one[dedupe_by] or "").casefold() == key), None)


def _tagged(caller: Caller, tags: list[str], names: list[str]) -> list[str]:
    """The tags with these added once each, in the vocabulary's spelling; new names join the vocabulary."""
    known = [caller.org.name_tag(name)["name"] for name in names]
    return list(dict.fromkeys([*tags, *known]))


def _check_value(field: Raw, value: Any) -> None:
    expected = _VALUE_TYPES.get(field["type"], object)
    wrong = value is not None and (
        not isinstance(value, expected) or (isinstance(value, bool) and field["type"] in ("number", "currency"))
    )
    if wrong:
        raise HTTPException(422, f"value of {field['key']} must be of type {field['type']}")
