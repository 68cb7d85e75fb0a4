"""A clock for many who wait at once: time goes on to whoever is to be woken next, and only when all have settled."""

import asyncio
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

TURNS = 50
"""How often everybody who is awake has a turn before time goes on."""


class Timeline:
    def __init__(self) -> None:
        self.time = 1000.0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (self.time + seconds, next(self._numbers), woken))
        await woken

    async def go(self, seconds: float) -> None:
        """Let so much time pass."""
        end = self.time + seconds
        await self._settled()
        while self._waiting and self._waiting[0][0] <= end:
            at, _, woken = heappop(self._waiting)
            self.time = max(at, self.time)
            if not woken.done():
                woken.set_result(None)
                await self._settled()
        self.time = end

    async def _settled(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)
