"""The machine's own clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """What time it is here."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()
