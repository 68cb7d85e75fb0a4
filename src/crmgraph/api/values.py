"""The values that entities hold: the graph's leaves.

E-mails, phones and addresses are read off the elements of merged lists, records' places, amounts and consent off the
domain's own values: nothing is made of them for the graph.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from crmgraph.api.fields import at, plain
from crmgraph.domain import model, words
from crmgraph.domain.model import ConsentState
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.uniting import Merged
from crmgraph.service.entity import GapReason
from crmgraph.service.ports import SourceHealth

for _words in (
    words.TaskStatus,
    words.Priority,
    words.ActivityKind,
    words.AppointmentStatus,
    words.OpportunityStatus,
    words.TextFormat,
    words.CustomFieldType,
    model.ConsentState,
    GapReason,
    SourceHealth,
):
    strawberry.enum(_words, description=_words.__doc__)
strawberry.enum(model.Kind, name="Kind", description="What a record can be.")


@strawberry.type(description="Where a record lives.")
class RecordRef:
    source: str = plain("The source's name in the configuration.")
    id: str = plain("The record's id in that CRM.")
    resource: str = plain("What the CRM's definition calls it; the kind, where it keeps one kind in one place.")


def ref(one: Ref) -> RecordRef:
    """A record's place, which has all that the graph tells of it under the graph's names."""
    return cast("RecordRef", one)


@strawberry.type(description="An e-mail address, once for all spellings of it.")
class EmailAddress:
    value: str = at("value.value", "As the most trusted CRM spells it.")
    normalized: str = at(
        "key", "The form by which it is compared: lower case, without a provider's dots and plus tags."
    )
    kind: str | None = at("value.kind", "What the CRM says it is for, for example work.")
    primary: bool = at("value.primary", "Whether it is the one to use first.")
    origins: list[RecordRef] = at("origins", "The records that hold it.")


def _e164(root: Merged) -> str | None:
    return root.key if root.key.startswith("+") else None


@strawberry.type(description="A phone number, once for all spellings of it.")
class PhoneNumber:
    value: str = at("value.value", "As the most trusted CRM spells it.")
    e164: str | None = strawberry.field(
        resolver=_e164, description="The international form by which it is compared; null where it is no number."
    )
    kind: str | None = at("value.kind", "What the CRM says it is for, for example mobile.")
    primary: bool = at("value.primary", "Whether it is the one to use first.")
    origins: list[RecordRef] = at("origins", "The records that hold it.")


@strawberry.type(description="A postal address. Its parts come from one record, never from several.")
class PostalAddress:
    kind: str | None = at("value.kind", "What the CRM says it is for.")
    street: str | None = at("value.street", "Street and number.")
    city: str | None = at("value.city", "City.")
    region: str | None = at("value.region", "State or province.")
    postal_code: str | None = at("value.postal_code", "Postal code.")
    country: str | None = at("value.country", "Country, as an ISO 3166 code where the CRM keeps one.")
    origins: list[RecordRef] = at("origins", "The records that hold it.")


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = plain("The amount, exact.")
    currency: str | None = plain("ISO 4217; null where the CRM names none.")


@strawberry.type(description="Whether a person may be contacted. Over several CRMs the most restrictive word wins.")
class Consent:
    any: ConsentState = plain("All channels together.")
    email: ConsentState = plain("E-mail.")
    sms: ConsentState = plain("Text messages.")
    call: ConsentState = plain("Calls.")
    whatsapp: ConsentState = plain("WhatsApp.")


@strawberry.type(description="A value that did not survive, and the record that holds it.")
class LosingValue:
    value: JSON | None = plain("The value.")
    origin: RecordRef = plain("The record that holds it.")
    reason: str = plain("Why it did not survive.")


@strawberry.type(description="Why a field has the value it has.")
class FieldProvenance:
    field: str = plain("The field's name in the graph.")
    value: JSON | None = plain("The value that survived.")
    origin: RecordRef | None = plain("The record it came from; null where people pinned what no record holds.")
    rule: str = plain("The rule that chose it, and the field it was told from where that is another one.")
    reason: str = plain("What the rule does; of a pinned value who pinned it, when and why.")
    losers: list[LosingValue] = plain("What the other records say.")


@strawberry.type(description="A field that a record does not fill, and why.")
class FieldGap:
    field: str = plain("The field's name; `*` where a whole source is missing.")
    source: str = plain("The source.")
    reason: GapReason = plain("Why.")


@strawberry.type(description="One choice of a custom field.")
class CustomFieldOption:
    value: str = plain("What is stored.")
    label: str = plain("What people read.")


def as_json(value: Any) -> Any:
    """A domain value as JSON people can read."""
    if isinstance(value, Merged):
        return as_json(value.value)
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, model.Email | model.Phone):
        return value.value
    if isinstance(value, model.TagName):
        return value.name
    if isinstance(value, model.Link):
        return {"id": value.id, "name": value.name}
    if isinstance(value, model.Custom):
        return {"key": value.key, "value": value.value}
    if isinstance(value, model.Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, model.Address | model.Consent | model.Option):
        parts = value.__struct_fields__
        return {name: as_json(getattr(value, name)) for name in parts if getattr(value, name) is not None}
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def own_values(record: Record) -> dict[str, Any]:
    """Everything one record says, in the graph's words and unmerged; a value that cannot be read is left out."""
    said = {name: record.peek(name) for name in model.FIELDS[record.kind] if record.maps(name)}
    return {name: as_json(value) for name, value in said.items() if value is not None}
