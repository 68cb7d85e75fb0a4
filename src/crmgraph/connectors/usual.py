"""The usual forms of fields, as text of Python that reads them: what the whole way makes of each, it makes as well.

The text is for a function that has the record's JSON, an object, as `raw` and puts what it makes into `values`; what is
of another form it leaves out. Nothing of a definition goes into it but by `repr`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from crmgraph.connectors.elements import element
from crmgraph.connectors.expressions import Lines, at, first
from crmgraph.connectors.paths import step
from crmgraph.connectors.spec_fields import Block
from crmgraph.connectors.spec_words import Paths
from crmgraph.connectors.transforms import Unreadable, parse_instant
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import Address, Custom, Email, Field, FieldType, Link, Phone, TagName
from crmgraph.domain.records import Getter

_REMEMBERED = 65_536

_FEW = 100
"""How many different values of a field that has words are remembered."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a field of a usual form is read: `lines(name, extra)` are the text, `extra` is what that knows by a name."""

    lines: Callable[[str, str], Lines]
    extra: Any = None
    names: Mapping[str, Any] = field(default_factory=lambda: NAMES)


def form_of(field: Field, block: Block, whole: Getter) -> Form | None:
    """The usual form of a field, None where it has none; `whole` is its own getter."""
    said = block.model_fields_set - {"write", "on", "limit", "key", "spread", "beside"}
    if said in ({"read", "words"}, {"read", "words", "otherwise"}):
        return _worded(block.read, whole)
    if field.values is not None:
        return None
    if said == {"read"}:
        return _read(block.read, field.type)
    if said == {"object"}:
        return _object(block.object or {}, field.type)
    return _each(block.each or "", block.object or {}, field.type) if said == {"each", "object"} else None


@lru_cache(_REMEMBERED)
def instant(value: str) -> Any:
    """A time as the whole way reads it, None where it cannot."""
    try:
        return parse_instant(value)
    except Unreadable:
        return None


NAMES: Mapping[str, Any] = {
    **{one.__name__: one for one in (Address, Custom, Email, Link, Phone, TagName)},
    "instant": instant,
    "step": step,
    "SCALARS": frozenset({str, bool, int}),
}
"""What the text may name."""


def _read(paths: Paths | None, type: FieldType) -> Form | None:
    found, made = first(paths), _MADE.get(type)
    return None if found is None or made is None else Form(lambda name, extra: [*found, *made(f"values[{name}]")])


def _text(to: str) -> Lines:
    return [f" if v.__class__ is str: {to} = v if v and not v.isspace() else None", f" elif v is None: {to} = None"]


def _instant(to: str) -> Lines:
    return [
        f" if v.__class__ is str and (t := instant(v)) is not None: {to} = t",
        f" elif v is None: {to} = None",
    ]


def _boolean(to: str) -> Lines:
    return [f" if v is None or v.__class__ is bool: {to} = v"]


def _link(to: str) -> Lines:
    return [
        f" if v.__class__ is str: {to} = Link(v) if v and not v.isspace() else None",
        f" elif v.__class__ is int: {to} = Link(str(v))",
        f" elif v is None: {to} = None",
    ]


def _texts(shape: str) -> Callable[[str], Lines]:
    """A list of texts, or one alone."""

    def lines(to: str) -> Lines:
        return [
            f" if v.__class__ is str: {to} = ({shape}(v),) if v and not v.isspace() else None",
            " elif v.__class__ is list:",
            "  m = []",
            "  for w in v:",
            "   if w.__class__ is not str: break",
            f"   if w and not w.isspace(): m.append({shape}(w))",
            f"  else: {to} = tuple(m) or None",
            f" elif v is None: {to} = None",
        ]

    return lines


_MADE: Mapping[FieldType, Callable[[str], Lines]] = {
    FieldType.TEXT: _text,
    FieldType.INSTANT: _instant,
    FieldType.BOOLEAN: _boolean,
    FieldType.LINK: _link,
    FieldType.EMAILS: _texts("Email"),
    FieldType.PHONES: _texts("Phone"),
    FieldType.TAGS: _texts("TagName"),
}
"""What becomes of the `v` that a path gave."""


def _worded(paths: Paths | None, whole: Getter) -> Form | None:
    """What the whole way made of each value is remembered: they are few."""
    looked = first(paths)
    known: dict[tuple[type, Any], Any] = {}

    def meaning(raw: Any, value: Any) -> Any:
        key = (value.__class__, value)
        if key in known:
            return known[key]
        try:
            found = whole(raw, {})
        except BadReply:  # It is told when the field is read.
            return None
        if len(known) < _FEW:
            known[key] = found
        return found

    def lines(name: str, extra: str) -> Lines:
        told = f" if v.__class__ in SCALARS and (t := {extra}(raw, v)) is not None: values[{name}] = t"
        return [*(looked or ()), told]

    return None if looked is None else Form(lines, meaning)


def _each(path: str, parts: Mapping[str, Paths], type: FieldType) -> Form | None:
    one, place = element(parts, type, "w", "   "), at("raw", path)
    if one is None or place is None or "*" in path:
        return None

    def lines(name: str, extra: str) -> Lines:
        return [
            f" v = {place}",
            " if v.__class__ is list:",
            "  m = []",
            "  for w in v:",
            *one.lines,
            f"   if {one.there}: m.append({one.made})",
            f"  else: values[{name}] = tuple(m) or None",
            f" elif v is None: values[{name}] = None",
        ]

    return Form(lines)


def _object(parts: Mapping[str, Paths], type: FieldType) -> Form | None:
    """One thing whose parts are the record's own."""
    one = element(parts, type, "raw", "  ")
    if one is None:
        return None
    thing = one.made if type is FieldType.LINK else f"({one.made},)"

    def lines(name: str, extra: str) -> Lines:
        # A loop of one, so that it can be left in the middle as those over lists are.
        return [" for _ in '1':", *one.lines, f"  values[{name}] = {thing} if {one.there} else None"]

    return Form(lines)
