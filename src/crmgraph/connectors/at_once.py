"""Plain fields of a record read at once, by one function that is generated for those that are asked for.

Only what has the usual form is read so; the rest is left to each field's own getter, which tells what is wrong with it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.mapping import block_of
from crmgraph.connectors.quick import instant
from crmgraph.connectors.spec_fields import Block
from crmgraph.connectors.spec_words import Paths
from crmgraph.domain.model import Field, FieldType, Link
from crmgraph.domain.records import Fill

MOST = 256
"""How many sets of fields a resource remembers its function for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plain field lies: the names on the way to it, and its type."""

    steps: tuple[str, ...]
    type: FieldType


def place_of(field: Field, spec: Paths | Block) -> Place | None:
    """The place of a field that is one value at one path, None for any other."""
    block = block_of(spec)
    said = block.model_fields_set - {"write", "on", "limit", "key", "spread", "beside"}
    if said != {"read"} or not isinstance(block.read, str) or field.values is not None or field.type not in _MADE:
        return None
    steps = tuple(step for step in block.read.strip().split(".") if step)
    is_plain = steps and all(step != "*" and not step.isdigit() and "|" not in step for step in steps)
    return Place(steps, field.type) if is_plain else None


def filler(places: Mapping[str, Place]) -> Callable[[Collection[str]], Fill]:
    """From the fields that are asked for to what fills in those of them that have a place."""
    known: dict[frozenset[str], Fill] = {}

    def filling(fields: Collection[str]) -> Fill:
        wanted = frozenset(fields)
        found = known.get(wanted)
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[wanted] = _generated({name: one for name, one in places.items() if name in wanted})
        return found

    return filling


def _generated(places: Mapping[str, Place]) -> Fill:
    """`fill(raw, values)` as text, and that compiled. Every name in it is written by `repr`."""
    lines = ["def fill(raw, values):", " if raw.__class__ is not dict: return"]
    for name, place in places.items():
        lines += [f" v = {_found('raw', place.steps)}", *_MADE[place.type](name)]
    space: dict[str, Any] = {"link": Link, "instant": instant}
    exec(compile("\n".join(lines), "<plain fields>", "exec"), space)
    fill: Fill = space["fill"]
    return fill


def _found(source: str, steps: tuple[str, ...]) -> str:
    first, *rest = steps
    got = f"{source}.get({first!r})"
    for step in rest:
        got = f"(o.get({step!r}) if (o := {got}).__class__ is dict else None)"
    return got


def _text(name: str) -> list[str]:
    return [
        f" if v.__class__ is str: values[{name!r}] = v if v and not v.isspace() else None",
        f" elif v is None: values[{name!r}] = None",
    ]


def _instant(name: str) -> list[str]:
    return [
        f" if v.__class__ is str and (t := instant(v)) is not None: values[{name!r}] = t",
        f" elif v is None: values[{name!r}] = None",
    ]


def _boolean(name: str) -> list[str]:
    return [f" if v is None or v.__class__ is bool: values[{name!r}] = v"]


def _link(name: str) -> list[str]:
    return [
        f" if v.__class__ is str: values[{name!r}] = link(v) if v and not v.isspace() else None",
        f" elif v.__class__ is int: values[{name!r}] = link(str(v))",
        f" elif v is None: values[{name!r}] = None",
    ]


_MADE: Mapping[FieldType, Callable[[str], list[str]]] = {
    FieldType.TEXT: _text,
    FieldType.INSTANT: _instant,
    FieldType.BOOLEAN: _boolean,
    FieldType.LINK: _link,
}
"""How a value `v` of each type is put among the values."""
