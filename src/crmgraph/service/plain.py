"""Values of fields as JSON has them, and back."""

import datetime as time
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import TypeAdapter

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


@cache
def _adapter(kind: FieldType) -> TypeAdapter[Any]:
    return TypeAdapter(_SHAPES[kind] | None if kind is not FieldType.JSON else Any)


def plain_value(kind: Kind, field: str, value: Any) -> Any:
    """A field's value as JSON has it."""
    return _adapter(FIELDS[kind][field].type).dump_python(value, mode="json")


def made_value(kind: Kind, field: str, told: Any) -> Any:
    """The value that `plain_value` told of."""
    return _adapter(FIELDS[kind][field].type).validate_python(told)
