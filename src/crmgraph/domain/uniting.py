"""Lists that survive whole: their elements united by normal form, each knowing every record that holds it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from crmgraph.domain.model import Address, Custom, Email, FieldType, Link, Option, Phone, TagName
from crmgraph.domain.normalize import Standing, email_key, email_standing, phone_key, text_key
from crmgraph.domain.records import Record, Ref


class Merged(Struct, frozen=True, gc=False):
    """One element of a united list: as its most trusted holder spells it, its normal form, and all who hold it."""

    value: Any
    key: str
    origins: tuple[Ref, ...]


def united(
    type: FieldType, held: Iterable[tuple[Record, Sequence[Any]]], regions: Mapping[str, str]
) -> tuple[Merged, ...]:
    """The elements of all lists, each once under its normal form, in order of trust and with the primary ones first.

    `regions` says per source where phone numbers without a country code belong (ISO 3166).
    """
    first: dict[str, Any] = {}
    origins: dict[str, dict[Ref, None]] = {}
    for record, values in held:
        for one in united_alone(type, record.ref, values, regions.get(record.ref.source, "")):
            first.setdefault(one.key, one.value)
            origins.setdefault(one.key, {})[record.ref] = None
    return tuple(Merged(value, key, tuple(origins[key])) for key, value in first.items())


def united_alone(type: FieldType, ref: Ref, values: Sequence[Any], region: str) -> tuple[Merged, ...]:
    """As `united` has it for the list of one record."""
    key_of, origins = _KEYS[type], (ref,)
    if len(values) == 1:
        key = key_of(values[0], ref, region)
        return (Merged(values[0], key, origins),) if key else ()
    first: dict[str, Any] = {}
    for value in sorted(values, key=_is_secondary) if type in RANKED else values:
        if key := key_of(value, ref, region):
            first.setdefault(key, value)
    rank = RANKED.get(type)
    listed = first.items() if rank is None else sorted(first.items(), key=lambda item: rank(item[1], item[0]))
    return tuple([Merged(value, key, origins) for key, value in listed])


def _is_secondary(value: Email | Phone) -> bool:
    return not value.primary


def _email_rank(value: Email, key: str) -> tuple[bool, bool, bool]:
    """Which address to use first: one that somebody reads, the primary one, one person's before a company's."""
    standing = email_standing(value.value)
    return standing not in (Standing.PERSONAL, Standing.ROLE), not value.primary, standing is not Standing.PERSONAL


def _phone_rank(value: Phone, key: str) -> tuple[bool, bool, bool]:
    """Which number to use first: one that can be dialled, and the primary one."""
    return not key.startswith("+"), not value.primary, False


RANKED: Mapping[FieldType, Callable[[Any, str], tuple[bool, bool, bool]]] = {
    FieldType.EMAILS: _email_rank,
    FieldType.PHONES: _phone_rank,
}
"""The types whose elements have an order of use, the first to use smallest."""


def _email(value: Email, ref: Ref, region: str) -> str:
    return email_key(value.value) or text_key(value.value)


def _phone(value: Phone, ref: Ref, region: str) -> str:
    return phone_key(value.value, region) or text_key(value.value)


def _address(value: Address, ref: Ref, region: str) -> str:
    """An address is one value: two that differ in a single line are two addresses, never half of each."""
    parts = (value.street, value.city, value.region, value.postal_code, value.country)
    return "|".join(text_key(part or "") for part in parts) if any(parts) else ""


def _tag(value: TagName, ref: Ref, region: str) -> str:
    return text_key(value.name)


def _custom(value: Custom, ref: Ref, region: str) -> str:
    return value.key


def _link(value: Link, ref: Ref, region: str) -> str:
    """Ids mean something within their source only; a link by name alone is one thing wherever it is written."""
    return f"{ref.source}:{value.id}" if value.id else text_key(value.name or "")


def _option(value: Option, ref: Ref, region: str) -> str:
    return value.value


_KEYS: Mapping[FieldType, Callable[[Any, Ref, str], str]] = {
    FieldType.EMAILS: _email,
    FieldType.PHONES: _phone,
    FieldType.ADDRESSES: _address,
    FieldType.TAGS: _tag,
    FieldType.CUSTOM: _custom,
    FieldType.LINKS: _link,
    FieldType.OPTIONS: _option,
}

UNITED = frozenset(_KEYS)
"""The types whose values are lists that can be united."""
