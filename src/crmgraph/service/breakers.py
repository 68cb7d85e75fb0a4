"""How a source's breaker stands: whether a CRM that keeps failing is left alone for now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BreakerState(StrEnum):
    """CLOSED: calls go out. OPEN: none does for now. HALF_OPEN: a single call finds out whether the CRM is back."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class BreakerStatus:
    """`failures` are those that count now; `opened_at` and `retry_at` say since when it is open and when a call is
    tried again, None while it is closed. With `dry_run` it only tells what it would do.
    """

    state: BreakerState
    failures: int
    opened_at: datetime | None
    retry_at: datetime | None
    dry_run: bool
