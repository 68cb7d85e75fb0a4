"""Whether a record holds what was asked of it: parts that nobody asked for may be anything."""

from typing import Any

from msgspec import Struct

from crmgraph.domain.model import Address, ConsentState, Custom, Email, Link, Phone, TagName

_UNASKED: dict[type, tuple[str, ...]] = {
    Link: ("name",),
    Custom: ("label", "type"),
    Email: ("primary",),
    Phone: ("primary",),
}
"""Parts that a CRM adds by itself."""


def holds(found: Any, asked: Any) -> bool:
    """Whether `found` is what was asked: as many things, e-mails and phones in the same order."""
    if asked in (None, (), ""):
        return found in (None, (), "", False)
    if isinstance(asked, tuple):
        return _all_held(found or (), asked)
    if isinstance(asked, TagName) and isinstance(found, TagName):
        return found.name.casefold() == asked.name.casefold()
    if isinstance(asked, Struct):
        return type(found) is type(asked) and _parts_hold(found, asked)
    return bool(found == asked) or (isinstance(found, dict) and found.get("id") == asked)


def _all_held(found: tuple[Any, ...], asked: tuple[Any, ...]) -> bool:
    if len(found) != len(asked):
        return False
    if isinstance(asked[0], Email | Phone):
        return all(holds(there, one) for there, one in zip(found, asked, strict=True))
    return all(any(holds(there, one) for there in found) for one in asked)


def _parts_hold(found: Any, asked: Any) -> bool:
    left_out = _UNASKED.get(type(asked), ()) if not (isinstance(asked, Link) and asked.id is None) else ("id",)
    for part in asked.__struct_fields__:
        wanted = getattr(asked, part)
        said = wanted not in (None, ConsentState.UNKNOWN) or isinstance(asked, Address | Custom)
        if part not in left_out and said and not holds(getattr(found, part), wanted):
            return False
    return True
