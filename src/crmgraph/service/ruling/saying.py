"""What a record says in its fields, each value under the digest of its normal form: equal digests mean the same."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crmgraph.domain.comparing import is_null
from crmgraph.domain.model import Address, Consent, Custom, Email, FieldType, Kind, Phone, TagName
from crmgraph.domain.naming import NAMES, name_of
from crmgraph.domain.normalize import email_key, phone_key
from crmgraph.domain.records import Record
from crmgraph.service.cross_rules import CUSTOM, LISTS, CrossRule, top_of, type_of
from crmgraph.service.custom import CustomFields

Said = Mapping[str, Mapping[str, Any]]
"""Field → digest → value."""


class Saying:
    """Reads records; `region` is where phone numbers without a country belong."""

    def __init__(self, custom: CustomFields, region: str) -> None:
        self._custom = custom
        self._region = region

    def all_of(self, record: Record, fields: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What a record says in these fields."""
        return {name: self.of(record, name) for name in fields}

    def of(self, record: Record, name: str) -> dict[str, Any]:
        """What a record says in one field; raises BadReply where the CRM holds something undescribed."""
        return {self.digest(one): one for one in self._values(record, name) if not _is_empty(one)}

    def wanted(
        self, rule: CrossRule, record: Record, echoes: Mapping[str, Collection[str]]
    ) -> dict[str, dict[str, Any]]:
        """What a rule wants said in the target of what a record says; `echoes` are the digests, by the record's own
        fields, of what a rule has brought there from the target.
        """
        found: dict[str, dict[str, Any]] = {target: {} for _, target in rule.fields}
        for name, target in rule.fields:
            heard = echoes.get(name, ())
            values = (one for digest, one in self.of(record, name).items() if digest not in heard)
            found[target] |= self._as(values, target)
        for target, constants in rule.constants.items():
            found.setdefault(target, {}).update(self._as(constants, target))
        return found

    def everything(self, record: Record) -> dict[str, frozenset[str]]:
        """The digests of all that a record says, by field."""
        names = [name for name in _COMPARED[record.kind] if name in NAMES or record.maps(name)]
        customs = self._customs(record) if record.maps("customFields") else {}
        told = self.all_of(record, [*names, *(f"{CUSTOM}{key}" for key in customs)])
        return {name: frozenset(values) for name, values in told.items() if values}

    def digest(self, value: Any) -> str:
        """What stands for a value: no longer readable, so that it may be kept."""
        return hashlib.sha256(_normal(value, self._region).encode()).hexdigest()[:24]

    def _values(self, record: Record, name: str) -> tuple[Any, ...]:
        if name.startswith(CUSTOM):
            return (self._customs(record).get(name.removeprefix(CUSTOM)),)
        found = name_of(record, name) if name in NAMES and record.kind is Kind.CONTACT else record.get(name)
        return tuple(found or ()) if type_of(record.kind, name) in LISTS else (found,)

    def _customs(self, record: Record) -> dict[str, Any]:
        source, found = record.ref.source, dict[str, Any]()
        for one in record.get("customFields") or ():
            found.setdefault(self._custom.key_of(source, one.key), _plain(self._custom.typed(source, one).meaning))
        return found

    def _as(self, values: Iterable[Any], target: str) -> dict[str, Any]:
        wanted = type_of(Kind.CONTACT, target)
        told = [one for value in values for one in _turned(value, wanted)]
        # A field that says one thing says the first of them.
        return {self.digest(one): one for one in (told if wanted in LISTS else told[:1])}


_COMPARED: Mapping[Kind, tuple[str, ...]] = {
    Kind.CONTACT: (
        *("givenName", "familyName", "fullName", "emails", "phones", "addresses", "companyName", "jobTitle"),
        *("leadSource", "website", "timezone", "birthDate", "lifecycleStage", "doNotContact", "tags"),
    ),
    Kind.TASK: ("title", "body", "priority", "status", "dueAt", "dueDate", "completed"),
    Kind.NOTE: ("title", "body"),
}
"""The fields that rules read and write, custom fields apart."""

READ: Mapping[Kind, frozenset[str]] = {
    kind: frozenset({*names, *({"customFields"} if kind is Kind.CONTACT else ())}) for kind, names in _COMPARED.items()
}
"""The same as a record is read by."""


def read_by(rule: CrossRule) -> frozenset[str]:
    """The fields of a person that a rule reads."""
    return READ[Kind.CONTACT] | {top_of(name) for pair in rule.fields for name in pair}


def _turned(value: Any, wanted: FieldType | None) -> list[Any]:
    """A value as a field of this type tells it."""
    if wanted is FieldType.TAGS:
        several = value if isinstance(value, list) else [value]
        return [one if isinstance(one, TagName) else TagName(str(one)) for one in several]
    if wanted is FieldType.CUSTOM:
        return [value.isoformat() if isinstance(value, date) else value]
    if wanted is FieldType.TEXT:
        return [", ".join(map(str, value)) if isinstance(value, list) else str(value)]
    return [value]


def _plain(value: Any) -> Any:
    """A custom field's meaning as JSON, which is how it is written."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _is_empty(value: Any) -> bool:
    held = value.value if isinstance(value, Email | Phone) else value.name if isinstance(value, TagName) else value
    return is_null(held) or held in (Consent(), Address())


def _normal(value: Any, region: str) -> str:
    match value:
        case Email():
            return email_key(value.value) or _folded(value.value)
        case Phone():
            return phone_key(value.value, region) or _folded(value.value)
        case TagName():
            return _folded(value.name)
        case Address():
            parts = (value.street, value.city, value.region, value.postal_code, value.country)
            return "\n".join(_folded(part or "") for part in parts)
        case Custom():
            return _normal(value.value, region)
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return format(Decimal(str(value)).normalize(), "f")
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case list() | tuple():
            return "\n".join(sorted(_normal(one, region) for one in value))
        case _:
            return " ".join(str(value).split())


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
