"""Changes as JSON, and back: what the journal keeps of them."""

import datetime as time
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from crmgraph.domain import model
from crmgraph.domain.model import FIELDS, FieldType, Kind
from crmgraph.service.writing.changes import Action, Change, OnlyIf

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


def _plain(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_value(kind, name, value) if name != "id" else value for name, value in values.items()}


def _made(kind: Kind, told: Mapping[str, Any]) -> dict[str, Any]:
    """The values again; of a set's member the id is no field."""
    read = {name: _adapter(FIELDS[kind][name].type) for name in told if name != "id"}
    return {name: read[name].validate_python(one) if name in read else one for name, one in told.items()}


def encoded(change: Change, kind: Kind) -> dict[str, Any]:
    """A change as JSON has it."""
    return {
        "source": change.source,
        "resource": change.resource,
        "action": change.action.value,
        "id": change.id,
        "parent": change.parent,
        "values": _plain(kind, change.values),
        "add": list(change.add),
        "remove": list(change.remove),
        "links": {name: list(ids) for name, ids in change.links.items()},
        "save": [_plain(kind, one) for one in change.save],
    }


def decoded(told: Mapping[str, Any], kind: Kind) -> Change:
    """The change that `encoded` told of, without its condition: that was looked at before anything was sent."""
    return Change(
        source=told["source"],
        resource=told["resource"],
        action=Action(told["action"]),
        id=told["id"],
        parent=told["parent"],
        values=_made(kind, told["values"]),
        add=tuple(told["add"]),
        remove=tuple(told["remove"]),
        links={name: tuple(ids) for name, ids in told["links"].items()},
        save=tuple(_made(kind, one) for one in told["save"]),
        only_if=OnlyIf(),
    )


def as_bytes(told: Any) -> bytes:
    """JSON whose keys are in order, so that equal things are equal bytes."""
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
