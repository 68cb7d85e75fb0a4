"""What a write means to do and how far it has come: intents, their steps, and which state may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from crmgraph.domain.errors import CrmGraphError

IntentId = str
"""32 hexadecimal digits."""


class StepState(StrEnum):
    """How far a step has come. UNKNOWN: it was sent, and nobody could find out what became of it."""

    PLANNED = "PLANNED"
    SENDING = "SENDING"
    DONE = "DONE"
    UNCHANGED = "UNCHANGED"
    REJECTED = "REJECTED"
    UNSUPPORTED = "UNSUPPORTED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


OPEN = frozenset({StepState.PLANNED, StepState.SENDING})
"""The states that somebody still has to bring to an end."""

_FOUND_OUT = frozenset({StepState.DONE, StepState.UNCHANGED, StepState.REJECTED, StepState.FAILED})

NEXT: Mapping[StepState, frozenset[StepState]] = MappingProxyType(
    {
        # What was never sent cannot be done, and cannot be unknown either.
        StepState.PLANNED: frozenset(
            {
                StepState.SENDING,
                StepState.UNCHANGED,
                StepState.REJECTED,
                StepState.UNSUPPORTED,
                StepState.FAILED,
            }
        ),
        # SENDING again is another attempt; whether that is safe is for the sender to know.
        StepState.SENDING: _FOUND_OUT | {StepState.SENDING, StepState.UNSUPPORTED, StepState.UNKNOWN},
        # What is unknown may be found out later, but it is never sent again.
        StepState.UNKNOWN: _FOUND_OUT,
        StepState.DONE: frozenset(),
        StepState.UNCHANGED: frozenset(),
        StepState.REJECTED: frozenset(),
        StepState.UNSUPPORTED: frozenset(),
        StepState.FAILED: frozenset(),
    }
)
"""Each state → the states that may follow it."""


def before(state: StepState) -> frozenset[StepState]:
    """The states that `state` may follow."""
    return frozenset(one for one, following in NEXT.items() if state in following)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One change at one source. `action` is the definition's word for it (`create`, `update`, a named flow).

    `record` is the id of the record to be changed, None where it is to be created. `clue` is JSON: whatever finds out
    later what became of the step (a native key, a distinguishing key, how long to let it settle).
    """

    source: str
    resource: str
    action: str
    record: str | None = None
    clue: bytes = b"{}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a caller asked for, before anything is sent: `input` is the mutation's input as JSON.

    `key` is the caller's idempotency key; the plan is tied to it, so that after a crash the key leads to the intent.
    """

    caller: str
    mutation: str
    input: bytes
    steps: tuple[PlannedStep, ...]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended. `record` is the id the CRM gave or found, `reason` one sentence for people.

    `told` is JSON: what else the payload says about this source, such as the fields it ignored or altered.
    """

    state: StepState
    record: str | None = None
    reason: str | None = None
    told: bytes | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A planned step and how far it has come; `number` is its place in the plan, `attempts` how often it was sent."""

    number: int
    plan: PlannedStep
    state: StepState
    attempts: int
    record: str | None
    reason: str | None
    told: bytes | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A plan in the journal. `settled_at` is None as long as a step is open."""

    id: IntentId
    caller: str
    mutation: str
    input: bytes
    key: str | None
    created_at: datetime
    settled_at: datetime | None
    steps: tuple[Step, ...]


class LostIntent(CrmGraphError):
    """Somebody else has taken this intent over, or it is gone: this worker may do nothing more about it."""

    code = "LOST_INTENT"


class IllegalStep(CrmGraphError):
    """A step was to enter a state that cannot follow the one it is in: a mistake of ours."""
