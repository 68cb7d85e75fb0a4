"""Values of fields as JSON has them, and back."""

import datetime as time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from crmgraph.domain import model
from crmgraph.domain.model import FIELDS, FieldType, Kind

_SHAPES: Mapping[FieldType, Any] = {
    FieldType.TEXT: str,
    FieldType.BOOLEAN: bool,
    FieldType.NUMBER: Decimal,
    FieldType.INSTANT: time.datetime,
    FieldType.DATE: time.date,
    FieldType.EMAILS: tuple[model.Email, ...],
    FieldType.PHONES: tuple[model.Phone, ...],
    FieldType.ADDRESSES: tuple[model.Address, ...],
    FieldType.TAGS: tuple[model.TagName, ...],
    FieldType.CUSTOM: tuple[model.Custom, ...],
    FieldType.CONSENT: model.Consent,
    FieldType.MONEY: model.Money,
    FieldType.LINK: model.Link,
    FieldType.LINKS: tuple[model.Link, ...],
    FieldType.OPTIONS: tuple[model.Option, ...],
    FieldType.JSON: Any,
}


def plain_value(kind: Kind, field: str, value: Any) -> Any:
    """A field's value as JSON has it."""
    return msgspec.to_builtins(list(value) if isinstance(value, tuple) else value)


def made_value(kind: Kind, field: str, told: Any) -> Any:
    """The value that `plain_value` told of."""
    return None if told is None else msgspec.convert(told, _SHAPES[FIELDS[kind][field].type])
