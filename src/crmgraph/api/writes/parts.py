"""What inputs are made of: the values that stand in several of them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.scalars import JSON

from crmgraph.api.fields import plain
from crmgraph.domain.model import Address, Consent, ConsentState, Custom, Email, Money, Phone
from crmgraph.service.writing.changes import OnlyIf


@strawberry.input(description="An e-mail address. The first of a list is the main one.")
class EmailInput:
    value: str = plain("The address.")
    kind: str | None = strawberry.field(
        default=None, description="What sort it is, in the CRM's words; left out, a known one keeps its own."
    )
    primary: bool = strawberry.field(default=False, description="Whether it is the main one.")

    def made(self) -> Email:
        return Email(self.value.strip(), self.kind, self.primary)


@strawberry.input(description="A phone number. The first of a list is the main one.")
class PhoneInput:
    value: str = plain("The number, best with its country: +14155550100.")
    kind: str | None = strawberry.field(
        default=None, description="What sort it is: mobile, work, other; left out, a known one keeps its own."
    )
    primary: bool = strawberry.field(default=False, description="Whether it is the main one.")

    def made(self) -> Phone:
        return Phone(self.value.strip(), self.kind, self.primary)


@strawberry.input(description="A postal address.")
class AddressInput:
    street: str | None = strawberry.field(default=None, description="Street and number.")
    city: str | None = strawberry.field(default=None, description="City.")
    region: str | None = strawberry.field(default=None, description="State or province.")
    postal_code: str | None = strawberry.field(default=None, description="Postal code.")
    country: str | None = strawberry.field(default=None, description="Country, as ISO 3166 code or by name.")
    kind: str | None = strawberry.field(default=None, description="What sort it is: home, work.")

    def made(self) -> Address:
        return Address(self.street, self.city, self.region, self.postal_code, self.country, self.kind)


@strawberry.input(description="Whether a person may be contacted: over all channels, and over each.")
class ConsentInput:
    any: ConsentState = strawberry.field(default=ConsentState.UNKNOWN, description="Over all channels.")
    email: ConsentState = strawberry.field(default=ConsentState.UNKNOWN, description="By e-mail.")
    sms: ConsentState = strawberry.field(default=ConsentState.UNKNOWN, description="By text message.")
    call: ConsentState = strawberry.field(default=ConsentState.UNKNOWN, description="By phone.")
    whatsapp: ConsentState = strawberry.field(default=ConsentState.UNKNOWN, description="By WhatsApp.")

    def made(self) -> Consent:
        return Consent(self.any, self.email, self.sms, self.call, self.whatsapp)


@strawberry.input(description="A custom field's value under its logical key; null clears it.")
class CustomValueInput:
    key: str = plain("The logical key.")
    value: JSON | None = strawberry.field(default=None, description="The value, of the field's type.")

    def made(self) -> Custom:
        value: Any = self.value
        return Custom(self.key, value)


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount: Decimal = plain("The amount.")
    currency: str | None = strawberry.field(default=None, description="The currency's ISO 4217 code.")

    def made(self) -> Money:
        return Money(self.amount, self.currency)


@strawberry.input(one_of=True, description="Somebody who works in the CRMs; give one.")
class UserRefInput:
    id: strawberry.Maybe[strawberry.ID] = plain("The user's global id; other CRMs know them by the same e-mail.")
    email: strawberry.Maybe[str] = plain("Their e-mail address.")
    name: strawberry.Maybe[str] = plain("Their name.")


@strawberry.input(one_of=True, description="A stage or a pipeline; give one.")
class NamedRefInput:
    id: strawberry.Maybe[strawberry.ID] = plain("Its global id.")
    name: strawberry.Maybe[str] = plain("Its name, or its id in the CRM.")


@strawberry.input(description="What a record must still be for a change to be made; else the change is refused.")
class OnlyIfInput:
    updated_at: datetime | None = strawberry.field(
        default=None, description="It was not changed after this time: the `updatedAt` that was read."
    )
    version: str | None = strawberry.field(default=None, description="The `version` of the one record, as it was read.")

    def made(self) -> OnlyIf:
        return OnlyIf(self.updated_at, self.version)
