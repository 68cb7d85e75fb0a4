"""A caller who hangs up: what was being done for it stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")

UNWATCHED = 0.05
"""Seconds in which nobody looks whether the caller is still there: most answers take less, and a look is a task."""


class HungUp(Exception):
    """The caller went away before its answer was ready."""


async def unless_hung_up(work: Coroutine[Any, Any, T], receive: Receive, unwatched: float = UNWATCHED) -> T:
    """The result of `work`; it is cancelled, and `HungUp` raised, when the connection closes first.

    Raises `RuntimeError` when the work cancels itself: that is a fault of ours and no wish of the caller.
    """
    # A timeout that ends when the caller goes: it knows whose cancelling was whose.
    staying = asyncio.timeout(None)
    watch = _Watch(receive, staying, unwatched)
    try:
        async with staying:
            return await work
    except TimeoutError:
        if staying.expired():
            raise HungUp from None
        raise
    except asyncio.CancelledError:
        if not _is_cancelled():
            raise RuntimeError("The execution was cancelled from within.") from None
        raise
    finally:
        await watch.end()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class _Watch:
    """Looks for the end of the connection, from a while after now."""

    def __init__(self, receive: Receive, staying: asyncio.Timeout, unwatched: float) -> None:
        self._receive = receive
        self._staying = staying
        self._loop = asyncio.get_running_loop()
        self._watching: asyncio.Task[None] | None = None
        self._beginning = self._loop.call_later(unwatched, self._begin)

    def _begin(self) -> None:
        self._watching = self._loop.create_task(self._gone())

    async def _gone(self) -> None:
        """Waits for the end of the connection; before it comes only the rest of a body that nobody reads."""
        message = await self._receive()
        while message["type"] != "http.disconnect":
            message = await self._receive()
        self._staying.reschedule(self._loop.time())

    async def end(self) -> None:
        """Leaves nothing running."""
        self._beginning.cancel()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
