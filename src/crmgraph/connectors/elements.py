"""One thing of several parts, an e-mail, an address or a link, as lines of generated Python that make it of its parts.

The lines stand in a loop, over a list or over one, and leave it at the first part of an unusual form.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crmgraph.connectors.expressions import Lines, at
from crmgraph.connectors.spec_words import Paths
from crmgraph.domain.model import FieldType


@dataclass(frozen=True, slots=True)
class Element:
    """`lines` read the parts, `there` says whether they are anything, `made` is the expression that makes it."""

    lines: Lines
    there: str
    made: str


_WORDS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.EMAILS: ("value", "kind"),
    FieldType.PHONES: ("value", "kind"),
    FieldType.ADDRESSES: ("street", "city", "region", "postal_code", "country", "kind"),
    FieldType.LINK: ("id", "name"),
    FieldType.LINKS: ("id", "name"),
}
"""The parts that are texts."""


def element(parts: Mapping[str, Paths], type: FieldType, source: str, indent: str) -> Element | None:
    """How a thing is made of the parts of `source`; None where a part is no plain path."""
    found = {
        name: at(source, path) if isinstance(path, str) and "*" not in path else None for name, path in parts.items()
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
        return Element(lines, "True", f"{shape}({words.get('value')}, {words.get('kind')}, {primary})")
    there = " or ".join(variable for name, variable in words.items() if name != "kind") or "False"
    shape = "Address" if type is FieldType.ADDRESSES else "Link"
    return Element(lines, there, f"{shape}({', '.join(str(words.get(name)) for name in _WORDS[type])})")


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


def _custom(found: Mapping[str, str | None], indent: str) -> Element:
    names = ("key", "value", "label", "type")
    lines = [f"{indent}c{number} = {found.get(name)}" for number, name in enumerate(names)]
    lines.append(f"{indent}if c0.__class__ is not str: break")
    return Element(lines, "c1 is not None and c1 != '' and c1 != []", "Custom(c0, c1, c2, c3)")
