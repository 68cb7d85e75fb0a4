"""What is read live is kept in the replica too: later, together, and never at the cost of who asked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from crmgraph.domain.records import Record, Ref
from crmgraph.service.ports import StoreUnavailable
from crmgraph.service.replica import Replica
from crmgraph.service.syncing import KINDS

EVERY = 1.0
"""Seconds from one writing to the next."""

TOGETHER = 200
"""How many records are written in one transaction."""

MOST = 5_000
"""How many records wait at the most; what comes beyond is left to the next sync."""

_log = structlog.get_logger("crmgraph.replica")


class Hearsay:
    """Records that wait to be kept, of each the latest word; None says that it is gone."""

    def __init__(self, most: int = MOST) -> None:
        self._waiting: dict[Ref, Record | None] = {}
        self._most = most

    def heard(self, records: Sequence[Record]) -> None:
        """Keep what was just read, when there is time."""
        for record in records:
            if record.kind in KINDS and (record.ref in self._waiting or len(self._waiting) < self._most):
                self._waiting[record.ref] = record

    def gone(self, ref: Ref) -> None:
        """Keep that a record is no more."""
        self._waiting[ref] = None

    async def keep(self, replica: Replica, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Write what waits, for ever."""
        while True:
            await sleep(EVERY)
            await self.written(replica)

    async def written(self, replica: Replica) -> None:
        """Write everything that waits; what cannot be written is left to the next sync."""
        while self._waiting:
            part = {ref: self._waiting.pop(ref) for ref in list(self._waiting)[:TOGETHER]}
            try:
                await replica.take([one for one in part.values() if one is not None])
                await replica.gone([ref for ref, one in part.items() if one is None])
            except StoreUnavailable as failure:
                _log.warning("what was read is not kept", records=len(part), reason=failure.for_logs)
                return
