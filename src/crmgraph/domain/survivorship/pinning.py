"""What people pinned: a value, or the record whose value is to be shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from crmgraph.domain.records import Ref
from crmgraph.domain.survivorship.saying import Said


class Pin(Struct, frozen=True, gc=False):
    """Somebody's word on a field: `value` in the field's own shape, or `record` whose value it is, whatever it says.

    `who` pinned it, at `when`, and told `why` if they did.
    """

    who: str
    when: datetime
    value: Any = None
    record: Ref | None = None
    why: str | None = None


Pins = Mapping[str, Pin]
"""Field name → what is pinned there."""

NO_PINS: Pins = MappingProxyType({})


def pinned(pin: Pin, held: Sequence[Said]) -> tuple[Any, Ref | None] | None:
    """The value and the record that holds it, None for the record where nobody does; None altogether where the pinned
    record is no longer there or has no value, so that the rules choose again.
    """
    if pin.record is not None:
        return next(((one.value, one.ref) for one in held if one.ref == pin.record), None)
    return pin.value, next((one.ref for one in held if one.value == pin.value), None)


def told(pin: Pin) -> str:
    """Who pinned it, when, and why, as people read it."""
    reason = f": {pin.why}" if pin.why else ""
    return f"{pin.who} pinned it on {pin.when:%Y-%m-%d}{reason}"
