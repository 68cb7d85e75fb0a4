"""How LeadConnector shows one record in different places (fact sheet section 3: by id, in search).

By id, empty keys are left out; in search they are null, the address has another name and names are in lower case.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from crmgraph.demo.leadconnector_account import Account, Raw, skewed

_EMPTY: tuple[object, ...] = (None, "", [], {})
_SEARCHED = ("firstName", "lastName", "email", "phone", "companyName")


def by_id(contact: Raw) -> Raw:
    """A contact as the endpoints by id, the old list and the writes show it."""
    derived = {
        "name": full_name(contact),
        "firstNameLowerCase": _lower(contact["firstName"]),
        "lastNameLowerCase": _lower(contact["lastName"]),
        "fullNameLowerCase": full_name(contact).lower(),
        "emailLowerCase": _lower(contact["email"]),
    }
    return {key: value for key, value in (contact | derived).items() if value not in _EMPTY}


def in_search(account: Account, contact: Raw) -> Raw:
    """A contact as its search document has it; the cursor is added by the search."""
    shown = {key: None if value in ("", {}) else value for key, value in contact.items() if key != "address1"}
    return shown | {
        "address": contact["address1"],
        "contactName": full_name(contact).lower() or None,
        "firstNameLowerCase": _lower(contact["firstName"]),
        "lastNameLowerCase": _lower(contact["lastName"]),
        "phoneLabel": None,
        "businessName": account.businesses.get(contact["businessId"] or "", {}).get("name"),
        "dateUpdated": skewed(contact["dateUpdated"]),
        "opportunities": [_brief(one) for one in account.opportunities.values() if one["contactId"] == contact["id"]],
    }


def full_name(contact: Raw) -> str:
    return " ".join(part for part in (contact["firstName"], contact["lastName"]) if part)


def speaks_of(contact: Raw, query: str) -> bool:
    """Whether a free text in lower case stands in a contact's name, e-mail, phone or company."""
    texts = [full_name(contact), *(contact[field] for field in _SEARCHED)]
    return any(query in text.lower() for text in texts if text)


def in_contact(account: Account, appointment: Raw) -> Raw:
    """An appointment as its contact lists it: times in the location's time zone, without an offset."""
    zone = ZoneInfo(account.location["timezone"])
    return _without(appointment, "deleted") | {
        "status": "booked",
        "startTime": _local(appointment["startTime"], zone).strftime("%Y-%m-%d %H:%M:%S"),
        "endTime": _local(appointment["endTime"], zone).strftime("%Y-%m-%d %H:%M:%S"),
    }


def in_calendar(account: Account, appointment: Raw) -> Raw:
    """An appointment as the calendars show it: times with the location's offset, the status twice, once misspelt."""
    zone = ZoneInfo(account.location["timezone"])
    shown = appointment if appointment["deleted"] else _without(appointment, "deleted")
    return shown | {
        "appoinmentStatus": appointment["appointmentStatus"],
        "startTime": _local(appointment["startTime"], zone).isoformat(),
        "endTime": _local(appointment["endTime"], zone).isoformat(),
    }


def opportunity(account: Account, one: Raw) -> Raw:
    """An opportunity with its contact embedded."""
    contact = account.contacts.get(one["contactId"])
    return one | {"contact": None if contact is None else _contact_of_opportunity(contact)}


def _contact_of_opportunity(contact: Raw) -> Raw:
    kept = ("id", "email", "phone", "companyName", "tags")
    return {"name": full_name(contact), **{name: contact[name] for name in kept}}


def _brief(one: Raw) -> Raw:
    return {name: one[name] for name in ("id", "pipelineId", "pipelineStageId", "monetaryValue", "status")}


def _without(record: Raw, key: str) -> Raw:
    return {name: value for name, value in record.items() if name != key}


def _local(iso: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(iso).astimezone(zone)


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None
