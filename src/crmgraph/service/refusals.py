"""Refused attempts on their way to the audit log: counted, and told together from time to time.

Whoever is refused can try again as often as they like; they must not fill the log, nor keep the store busy.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from crmgraph.domain.errors import CrmGraphError
from crmgraph.service.auditing import Entry
from crmgraph.service.writing.stores import Stores

EVERY = 5.0
"""Seconds between two tellings."""

MOST = 100
"""How many different ones are told apart in that time."""

OTHERS = Entry("(several)", "refused", "REFUSED")
"""What stands for those beyond."""

_log = structlog.get_logger("crmgraph.audit")


class Refusals:
    """What was refused since it was last told."""

    def __init__(self, stores: Stores, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._stores = stores
        self._sleep = sleep
        self._waiting: Counter[Entry] = Counter()

    def note(self, entry: Entry) -> None:
        """Count one; it waits for nothing and cannot fail."""
        known = entry in self._waiting or len(self._waiting) < MOST
        self._waiting[entry if known else OTHERS] += entry.times

    async def keep(self) -> None:
        """Tell them for ever; what a store cannot take now is told later."""
        while True:
            await self._sleep(EVERY)
            await self.flush()

    async def flush(self) -> None:
        """Tell what waits."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, Counter()
        try:
            await self._stores.audit.note(*(replace(entry, times=times) for entry, times in waiting.items()))
        except CrmGraphError as error:
            _log.warning("refusals were not written to the audit log yet", error=error.for_logs)
            for entry, times in waiting.items():
                self.note(replace(entry, times=times))
