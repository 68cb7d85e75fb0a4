"""Templates: JSON with `{slot}`s, filled from a mapping."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_SLOT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")

MISSING = object()
"""What a template gives when one of its slots has no value."""


def slots_in(template: Any) -> frozenset[str]:
    """The names of all slots in a template."""
    if isinstance(template, str):
        return frozenset(_SLOT.findall(template))
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


def _text(template: str, slots: Mapping[str, Any]) -> Any:
    names = _SLOT.findall(template)
    if not names:
        return template
    if any(slots.get(name) is None for name in names):
        return MISSING
    if template == f"{{{names[0]}}}":
        return slots[names[0]]
    return _SLOT.sub(lambda found: as_text(slots[found.group(1)]), template)


def fill_path(template: str, slots: Mapping[str, Any]) -> str:
    """Fill a URL path; every value is percent-encoded whole, so that an id can never change the path's shape."""
    return _SLOT.sub(lambda found: quote(as_text(slots[found.group(1)]), safe=""), template)


def as_text(value: Any) -> str:
    """A value as it stands inside a text or a query: JSON's words for truth values, a comma between several."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(as_text(one) for one in value)
    return str(value)
