"""What people decided of identity, as reading knows it: asked for each time, for it costs nothing while nobody decides.

A store that fails is no reason to answer nothing. What was last known goes on to hold, and the answer can say so.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog

from crmgraph.domain.judgements import NOTHING, Judged
from crmgraph.domain.records import Ref
from crmgraph.service.ports import Clock, StoreUnavailable

Ask = Callable[[], Awaitable[Judged]]
"""Tells what stands, the same object for as long as nobody decides anything; raises StoreUnavailable."""

LONGEST = 2.0
"""Seconds that a store is waited for."""

PAUSE = 15.0
"""Seconds for which a store that failed is not asked again."""

_log = structlog.get_logger("crmgraph.judging")


async def nobody() -> Judged:
    """Where nobody can decide."""
    return NOTHING


class Judging:
    """What stands; `judged` is what was last known."""

    def __init__(self, clock: Clock, ask: Ask = nobody) -> None:
        self.judged = NOTHING
        self._clock = clock
        self._ask = ask
        self._failed: float | None = None
        self._same: Mapping[Ref, Collection[Ref]] = {}

    async def ready(self) -> bool:
        """Take in what was decided since; False where that cannot be told."""
        if self._failed is not None and self._clock.monotonic() - self._failed < PAUSE:
            return False
        try:
            async with asyncio.timeout(LONGEST):
                judged = await self._ask()
        except (StoreUnavailable, TimeoutError) as error:
            self._failed = self._clock.monotonic()
            _log.warning("what people decided cannot be told", error=str(error))
            return False
        self._failed = None
        if judged is not self.judged:
            self.judged, self._same = judged, _partners(judged)
        return True

    def same(self, ref: Ref) -> Collection[Ref]:
        """The records of which people decided that they are this one's person."""
        return self._same.get(ref, ())


def _partners(judged: Judged) -> Mapping[Ref, Collection[Ref]]:
    found: defaultdict[Ref, list[Ref]] = defaultdict(list)
    for a, b in judged.same:
        found[a].append(b)
        found[b].append(a)
    return found
