"""What an idempotency key leads to when a caller begins a mutation with it."""

from dataclasses import dataclass

from crmgraph.service.intents import IntentId


@dataclass(frozen=True, slots=True)
class Fresh:
    """Nobody has begun with this key; now this worker has, and must `finish` or `abandon` it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The same input was answered before: this JSON is the answer again."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Conflict:
    """The key was used before with another input."""


@dataclass(frozen=True, slots=True)
class Running:
    """The same input is being worked on, or its worker died and what it sent is still to be found out."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Its worker died before it could answer, and every step is settled by now: the answer is in the journal."""

    intent: IntentId


Beginning = Fresh | Stored | Conflict | Running | Unfinished
