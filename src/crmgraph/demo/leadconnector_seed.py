"""How LeadConnector keeps what the world says it knows: one frozen shape per kind of record (fact sheet sections 3, 5
and 6).

Calls are conversations there, which are out of the simulator's scope: only meetings and appointments become calendar
events.
"""

from collections.abc import Iterable
from html import escape

from crmgraph.demo.cast import Deal, Event, Firm, Memo, Sighting, Staff, Todo, World
from crmgraph.demo.leadconnector_account import Account, Raw, e164, iso_millis, object_id, stable_id, stage_id
from crmgraph.demo.leadconnector_fields import seed_fields, stored_values

CRM = "leadconnector"
CHANNELS = {"call": "Call", "email": "Email", "sms": "SMS", "whatsapp": "WhatsApp"}

_CALENDARS = {"MEETING": "Meetings", "APPOINTMENT": "Appointments"}
_STATUSES = {
    "CANCELLED": "cancelled",
    "CONFIRMED": "confirmed",
    "SHOWED": "showed",
    "NO_SHOW": "noshow",
    "INVALID": "invalid",
}


def contact_id(number: int) -> str:
    """The id of the contact with this running number."""
    return stable_id("contact", number)


def user_id(staff: str) -> str:
    """The id of the user who is this member of staff."""
    return stable_id("user", staff)


def business_id(firm: str) -> str:
    """The id of the business that is this firm."""
    return object_id("business", firm)


def seed(account: Account, world: World) -> None:
    """Fill an account with what the world says this CRM knows; the search index knows it at once."""
    account.users = _keyed(_user(account, one) for one in world.staff)
    account.businesses = _keyed(_business(account, one) for one in world.firms_of(CRM))
    account.pipelines = _keyed(_pipeline(account, name, stages) for name, stages in world.pipelines.items())
    account.calendars = _keyed(_calendar(account, kind, name) for kind, name in _CALENDARS.items())
    seed_fields(account, world.custom_fields)
    account.contacts = _keyed(_contact(account, world, one) for one in world.seen_by(CRM))
    account.tasks = _keyed(_task(one) for one in world.todos(CRM))
    account.notes = _keyed(_note(one) for one in world.memos(CRM))
    account.appointments = _keyed(_appointment(account, one) for one in world.events(CRM) if one.kind in _CALENDARS)
    for deal in world.deals(CRM):
        opportunity = _opportunity(account, deal)
        account.opportunities[opportunity["id"]] = opportunity
    _vocabulary(account)
    for record_id in account.contacts:
        account.saved(record_id, at_once=True)
    for record_id in account.opportunities:
        account.saved_opportunity(record_id, at_once=True)


def blank_contact(account: Account, record_id: str, now: str) -> Raw:
    """A contact with every key and no value but the location's country."""
    texts = (
        "firstName",
        "lastName",
        "email",
        "phone",
        "companyName",
        "address1",
        "city",
        "state",
        "postalCode",
        "website",
    )
    more = ("timezone", "source", "assignedTo", "dateOfBirth", "businessId", "validEmail", "createdBy", "lastUpdatedBy")
    lists = ("tags", "customFields", "additionalEmails", "additionalPhones", "followers")
    return {
        "id": record_id,
        "locationId": account.location["id"],
        **dict.fromkeys((*texts, *more)),
        "country": account.location["country"],
        "type": "lead",
        "dnd": False,
        "dndSettings": {},
        **{name: [] for name in lists},
        "dateAdded": now,
        "dateUpdated": now,
    }


def _contact(account: Account, world: World, one: Sighting) -> Raw:
    country = one.country or account.location["country"]
    phones = [e164(phone, country) for phone in one.phones]
    firm = world.firm(one.company) if one.company else None
    return blank_contact(account, contact_id(one.number), iso_millis(one.created)) | {
        "firstName": one.given or None,
        "lastName": one.family or None,
        "email": one.emails[0] if one.emails else None,
        "additionalEmails": [{"email": email} for email in one.emails[1:]],
        "phone": phones[0] if phones else None,
        "additionalPhones": [{"phone": phone} for phone in phones[1:]],
        "companyName": firm.called_in(CRM) if firm else None,
        "businessId": business_id(firm.key) if firm and one.number % 5 else None,
        "address1": one.street,
        "city": one.city,
        "state": one.region,
        "postalCode": one.postal_code,
        "country": country,
        "website": one.website,
        "timezone": one.timezone,
        "source": one.lead_source,
        "type": "customer" if one.stage == "Customer" else "lead",
        "assignedTo": user_id(one.owner) if one.owner else None,
        "followers": [user_id(world.staff[0].key)] if one.number % 10 == 1 else [],
        "tags": list(one.tags),
        "dateOfBirth": _birthday(one),
        "validEmail": True if one.emails else None,
        "dnd": one.dnc >= CHANNELS.keys(),
        "dndSettings": _dnd_settings(one),
        "customFields": stored_values(world.custom_fields, one),
        "dateUpdated": iso_millis(one.updated),
    }


def _birthday(one: Sighting) -> str | None:
    """In one of the two spellings that come out."""
    if one.birth_date is None:
        return None
    return one.birth_date.isoformat() + ("" if one.number % 2 else "T00:00:00.000Z")


def _dnd_settings(one: Sighting) -> Raw:
    """Per channel; nothing where nothing is blocked. A blocked SMS was stopped for good on even contacts."""
    if not one.dnc:
        return {}
    settings = {name: {"status": "active" if key in one.dnc else "inactive"} for key, name in CHANNELS.items()}
    if "sms" in one.dnc and one.number % 2 == 0:
        settings["SMS"] = {"status": "permanent", "message": "Recipient replied STOP", "code": "21610"}
    return settings


def _user(account: Account, one: Staff) -> Raw:
    return {
        "id": user_id(one.key),
        "name": f"{one.given} {one.family}",
        "firstName": one.given,
        "lastName": one.family,
        "email": one.email,
        "phone": "",
        "extension": "",
        "permissions": {"contactsEnabled": True, "opportunitiesEnabled": True, "assignedDataOnly": False},
        "roles": {"type": "account", "role": "admin", "locationIds": [account.location["id"]]},
    }


def _business(account: Account, one: Firm) -> Raw:
    return {
        "id": business_id(one.key),
        "name": one.called_in(CRM),
        "phone": one.phone,
        "email": f"info@{one.domain}",
        "website": one.website,
        "address": one.street,
        "city": one.city,
        "state": one.region,
        "postalCode": one.postal_code,
        "country": one.country,
        "description": one.industry,
        "locationId": account.location["id"],
        "createdAt": "2024-01-02T09:00:00.000Z",
        "updatedAt": "2026-10-01T09:00:00.000Z",
    }


def _pipeline(account: Account, name: str, stages: tuple[str, ...]) -> Raw:
    return {
        "id": stable_id("pipeline", name),
        "name": name,
        "stages": [{"id": stage_id(name, one), "name": one, "position": at} for at, one in enumerate(stages)],
        "locationId": account.location["id"],
    }


def _calendar(account: Account, kind: str, name: str) -> Raw:
    return {
        "id": stable_id("calendar", kind),
        "locationId": account.location["id"],
        "groupId": stable_id("calendar-group", "sales"),
        "name": name,
        "description": "",
        "isActive": True,
    }


def _task(one: Todo) -> Raw:
    return {
        "id": stable_id("task", one.number),
        "title": one.title,
        "body": one.body,
        "assignedTo": user_id(one.assignee),
        "dueDate": iso_millis(one.due),
        "completed": one.completed,
        "contactId": contact_id(one.contact),
    }


def _note(one: Memo) -> Raw:
    """Every fourth note was written by an integration, so that it has no author."""
    return {
        "id": stable_id("note", one.number),
        "body": f"<p>{escape(one.body, quote=False)}</p>",
        "bodyText": one.body,
        "userId": user_id(one.author) if one.number % 4 else None,
        "dateAdded": iso_millis(one.created),
        "contactId": contact_id(one.contact),
        "title": one.title,
        "color": None,
        "pinned": one.pinned,
        "relations": [{"objectKey": "contact", "recordId": contact_id(one.contact)}],
    }


def _appointment(account: Account, one: Event) -> Raw:
    return {
        "id": stable_id("appointment", one.number),
        "calendarId": stable_id("calendar", one.kind),
        "groupId": stable_id("calendar-group", "sales"),
        "locationId": account.location["id"],
        "contactId": contact_id(one.contact),
        "title": one.title,
        "notes": one.body,
        "address": one.location,
        "appointmentStatus": _STATUSES.get(one.status, "new"),
        "assignedUserId": user_id(one.owner),
        "users": [user_id(one.owner)],
        "startTime": iso_millis(one.starts),
        "endTime": iso_millis(one.ends),
        "dateAdded": iso_millis(one.created),
        "dateUpdated": iso_millis(one.updated),
        "deleted": False,
    }


def _opportunity(account: Account, one: Deal) -> Raw:
    reason = one.lost_reason
    if reason:
        account.lost_reasons[stable_id("lost", reason)] = {"id": stable_id("lost", reason), "name": reason}
    return {
        "id": stable_id("opportunity", one.number),
        "name": one.name,
        "monetaryValue": float(one.amount),
        "pipelineId": stable_id("pipeline", one.pipeline),
        "pipelineStageId": stage_id(one.pipeline, one.stage),
        "assignedTo": user_id(one.owner),
        "status": one.status,
        "source": one.lead_source,
        "contactId": contact_id(one.contact),
        "locationId": account.location["id"],
        "lostReasonId": stable_id("lost", reason) if reason else None,
        "customFields": [{"id": stable_id("field", "contract_months"), "fieldValue": 12}]
        if one.number % 3 == 1
        else [],
        "followers": [],
        "createdAt": iso_millis(one.created),
        "updatedAt": iso_millis(one.updated),
        "lastStageChangeAt": iso_millis(one.updated),
        "lastStatusChangeAt": iso_millis(one.closed or one.created),
    }


def _vocabulary(account: Account) -> None:
    """The location's tags and template values."""
    for name in sorted({name for one in account.contacts.values() for name in one["tags"]}, key=str.casefold):
        account.name_tag(name)
    for name, value in (("Booking link", "https://meet.example/intro"), ("Sender name", "The demo team")):
        key = name.lower().replace(" ", "_")
        record_id = stable_id("value", key)
        account.custom_values[record_id] = {
            "id": record_id,
            "name": name,
            "fieldKey": f"{{{{ custom_values.{key} }}}}",
            "value": value,
            "locationId": account.location["id"],
        }


def _keyed(records: Iterable[Raw]) -> dict[str, Raw]:
    return {record["id"]: record for record in records}
