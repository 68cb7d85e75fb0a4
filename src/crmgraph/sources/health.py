"""How a source has been lately, told by its last calls."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import SourceError
from crmgraph.service.ports import Clock, SourceHealth
from crmgraph.sources.auth import Send

LATELY = 5
"""How many of the last calls say whether a source is slow."""


class Health:
    """What the last calls came to. A call is slow from `slow` seconds; a source, when most of its last calls were.

    `lost` says whether a person has to connect the source anew, whatever its last calls came to.
    """

    def __init__(self, slow: float, lost: Callable[[], bool] = lambda: False) -> None:
        self._slow = slow
        self._lost = lost
        self._last = SourceHealth.UNKNOWN
        self._seconds: deque[float] = deque(maxlen=LATELY)
        self.last_success: datetime | None = None

    @property
    def state(self) -> SourceHealth:
        """UNKNOWN before the first call."""
        if self._lost():
            return SourceHealth.RECONNECT
        return SourceHealth.SLOW if self._last is SourceHealth.OK and self._is_slow() else self._last

    def answered(self, status: int, seconds: float, now: datetime) -> None:
        """Count a whole reply, whatever it says."""
        self._seconds.append(seconds)
        self._last = _meaning(status)
        if self._last is SourceHealth.OK:
            self.last_success = now

    def failed(self) -> None:
        """Count a call without a whole reply."""
        self._last = SourceHealth.DOWN

    def abandoned(self, seconds: float) -> None:
        """Count a call that nobody waited for any longer: it says something only when it had been slow."""
        if seconds >= self._slow:
            self._seconds.append(seconds)
            self._last = SourceHealth.SLOW

    def _is_slow(self) -> bool:
        return 2 * sum(one >= self._slow for one in self._seconds) > len(self._seconds)


def _meaning(status: int) -> SourceHealth:
    if status in (401, 403, 407):
        return SourceHealth.DENIED
    if status == 429:
        return SourceHealth.THROTTLED
    return SourceHealth.DOWN if status >= 500 or status == 408 else SourceHealth.OK


def watched(send: Send, health: Health, clock: Clock) -> Send:
    """A send whose outcomes are counted."""

    async def guarded(call: Call) -> Reply:
        began = clock.monotonic()
        try:
            reply = await send(call)
        except SourceError:
            health.failed()
            raise
        except asyncio.CancelledError:
            health.abandoned(clock.monotonic() - began)
            raise
        health.answered(reply.status, clock.monotonic() - began, clock.now())
        return reply

    return guarded
