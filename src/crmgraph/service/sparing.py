"""A store that is asked beside an answer: it is not waited for too long, and left alone for a while once it failed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from crmgraph.service.ports import Clock, StoreUnavailable

T = TypeVar("T")

LONGEST = 2.0
"""Seconds that a store is waited for."""

PAUSE = 15.0
"""Seconds for which a store that failed is not asked again."""


class Sparing:
    """What remembers whether the store failed lately."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: float | None = None

    @property
    def rests(self) -> bool:
        """Whether the store is left alone for now."""
        return self._failed is not None and self._clock.monotonic() - self._failed < PAUSE

    async def ask(self, work: Callable[[], Awaitable[T]]) -> T:
        """The work's result; raises StoreUnavailable."""
        try:
            async with asyncio.timeout(LONGEST):
                found = await work()
        except TimeoutError:
            self._failed = self._clock.monotonic()
            raise StoreUnavailable(f"The store did not answer within {LONGEST:g} seconds.") from None
        except StoreUnavailable:
            self._failed = self._clock.monotonic()
            raise
        self._failed = None
        return found
