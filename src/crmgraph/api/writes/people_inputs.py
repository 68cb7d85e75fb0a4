"""What the mutations of people take."""

from datetime import date as Day

import strawberry
from strawberry import Maybe

from crmgraph.api.fields import plain
from crmgraph.api.inputs import RecordRefInput
from crmgraph.api.writes.parts import (
    AddressInput,
    ConsentInput,
    CustomValueInput,
    EmailInput,
    OnlyIfInput,
    PhoneInput,
    UserRefInput,
)
from crmgraph.api.writes.requests import DRY, KEY, ONLY_IF, Request


@strawberry.input
class ContactValues(Request):
    """What can be written of a person. What is left out stays; null clears."""

    given_name: Maybe[str | None] = plain("First name.")
    family_name: Maybe[str | None] = plain("Last name.")
    full_name: Maybe[str | None] = plain("The whole name, where the parts are not known.")
    emails: Maybe[list[EmailInput] | None] = plain("E-mail addresses, all of them, the main one first.")
    phones: Maybe[list[PhoneInput] | None] = plain("Phone numbers, all of them, the main one first.")
    addresses: Maybe[list[AddressInput] | None] = plain("Postal addresses, all of them.")
    company_name: Maybe[str | None] = plain("The company's name, where the CRM keeps it as text.")
    companies: Maybe[list[strawberry.ID] | None] = plain("The companies, by global id; each goes to its own source.")
    opportunities: Maybe[list[strawberry.ID] | None] = plain(
        "The opportunities, by global id; each goes to its own source."
    )
    job_title: Maybe[str | None] = plain("Job title.")
    owner: Maybe[UserRefInput | None] = plain("Who looks after them.")
    lead_source: Maybe[str | None] = plain("Where they came from, by name.")
    website: Maybe[str | None] = plain("Website.")
    timezone: Maybe[str | None] = plain("Time zone, as IANA names it.")
    birth_date: Maybe[Day | None] = plain("Date of birth.")
    lifecycle_stage: Maybe[str | None] = plain("Where they stand, in the CRM's words.")
    do_not_contact: Maybe[ConsentInput | None] = plain("Whether they may be contacted.")
    tags: Maybe[list[str] | None] = plain("Tags by name, all of them; `addTags` adds some.")
    custom_fields: Maybe[list[CustomValueInput] | None] = plain("Custom fields; those that are left out stay.")


@strawberry.input(description="A new person.")
class CreateContactInput(ContactValues): ...


@strawberry.input(description="A change of a person. Each field goes to the records that have it.")
class UpdateContactInput(ContactValues):
    id: strawberry.ID = plain("The person.")
    only_if: OnlyIfInput | None = strawberry.field(default=None, description=ONLY_IF)


@strawberry.input(one_of=True, description="Which person: give exactly one of these.")
class UpsertKey:
    email: Maybe[str] = plain("An e-mail address, in any spelling.")
    phone: Maybe[str] = plain("A phone number, in any spelling.")
    record: Maybe[RecordRefInput] = plain("A source's own contact.")


@strawberry.input(description="A person who is changed where they are known and made where they are not.")
class UpsertContactInput(ContactValues):
    by: UpsertKey = plain("How they are known; the key is written along where it is new.")


@strawberry.input(description="A person to be deleted.")
class DeleteContactInput:
    id: strawberry.ID = plain("The person.")
    sources: list[str] = plain("The sources whose records are deleted.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
    dry_run: bool = strawberry.field(default=False, description=DRY)


@strawberry.input(description="Tags to put on a person or to take off; the others stay.")
class TagsInput(Request):
    id: strawberry.ID = plain("The person.")
    tags: list[str] = plain("The tags, by name.")


@strawberry.input(description="Custom values of a person; those that are left out stay.")
class SetCustomFieldValuesInput(Request):
    id: strawberry.ID = plain("The person.")
    values: list[CustomValueInput] = plain("The values by logical key; null clears one.")
    only_if: OnlyIfInput | None = strawberry.field(default=None, description=ONLY_IF)
