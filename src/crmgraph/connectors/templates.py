"""Templates: JSON with `{slot}`s, filled from a mapping; `{slot:;}` joins a list by what follows the colon."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from crmgraph.domain.errors import InputError

_SLOT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)(?::([^{}]*))?\}")

MISSING = object()
"""What a template gives when one of its slots has no value."""


def slots_in(template: Any) -> frozenset[str]:
    """The names of all slots in a template."""
    if isinstance(template, str):
        return frozenset(_names(template))
    if isinstance(template, Mapping):
        parts = [*template.keys(), *template.values()]
    else:
        parts = list(template) if isinstance(template, list | tuple) else []
    return frozenset[str]().union(*(slots_in(part) for part in parts))


def fill(template: Any, slots: Mapping[str, Any]) -> Any:
    """Fill every slot; a text that is one slot takes its type, and a key or element without a value is left out."""
    if isinstance(template, str):
        return _text(template, slots)
    if isinstance(template, Mapping):
        filled = {fill(key, slots): fill(value, slots) for key, value in template.items()}
        return {key: value for key, value in filled.items() if key is not MISSING and value is not MISSING}
    if isinstance(template, list):
        return [value for value in (fill(element, slots) for element in template) if value is not MISSING]
    return template


@lru_cache(4096)
def _names(template: str) -> tuple[str, ...]:
    """The slots of a text in their order; templates are few, and filled again and again."""
    return tuple(name for name, _ in _SLOT.findall(template))


def _text(template: str, slots: Mapping[str, Any]) -> Any:
    names = _names(template)
    if not names:
        return template
    if any(slots.get(name) is None for name in names):
        return MISSING
    if template == f"{{{names[0]}}}":
        return slots[names[0]]
    return _SLOT.sub(lambda found: as_text(slots[found[1]], found[2] or ","), template)


def fill_path(template: str, slots: Mapping[str, Any]) -> str:
    """Fill a URL path, each value percent-encoded; raises InputError for one that is missing or cannot be a segment.

    Servers decode `%2F` before they route and drop `..`, so encoding alone would let an id change the path's shape.
    """
    return _SLOT.sub(lambda found: _segment(found[1], slots.get(found[1])), template)


def _segment(name: str, value: Any) -> str:
    text = as_text(value)
    if value is None or not text:
        raise InputError(f"This cannot be asked without `{name}`, which is not known here.")
    if text in (".", "..") or not text.isprintable() or "/" in text or "\\" in text:
        said = (
            f"`{text[:80]}` cannot be part of a path, which is where this CRM takes `{name}`: a slash, or a letter that"
        )
        raise InputError(f"{said} cannot be printed, would lead elsewhere.")
    return quote(text, safe="")


def as_text(value: Any, separator: str = ",") -> str:
    """A value as it stands inside a text or a query: JSON's words for truth values, a separator between several."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return separator.join(as_text(one) for one in value)
    return str(value)
