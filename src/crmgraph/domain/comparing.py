"""Whether one value satisfies one condition, by the type of its field: how a filter's words compare.

A missing value satisfies nothing but `isNull`, so every answer is yes or no and a negation means what it says.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from operator import eq, ge, gt, le, lt
from typing import Any

from crmgraph.domain.model import ConsentState, FieldType
from crmgraph.domain.normalize import email_key, phone_key, text_key


class Op(StrEnum):
    """What a condition asks of a value."""

    EQ = "eq"
    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    IS_NULL = "isNull"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"


_TEXT = frozenset({Op.EQ, Op.IN, Op.CONTAINS, Op.STARTS_WITH, Op.IS_NULL})
_ORDERED = frozenset({Op.EQ, Op.IN, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.IS_NULL})
_MEMBERS = frozenset({Op.EQ, Op.IN, Op.CONTAINS, Op.IS_NULL})

_ORDERINGS: Mapping[Op, Callable[[Any, Any], Any]] = {Op.EQ: eq, Op.GT: gt, Op.GTE: ge, Op.LT: lt, Op.LTE: le}

OPS: Mapping[FieldType, frozenset[Op]] = {
    FieldType.TEXT: _TEXT,
    FieldType.BOOLEAN: frozenset({Op.EQ, Op.IN, Op.IS_NULL}),
    FieldType.NUMBER: _ORDERED,
    FieldType.INSTANT: _ORDERED,
    FieldType.DATE: _ORDERED,
    FieldType.MONEY: _ORDERED,
    FieldType.EMAILS: _TEXT,
    FieldType.PHONES: _MEMBERS,
    FieldType.TAGS: _MEMBERS,
    FieldType.LINK: _MEMBERS,
    FieldType.LINKS: _MEMBERS,
    FieldType.CUSTOM: frozenset(Op),
    FieldType.ADDRESSES: frozenset({Op.IS_NULL}),
    FieldType.CONSENT: frozenset({Op.EQ, Op.IS_NULL}),
    FieldType.OPTIONS: frozenset({Op.IS_NULL}),
    FieldType.JSON: frozenset({Op.IS_NULL}),
}
"""Which words each type understands; `check` of the filters refuses the others before they come here."""


def compares(type: FieldType, op: Op, operand: Any) -> bool:
    """Whether `operand` is of the Python type that `op` on a field of `type` compares with."""
    if op is Op.IS_NULL:
        return isinstance(operand, bool)
    if op is Op.IN:
        return isinstance(operand, tuple) and all(compares(type, Op.EQ, one) for one in operand)
    if op in (Op.CONTAINS, Op.STARTS_WITH):
        return isinstance(operand, str)
    if op is not Op.EQ and isinstance(operand, (str, bool)):
        return False
    return _OPERANDS.get(type, _is_text)(operand)


def is_null(value: Any) -> bool:
    """Whether a field counts as empty: absent, an empty list or a blank text."""
    return value is None or value in ((), []) or (isinstance(value, str) and not value.strip())


def satisfies(type: FieldType, op: Op, value: Any, operand: Any, region: str) -> bool:
    """Whether `value`, as a record of ours holds it, satisfies `op operand`.

    `region` (ISO 3166) is where phone numbers without a country code belong. For `in` the operand is a tuple, for
    `isNull` a boolean; lists satisfy a condition when one of their elements does.
    """
    if op is Op.IS_NULL:
        return is_null(value) is operand
    if is_null(value):
        return False
    if op is Op.IN:
        return any(satisfies(type, Op.EQ, value, one, region) for one in operand)
    return _COMPARED.get(type, _never)(op, value, operand, region)


def _never(op: Op, value: Any, operand: Any, region: str) -> bool:
    return False


def _text(op: Op, value: Any, operand: Any, region: str) -> bool:
    ours, theirs = str(value).casefold(), str(operand).casefold()
    if op is Op.CONTAINS:
        return theirs in ours
    return ours.startswith(theirs) if op is Op.STARTS_WITH else ours == theirs


def _ordered(op: Op, value: Any, operand: Any, region: str) -> bool:
    return bool(_ORDERINGS[op](value, operand))


def _money(op: Op, value: Any, operand: Any, region: str) -> bool:
    return _ordered(op, value.amount, operand, region)


def _boolean(op: Op, value: Any, operand: Any, region: str) -> bool:
    return value is operand


def _emails(op: Op, value: Any, operand: Any, region: str) -> bool:
    if op is not Op.EQ:
        return any(_text(op, email.value, operand, region) for email in value)
    wanted = email_key(operand) or operand.strip().casefold()
    return any((email_key(email.value) or email.value.strip().casefold()) == wanted for email in value)


def _phones(op: Op, value: Any, operand: Any, region: str) -> bool:
    digits = re.sub(r"\D", "", operand)
    if op is Op.CONTAINS:
        return bool(digits) and any(_holds_digits(phone.value, digits, region) for phone in value)
    wanted = phone_key(operand, region) or digits
    return bool(wanted) and any(
        (phone_key(phone.value, region) or re.sub(r"\D", "", phone.value)) == wanted for phone in value
    )


def _holds_digits(raw: str, digits: str, region: str) -> bool:
    return digits in re.sub(r"\D", "", raw) or digits in (phone_key(raw, region) or "")


def _consent(op: Op, value: Any, operand: Any, region: str) -> bool:
    """Whether the person may not be contacted at all (True), or may over some channel (False)."""
    return (value.any is ConsentState.BLOCKED) is operand


def _tags(op: Op, value: Any, operand: Any, region: str) -> bool:
    return text_key(operand) in {text_key(tag.name) for tag in value}


def _link(op: Op, value: Any, operand: Any, region: str) -> bool:
    return value.id is not None and value.id == operand


def _links(op: Op, value: Any, operand: Any, region: str) -> bool:
    return any(_link(op, link, operand, region) for link in value)


def _custom(op: Op, value: Any, operand: Any, region: str) -> bool:
    """A custom value is the CRM's JSON: it is read as what it is compared with, and a list as each of its elements."""
    elements: Iterable[Any] = value if isinstance(value, (list, tuple)) else (value,)
    return any(_custom_element(op, element, operand, region) for element in elements)


def _custom_element(op: Op, element: Any, operand: Any, region: str) -> bool:
    if not compares(FieldType.CUSTOM, op, operand):
        return False
    if isinstance(operand, str):
        return isinstance(element, (str, int, float, Decimal)) and _text(op, element, operand, region)
    read = _as_operand(element, operand)
    if isinstance(operand, bool):
        return read is operand
    return read is not None and _ordered(op, read, operand, region)


def _as_operand(element: Any, operand: Any) -> Any:
    """The JSON value in the operand's type; None when it cannot be read so."""
    try:
        if isinstance(operand, bool):
            return {"true": True, "false": False}.get(str(element).strip().casefold())
        if isinstance(operand, Decimal):
            number = None if isinstance(element, bool) else Decimal(str(element).strip())
            return number if number is not None and number.is_finite() else None
        if isinstance(operand, datetime):
            instant = datetime.fromisoformat(str(element).strip())
            return instant if instant.tzinfo else None
        return date.fromisoformat(str(element).strip()[:10])
    except (ValueError, InvalidOperation):  # Another kind of value is in the field: it satisfies nothing.
        return None


def _is_text(operand: Any) -> bool:
    return isinstance(operand, str)


def _is_boolean(operand: Any) -> bool:
    return isinstance(operand, bool)


def _is_number(operand: Any) -> bool:
    return isinstance(operand, Decimal) and operand.is_finite()


def _is_instant(operand: Any) -> bool:
    return isinstance(operand, datetime) and operand.tzinfo is not None


def _is_date(operand: Any) -> bool:
    return isinstance(operand, date) and not isinstance(operand, datetime)


def _is_custom(operand: Any) -> bool:
    return isinstance(operand, (str, bool)) or _is_number(operand) or _is_instant(operand) or _is_date(operand)


_OPERANDS: Mapping[FieldType, Callable[[Any], bool]] = {
    FieldType.BOOLEAN: _is_boolean,
    FieldType.CONSENT: _is_boolean,
    FieldType.NUMBER: _is_number,
    FieldType.MONEY: _is_number,
    FieldType.INSTANT: _is_instant,
    FieldType.DATE: _is_date,
    FieldType.CUSTOM: _is_custom,
}

_COMPARED: Mapping[FieldType, Callable[[Op, Any, Any, str], bool]] = {
    FieldType.TEXT: _text,
    FieldType.BOOLEAN: _boolean,
    FieldType.NUMBER: _ordered,
    FieldType.INSTANT: _ordered,
    FieldType.DATE: _ordered,
    FieldType.MONEY: _money,
    FieldType.EMAILS: _emails,
    FieldType.PHONES: _phones,
    FieldType.TAGS: _tags,
    FieldType.CONSENT: _consent,
    FieldType.LINK: _link,
    FieldType.LINKS: _links,
    FieldType.CUSTOM: _custom,
}
