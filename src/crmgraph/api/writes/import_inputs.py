"""What an import takes: rows as a spreadsheet has them."""

from datetime import date as Day
from typing import Any

import strawberry

from crmgraph.api.fields import plain
from crmgraph.api.writes.parts import CustomValueInput
from crmgraph.api.writes.requests import Request
from crmgraph.api.writes.values import canonical
from crmgraph.service.imports import ImportMode

strawberry.enum(ImportMode, description="What an import does about people who are there already.")


def _text(description: str) -> Any:
    return strawberry.field(default=None, description=description)


@strawberry.input(description="A person to be imported. What is left out, null or empty changes nothing.")
class ContactImportRow:
    email: str | None = _text("The main e-mail address.")
    emails: list[str] | None = _text("Further e-mail addresses.")
    phone: str | None = _text("The main phone number, best with its country: +14155550100.")
    phones: list[str] | None = _text("Further phone numbers.")
    given_name: str | None = _text("First name.")
    family_name: str | None = _text("Last name.")
    full_name: str | None = _text("The whole name, where the parts are not known.")
    company_name: str | None = _text("The company's name, where the CRM keeps it as text.")
    job_title: str | None = _text("Job title.")
    owner: str | None = _text("Who looks after them: a user's e-mail, name or id in the CRM.")
    lead_source: str | None = _text("Where they came from, by name.")
    website: str | None = _text("Website.")
    timezone: str | None = _text("Time zone, as IANA names it.")
    lifecycle_stage: str | None = _text("Where they stand, in the CRM's words.")
    birth_date: Day | None = _text("Date of birth.")
    do_not_contact: bool | None = _text("Whether they must not be contacted.")
    street: str | None = _text("Street and number.")
    city: str | None = _text("City.")
    region: str | None = _text("State or province.")
    postal_code: str | None = _text("Postal code.")
    country: str | None = _text("Country, as ISO 3166 code or by name.")
    tags: list[str] | None = _text("Tags by name; those that a person has stay.")
    custom_fields: list[CustomValueInput] | None = _text("Custom fields by their logical keys.")

    def made(self) -> dict[str, Any]:
        """The row as plain JSON."""
        row: dict[str, Any] = canonical(self)
        customs = row.pop("customFields", [])
        return row | ({"customFields": {one["key"]: one.get("value") for one in customs}} if customs else {})


@strawberry.input(description="Many people to be brought into CRMs, each of them into each source.")
class ImportContactsInput(Request):
    contacts: list[ContactImportRow] = plain("The people, 10,000 at the most, and as many as one request may hold.")
    mode: ImportMode = strawberry.field(default=ImportMode.UPSERT, description="What to do about those who are known.")
