"""What importing many contacts comes to: the import, its rows, and what became of each row at each source."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crmgraph.service.intents import IntentId

ImportId = str
"""32 hexadecimal digits."""


class ImportMode(StrEnum):
    """What is done about a row whose e-mail, or else phone, a source has already."""

    CREATE = "CREATE"
    UPSERT = "UPSERT"


class ImportState(StrEnum):
    """How far an import is. STOPPED: a source was given up, and some rows are left."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    STOPPED = "STOPPED"


class ItemOutcome(StrEnum):
    """What became of a row, from the least grave to the gravest: a row counts by the gravest of its sources."""

    UNCHANGED = "UNCHANGED"
    DONE = "DONE"
    UNSUPPORTED = "UNSUPPORTED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller wants imported; each row is JSON. `id` is set where an idempotency key stands for the import."""

    caller: str
    mode: ImportMode
    sources: tuple[str, ...]
    rows: tuple[bytes, ...]
    dry_run: bool = False
    id: ImportId | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands; `reason` says why it was stopped."""

    id: ImportId
    caller: str
    mode: ImportMode
    sources: tuple[str, ...]
    dry_run: bool
    total: int
    state: ImportState
    reason: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """One row's part at one source, still to be told.

    `attempts` counts the attempts that came to nothing, and `intent` is the one under which it goes with others.
    """

    number: int
    row: bytes
    attempts: int = 0
    intent: IntentId | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an attempt at a part came to, with its results as JSON; PENDING where it is to be made again."""

    part: Part
    outcome: ItemOutcome
    results: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A row and what became of it, with the results of each source that has told, as JSON."""

    number: int
    outcome: ItemOutcome
    results: tuple[bytes, ...]
