"""What a field's type makes of a CRM's value: the last step of every mapping.

Each maker takes whatever the path or the block's `object` gave (one value or a list) and gives the value of the domain,
None where it is empty, or raises Unreadable. The way back starts here as well: `as_plain`, `as_parts`, `as_json`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crmgraph.connectors.transforms import (
    Unreadable,
    parse_boolean,
    parse_day,
    parse_instant,
    parse_number,
    shown,
)
from crmgraph.domain.model import (
    Address,
    Consent,
    ConsentState,
    Custom,
    Email,
    Field,
    FieldType,
    Link,
    Money,
    Option,
    Phone,
    TagName,
)

Maker = Callable[[Any], Any]


def text(value: Any) -> str | None:
    """A scalar as text, or the `value` of a block's object; blanks alone are empty."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"] if value["value"] is not None else ""
    if isinstance(value, dict | list):
        raise Unreadable(f"{_shape(value)}, where a text was expected")
    return str(value) if not isinstance(value, str) else (value if value.strip() else None)


def _shape(value: Any) -> str:
    return "an object" if isinstance(value, dict) else "a list"


def _elements(value: Any) -> Iterable[Any]:
    return [one for one in value if one is not None] if isinstance(value, list | tuple) else [value]


def _several(make: Callable[[Any], Any]) -> Maker:
    """One domain value for each element, the empty ones left out."""

    def read(value: Any) -> Any:
        made = tuple(one for one in (make(element) for element in _elements(value)) if one is not None)
        return made or None

    return read


def _reachable(shape: type[Email] | type[Phone]) -> Callable[[Any], Email | Phone | None]:
    def make(part: Any) -> Email | Phone | None:
        if not isinstance(part, Mapping):
            part = {"value": part}
        found = text(part.get("value")) if part.get("value") is not None else None
        kind = text(part["kind"]) if part.get("kind") is not None else None
        return shape(found, kind, bool(part.get("primary"))) if found else None

    return make


_ADDRESS_PARTS = ("street", "city", "region", "postal_code", "country", "kind")


def _address(part: Any) -> Address | None:
    if not isinstance(part, Mapping):
        part = {"street": part}
    parts = {name: text(part[name]) if part.get(name) is not None else None for name in _ADDRESS_PARTS}
    said = {name for name, value in parts.items() if value is not None} - {"kind"}
    return Address(**parts) if said else None


def _tag(part: Any) -> TagName | None:
    found = text(part.get("name") if isinstance(part, Mapping) else part)
    return TagName(found) if found else None


def _link(part: Any) -> Link | None:
    if isinstance(part, list):
        part = part[0] if part else {}
    if not isinstance(part, Mapping):
        part = {"id": part}
    ident = text(part["id"]) if part.get("id") is not None else None
    name = text(part["name"]) if part.get("name") is not None else None
    return Link(ident, name) if ident or name else None


def _custom(part: Any) -> Custom | None:
    if not isinstance(part, Mapping) or part.get("key") is None or part.get("value") in (None, "", []):
        return None
    return Custom(str(part["key"]), part["value"], part.get("label"), part.get("type"))


def _option(part: Any) -> Option | None:
    if not isinstance(part, Mapping):
        part = {"value": part}
    value = part.get("value") if part.get("value") is not None else part.get("label")
    return None if value is None else Option(str(value), str(part.get("label") or value))


def _money(value: Any) -> Money | None:
    part = value if isinstance(value, Mapping) else {"amount": value}
    if part.get("amount") in (None, ""):
        return None
    return Money(parse_number(part["amount"]), text(part["currency"]) if part.get("currency") else None)


_CONSENT_WORDS = {"true": ConsentState.BLOCKED, "false": ConsentState.ALLOWED} | {
    state.value.lower(): state for state in ConsentState
}


def _consent(value: Any) -> Consent | None:
    part = value if isinstance(value, Mapping) else {"any": value}
    states = {channel: _state(said) for channel, said in part.items() if said is not None}
    return Consent(**states) if states else None


def _state(said: Any) -> ConsentState:
    state = _CONSENT_WORDS.get(str(said).lower())
    if state is None:
        raise Unreadable(
            f"{shown(said)}, where true (blocked), false (allowed) or one of ALLOWED, BLOCKED was expected"
        )
    return state


MAKERS: Mapping[FieldType, Maker] = {
    FieldType.TEXT: text,
    FieldType.BOOLEAN: parse_boolean,
    FieldType.NUMBER: parse_number,
    FieldType.INSTANT: parse_instant,
    FieldType.DATE: parse_day,
    FieldType.EMAILS: _several(_reachable(Email)),
    FieldType.PHONES: _several(_reachable(Phone)),
    FieldType.ADDRESSES: _several(_address),
    FieldType.TAGS: _several(_tag),
    FieldType.CUSTOM: _several(_custom),
    FieldType.CONSENT: _consent,
    FieldType.MONEY: _money,
    FieldType.LINK: _link,
    FieldType.LINKS: _several(_link),
    FieldType.OPTIONS: _several(_option),
    FieldType.JSON: lambda value: value,
}

PARTS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("value",),
    FieldType.EMAILS: ("value", "kind", "primary"),
    FieldType.PHONES: ("value", "kind", "primary"),
    FieldType.ADDRESSES: _ADDRESS_PARTS,
    FieldType.TAGS: ("name",),
    FieldType.CUSTOM: ("key", "value", "label", "type"),
    FieldType.CONSENT: ("any", "email", "sms", "call", "whatsapp"),
    FieldType.MONEY: ("amount", "currency"),
    FieldType.LINK: ("id", "name"),
    FieldType.LINKS: ("id", "name"),
    FieldType.OPTIONS: ("value", "label"),
}
"""The parts that a block's `object` may fill, per type."""


def maker_of(field: Field) -> Maker:
    """The last step for `field`; an enumeration refuses words that are not its own."""
    if field.values is None:
        return MAKERS[field.type]
    words = {word.lower(): word for word in field.values}

    def read(value: Any) -> str:
        word = words.get(str(value).strip().lower())
        if word is None:
            raise Unreadable(f"{shown(value)}, where one of {', '.join(field.values or ())} was expected")
        return word

    return read


def as_plain(value: Any, kind: FieldType) -> Any:
    """A value of the domain as one path holds it: the first e-mail's text, a link's id, an amount, the tags' names,
    the options' values.
    """
    if kind is FieldType.OPTIONS:
        return [option.value for option in value or ()]
    if kind is FieldType.TAGS:
        return [tag.name for tag in value or ()]
    if value is None or value == ():
        return None
    if kind in (FieldType.EMAILS, FieldType.PHONES):
        return (value[0] if isinstance(value, tuple) else value).value
    if kind is FieldType.LINKS:
        return [link.id for link in value] if isinstance(value, tuple) else value.id
    if kind is FieldType.LINK:
        return value.id
    return value.amount if kind is FieldType.MONEY else value


def as_parts(value: Any, kind: FieldType) -> list[dict[str, Any]]:
    """A value of the domain as the parts that a block's `object` names, one mapping for each thing in it."""
    listed = () if value is None else value if isinstance(value, tuple) else (value,)
    names = PARTS.get(kind, ("value",))
    return [{name: _part(getattr(one, name, one)) for name in names} for one in listed]


def _part(value: Any) -> Any:
    """A part as a path holds it; a consent's states are truth values."""
    return _BLOCKED[value] if isinstance(value, ConsentState) else value


_BLOCKED = {ConsentState.BLOCKED: True, ConsentState.ALLOWED: False, ConsentState.UNKNOWN: None}


def as_json(value: Any) -> Any:
    """A scalar of the domain, or a list of them, as JSON writes it: times in ISO 8601, UTC as `Z`."""
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return [as_json(one) for one in value] if isinstance(value, tuple | list) else value
