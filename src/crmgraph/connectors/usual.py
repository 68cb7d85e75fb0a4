"""The usual forms of fields, as text of Python that reads them: what the whole way makes of each, it makes as well.

The text is for a function that has the record's JSON, an object, as `raw` and puts what it makes into `values`; what is
of another form it leaves out. Nothing of a definition goes into it but by `repr`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

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

Lines = list[str]


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


def _at(source: str, path: str) -> str | None:
    """What stands at a path, as an expression; None where the path has transforms or more than one `*`."""
    if "|" in path:
        return None
    steps = [part for part in path.strip().split(".") if part]
    if "*" not in steps:
        return _steps(source, steps) if steps else None
    place = steps.index("*")
    before, after = steps[:place], steps[place + 1 :]
    if not before or "*" in after:
        return None
    each = _steps("e", after) if after else "e"
    found = f"[w for e in b if (w := {each}) is not None]"
    return f"({found} if (b := {_steps(source, before)}).__class__ is list else None)"


def _steps(source: str, steps: list[str]) -> str:
    """The first step is into an object; of what is none, nothing is found."""
    first, *rest = steps
    if source == "raw" and not first.isdigit():
        found = f"raw.get({first!r})"
    else:
        found, rest = source, steps
    for one in rest:
        if one.isdigit():
            found = f"step({found}, {one!r})"
        else:
            found = f"(o.get({one!r}) if (o := {found}).__class__ is dict else None)"
    return found


def _first(paths: Paths | None) -> Lines | None:
    """Lines that put what stands at a path, or first at several, into `v`."""
    several = [paths] if isinstance(paths, str) else paths or []
    found = [_at("raw", one) for one in several]
    if not found or None in found:
        return None
    return [f" v = {found[0]}", *(f" if v is None or v == '' or v == []: v = {other}" for other in found[1:])]


def _read(paths: Paths | None, type: FieldType) -> Form | None:
    first, made = _first(paths), _MADE.get(type)
    return None if first is None or made is None else Form(lambda name, extra: [*first, *made(f"values[{name}]")])


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
    first = _first(paths)
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
        return [*(first or ()), told]

    return None if first is None else Form(lines, meaning)


def _each(path: str, parts: Mapping[str, Paths], type: FieldType) -> Form | None:
    element, at = _element(parts, type, "w", "   "), _at("raw", path)
    if element is None or at is None or "*" in path:
        return None
    body, made = element

    def lines(name: str, extra: str) -> Lines:
        return [
            f" v = {at}",
            " if v.__class__ is list:",
            "  m = []",
            "  for w in v:",
            *body,
            f"   if {made[0]}: m.append({made[1]})",
            f"  else: values[{name}] = tuple(m) or None",
            f" elif v is None: values[{name}] = None",
        ]

    return Form(lines)


def _object(parts: Mapping[str, Paths], type: FieldType) -> Form | None:
    """One thing whose parts are the record's own."""
    element = _element(parts, type, "raw", "  ")
    if element is None:
        return None
    body, (there, made) = element
    thing = made if type is FieldType.LINK else f"({made},)"

    def lines(name: str, extra: str) -> Lines:
        # A loop of one, so that it can be left in the middle as those over lists are.
        return [" for _ in '1':", *body, f"  values[{name}] = {thing} if {there} else None"]

    return Form(lines)


_WORDS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.EMAILS: ("value", "kind"),
    FieldType.PHONES: ("value", "kind"),
    FieldType.ADDRESSES: ("street", "city", "region", "postal_code", "country", "kind"),
    FieldType.LINK: ("id", "name"),
    FieldType.LINKS: ("id", "name"),
}
"""The parts that are texts."""


def _element(
    parts: Mapping[str, Paths], type: FieldType, source: str, indent: str
) -> tuple[Lines, tuple[str, str]] | None:
    """Lines that read one thing's parts and leave the loop at the first unusual one; then whether there is anything,
    and the expression that makes it.
    """
    found = {
        name: _at(source, path) if isinstance(path, str) and "*" not in path else None for name, path in parts.items()
    }
    if None in found.values() or not found or type not in (*_WORDS, FieldType.CUSTOM):
        return None
    if type is FieldType.CUSTOM:
        return _custom(found, indent)
    words = {name: f"p{number}" for number, name in enumerate(_WORDS[type]) if name in found}
    lines = [line for name, variable in words.items() for line in _word(variable, str(found[name]), name, indent)]
    if type in (FieldType.EMAILS, FieldType.PHONES):
        # Without a value the whole way decides.
        lines.append(f"{indent}if {words.get('value')} is None: break")
        shape = "Email" if type is FieldType.EMAILS else "Phone"
        primary = f"bool({found['primary']})" if "primary" in found else "False"
        return lines, ("True", f"{shape}({words.get('value')}, {words.get('kind')}, {primary})")
    there = " or ".join(variable for name, variable in words.items() if name != "kind") or "False"
    shape = "Address" if type is FieldType.ADDRESSES else "Link"
    return lines, (there, f"{shape}({', '.join(str(words.get(name)) for name in _WORDS[type])})")


def _word(variable: str, read: str, name: str, indent: str) -> Lines:
    """A text, None where it is blank; a number is one only as an id."""
    number = f"{indent} elif {variable}.__class__ is int: {variable} = str({variable})"
    return [
        f"{indent}{variable} = {read}",
        f"{indent}if {variable} is not None:",
        f"{indent} if {variable}.__class__ is str:",
        f"{indent}  if not {variable} or {variable}.isspace(): {variable} = None",
        *([number] if name == "id" else []),
        f"{indent} else: break",
    ]


def _custom(found: Mapping[str, str | None], indent: str) -> tuple[Lines, tuple[str, str]]:
    names = ("key", "value", "label", "type")
    lines = [f"{indent}c{number} = {found.get(name)}" for number, name in enumerate(names)]
    lines.append(f"{indent}if c0.__class__ is not str: break")
    return lines, ("c1 is not None and c1 != '' and c1 != []", "Custom(c0, c1, c2, c3)")
