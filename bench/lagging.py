"""How late an event loop is: a probe inside the process sleeps, and sees by how much it was woken too late.

On a machine that others use too, being late says as much about them; so the probe also sees the CPU that its own loop
took meanwhile.
"""

import asyncio
import time
from types import TracebackType

STEP = 0.005
"""Seconds that the probe sleeps."""


class Lag:
    """The seconds by which the loop was late, and those it was busy, from entering to leaving."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._busy: list[float] = []

    async def __aenter__(self) -> "Lag":
        self._task = asyncio.create_task(self._look())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        # Whatever held the loop up to now is seen once more before the probe ends.
        await asyncio.sleep(STEP)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            begun, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(STEP)
            self._busy.append(time.thread_time() - used)
            self._late.append(time.perf_counter() - begun - STEP)

    def late(self, share: float) -> float:
        """The lag that is not exceeded in a share of all looks."""
        return _quantile(self._late, share)

    def busy(self, share: float) -> float:
        """The CPU that is not exceeded in a share of all looks."""
        return _quantile(self._busy, share)


def _quantile(seen: list[float], share: float) -> float:
    ordered = sorted(seen)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
