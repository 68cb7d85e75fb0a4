"""What happened, as the judge is told it: what was asked and answered, what the CRMs hold, what the journal says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Mutation = Literal["createContact", "updateContact", "addTags"]

DONE = frozenset({"DONE", "UNCHANGED"})
NOT_DONE = frozenset({"REJECTED", "FAILED", "UNSUPPORTED"})
UNKNOWN = "UNKNOWN"
SETTLED = DONE | NOT_DONE | {UNKNOWN}


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation. `mark` is a text of its own that stands in what it writes; `email` says whom it is about.

    `values` are the values that are to be held: `name`, `title`, and `tags` that are to be among others.
    """

    mark: str
    mutation: Mutation
    email: str
    values: Mapping[str, Any]
    input: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of one source; `altered` are the values that it says are not held as they were asked."""

    source: str
    outcome: str
    record: str | None = None
    altered: frozenset[str] = frozenset()


Answer = tuple[Told, ...]


@dataclass(slots=True)
class Heard:
    """One operation and all answers to it, the first one first; times are monotonic seconds.

    `died` counts how often a gateway was gone before it answered, `wrong` holds errors of the whole request.
    """

    asked: Asked
    began: float = 0.0
    ended: float | None = None
    answers: list[Answer] = field(default_factory=list)
    died: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """One record as a CRM holds it; a value that the CRM has no room for is absent from `values`."""

    source: str
    id: str
    emails: tuple[str, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """One step in the journal: `mark` is that of the operation it belongs to."""

    intent: str
    mark: str
    source: str
    state: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All there is to judge by; `listed` are the intents and sources that the gateway tells a person to look at."""

    heard: Sequence[Heard]
    held: Sequence[Held]
    written: Sequence[Written]
    listed: frozenset[tuple[str, str]]
