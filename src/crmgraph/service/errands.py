"""What a call is made for: until when its reply is of use, and how urgent it is.

It travels beside the call and not in it, for equal calls are equal whoever asks; so whoever drives a call sets it, and
the guards of a source read it. Work that is begun for several askers goes by the errand of the first.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from math import inf


class Urgency(IntEnum):
    """Who goes first where not all can go; the greater is the more urgent."""

    REPORT = 0
    """Reading in bulk: reports, the key index."""

    INTERACTIVE = 1
    """Somebody waits for the answer."""

    WRITE = 2
    """A mutation, which must not stop half way."""


@dataclass(frozen=True, slots=True)
class Errand:
    """`deadline` is a reading of the clock's monotonic seconds."""

    deadline: float = inf
    urgency: Urgency = Urgency.INTERACTIVE


ERRAND: ContextVar[Errand] = ContextVar("ERRAND", default=Errand())  # noqa: B039  # It is frozen.
"""What the calls of this task are made for."""
