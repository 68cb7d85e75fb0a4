"""Changes as JSON, and back: what the journal keeps of them."""

from collections.abc import Mapping
from typing import Any

import orjson

from crmgraph.domain.model import Kind
from crmgraph.service.plain import made_value, plain_value
from crmgraph.service.writing.changes import Action, Change, OnlyIf


def _plain(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_value(kind, name, value) if name != "id" else value for name, value in values.items()}


def _made(kind: Kind, told: Mapping[str, Any]) -> dict[str, Any]:
    """The values again; of a set's member the id is no field."""
    return {name: made_value(kind, name, one) if name != "id" else one for name, one in told.items()}


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
