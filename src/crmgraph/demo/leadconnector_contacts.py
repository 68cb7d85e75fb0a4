"""Reading LeadConnector's contacts and what hangs on one: the old list, by id, by business, duplicates, search,
tasks, notes.

Fact sheet section 3 and 4. The old list and the look-ups read the records themselves; only the search lags behind.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from crmgraph.demo.leadconnector_account import Account, Raw, e164
from crmgraph.demo.leadconnector_filters import (
    Fields,
    FilterField,
    Read,
    at,
    compile_filters,
    date,
    flag,
    millis,
    number,
    text,
    word,
)
from crmgraph.demo.leadconnector_search import check_query, check_size, cursor_of, page_of, sort_keys
from crmgraph.demo.leadconnector_views import by_id, in_contact, in_search, speaks_of
from crmgraph.demo.leadconnector_wire import Asked, Handler, Refused, at_location, found

_SEARCH_BODY = frozenset({"locationId", "pageLimit", "page", "searchAfter", "query", "filters", "sort"})
_SORTABLE = frozenset(
    {"firstNameLowerCase", "lastNameLowerCase", "businessName", "dateAdded", "dateUpdated", "email", "dnd", "source"}
)
_TEXTS = (
    "address",
    "businessName",
    "city",
    "companyName",
    "phone",
    "postalCode",
    "source",
    "state",
    "timezone",
    "tags",
)
_WORDS = ("id", "contactName", "country", "email", "assignedTo", "followers", "type", "website")
_LISTS = frozenset({"CHECKBOX", "MULTIPLE_OPTIONS", "TEXTBOX_LIST"})
_NUMBERS = frozenset({"NUMERICAL", "MONETORY"})


def _of_opportunities(name: str) -> Read:
    return lambda contact: [one[name] for one in contact["opportunities"]]


_FIELDS: Fields = {
    **{name: text(name) for name in _TEXTS},
    **{name: word(name) for name in _WORDS},
    **{name: date(name) for name in ("dateAdded", "dateUpdated", "dateOfBirth")},
    **{name: flag(name) for name in ("dnd", "validEmail")},
    **{
        name: FilterField(at(name), text(name).operators, exact=True)
        for name in ("firstNameLowerCase", "lastNameLowerCase")
    },
    "opportunities": FilterField(at("opportunities"), frozenset({"nested", "exists", "not_exists"})),
    **{
        f"opportunities.{name}": FilterField(_of_opportunities(name), word(name).operators)
        for name in ("pipelineId", "pipelineStageId", "status")
    },
}


def contact_of(asked: Asked) -> Raw:
    """The contact in the path; the CRM answers 400 for one it does not know."""
    contact_id = asked.path["contact_id"]
    contact = asked.account.contacts.get(contact_id)
    if contact is None:
        raise Refused(asked.account.unknown_status, f"Contact with id {contact_id} not found")
    return contact


def get_contact(asked: Asked) -> Raw:
    return {"contact": by_id(contact_of(asked))}


def list_contacts(asked: Asked) -> Raw:
    """Newest first; the position is `startAfter` (milliseconds of `dateAdded`) with `startAfterId`."""
    at_location(asked, asked.query.get("locationId"))
    limit = asked.whole("limit", 20, 1, 100)
    everything = _matching(asked.account, asked.query)
    start = _start(everything, asked.query)
    page = everything[start : start + limit]
    more = start + limit < len(everything)
    return {
        "contacts": [by_id(contact) for contact in page],
        "count": len(everything),
        "meta": _meta(asked, page[-1] if more else None, len(everything), start // limit + 1, limit),
    }


def list_by_business(asked: Asked) -> Raw:
    at_location(asked, asked.query.get("locationId"))
    limit, skip = asked.whole("limit", 25, 1, 100), asked.whole("skip", 0, 0, 1_000_000)
    wanted = found(asked.account.businesses, asked.path["business_id"], "Business")["id"]
    linked = [one for one in _matching(asked.account, asked.query) if one["businessId"] == wanted]
    return {"contacts": [by_id(one) for one in linked[skip : skip + limit]], "count": len(linked)}


def find_duplicate(asked: Asked) -> Raw:
    """By e-mail first, then by number; additional e-mails and phones count as well."""
    at_location(asked, asked.query.get("locationId"))
    email, phone = asked.query.get("email"), asked.query.get("number")
    if not email and not phone:
        raise Refused(422, ["email or number should not be empty"])
    for field, wanted in (("email", email), ("phone", phone)):
        twin = holder(asked.account, field, wanted)
        if twin is not None:
            return {"contact": by_id(twin), "matchingField": field}
    return {"contact": None}


def holder(account: Account, field: str, wanted: str | None) -> Raw | None:
    """The first contact with this e-mail or phone, the additional ones included."""
    if not wanted:
        return None
    more = "additionalEmails" if field == "email" else "additionalPhones"
    sought = wanted.strip().lower() if field == "email" else e164(wanted, account.location["country"])
    for contact in account.contacts.values():
        held = [contact[field], *(one[field] for one in contact[more])]
        if sought in [one.lower() for one in held if one]:
            return contact
    return None


def search_contacts(asked: Asked) -> Raw:
    """Section 4; every record carries its own `searchAfter`."""
    body = asked.fields
    at_location(asked, body.get("locationId"))
    query, size = check_query(body, _SEARCH_BODY), check_size(body, "pageLimit")
    keys = sort_keys(body.get("sort"), _SORTABLE, [("dateAdded", True)])
    test = compile_filters(body.get("filters") or [], {**_FIELDS, **_custom_fields(asked.account)})
    spoken = [one for one in asked.account.contact_index.documents() if not query or speaks_of(one, query)]
    documents = [one for one in (in_search(asked.account, raw) for raw in spoken) if test(one)]
    page = page_of(documents, body, size, keys)
    return {"contacts": [{**one, "searchAfter": cursor_of(one, keys)} for one in page], "total": len(documents)}


def list_tasks(asked: Asked) -> Raw:
    return {"tasks": _of_contact(asked, asked.account.tasks)}


def get_task(asked: Asked) -> Raw:
    return {"task": hanging(asked, asked.account.tasks, "Task")}


def list_notes(asked: Asked) -> Raw:
    return {"notes": _of_contact(asked, asked.account.notes)}


def get_note(asked: Asked) -> Raw:
    return {"note": hanging(asked, asked.account.notes, "Note")}


def list_appointments(asked: Asked) -> Raw:
    events = [one for one in _of_contact(asked, asked.account.appointments) if not one["deleted"]]
    return {"events": [in_contact(asked.account, one) for one in events]}


def hanging(asked: Asked, records: Mapping[str, Raw], thing: str) -> Raw:
    """The record in the path, which must hang on the contact in the path."""
    contact = contact_of(asked)
    record = found(records, asked.path["record_id"], thing)
    if record["contactId"] != contact["id"]:
        raise Refused(404, f"{thing} with id {record['id']} not found")
    return record


READS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/contacts/", list_contacts),
    ("POST", "/contacts/search", search_contacts),
    ("GET", "/contacts/search/duplicate", find_duplicate),
    ("GET", "/contacts/business/{business_id}", list_by_business),
    ("GET", "/contacts/{contact_id}", get_contact),
    ("GET", "/contacts/{contact_id}/tasks", list_tasks),
    ("GET", "/contacts/{contact_id}/tasks/{record_id}", get_task),
    ("GET", "/contacts/{contact_id}/notes", list_notes),
    ("GET", "/contacts/{contact_id}/notes/{record_id}", get_note),
    ("GET", "/contacts/{contact_id}/appointments", list_appointments),
)


def _of_contact(asked: Asked, records: Mapping[str, Raw]) -> list[Raw]:
    contact = contact_of(asked)
    return [record for record in records.values() if record["contactId"] == contact["id"]]


def _matching(account: Account, query: Mapping[str, str]) -> list[Raw]:
    """All contacts of a free text, newest first, then by id."""
    wanted = query.get("query", "").strip().lower()
    spoken = [one for one in account.contacts.values() if not wanted or speaks_of(one, wanted)]
    return sorted(spoken, key=_place)


def _place(contact: Raw) -> tuple[int, str]:
    return -millis(contact["dateAdded"]), str(contact["id"])


def _start(ordered: list[Raw], query: Mapping[str, str]) -> int:
    """How many contacts stand at or before the position asked for."""
    after, after_id = query.get("startAfter"), query.get("startAfterId")
    if not after and not after_id:
        return 0
    if not after or not after.isdecimal() or not after_id:
        raise Refused(422, ["startAfter must be a number", "startAfterId should not be empty"])
    position = (-int(after), after_id)
    return sum(_place(contact) <= position for contact in ordered)


def _meta(asked: Asked, last: Raw | None, total: int, page: int, limit: int) -> Raw:
    """What comes next; the URL points where no client should go."""
    numbers = {"total": total, "currentPage": page, "prevPage": page - 1 if page > 1 else None}
    if last is None:
        return numbers | {"nextPageUrl": None, "startAfterId": None, "startAfter": None, "nextPage": None}
    start = {"startAfter": millis(last["dateAdded"]), "startAfterId": last["id"]}
    slots = urlencode({"locationId": asked.account.location["id"], "limit": limit} | start)
    return numbers | start | {"nextPageUrl": f"http://localhost:5000/contacts/?{slots}", "nextPage": page + 1}


def _custom_fields(account: Account) -> Fields:
    """The filter fields `customFields.{id}`, with the operators of each data type."""
    return {
        f"customFields.{field['id']}": _custom_field(field)
        for field in account.custom_fields.values()
        if field["model"] == "contact"
    }


def _custom_field(field: Raw) -> FilterField:
    kinds = {"DATE": date("")} | dict.fromkeys(_NUMBERS, number("")) | dict.fromkeys(_LISTS, word(""))
    operators = kinds.get(field["dataType"], text("")).operators
    return FilterField(
        lambda contact: next((one["value"] for one in contact["customFields"] if one["id"] == field["id"]), None),
        operators,
    )
