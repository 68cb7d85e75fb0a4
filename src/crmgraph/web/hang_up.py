"""A caller who hangs up: what was being done for it stops."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


class HungUp(Exception):
    """The caller went away before its answer was ready."""


async def unless_hung_up(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """The result of `work`; it is cancelled, and `HungUp` raised, when the connection closes first.

    Raises `RuntimeError` when the work cancels itself: that is a fault of ours and no wish of the caller.
    """
    doing = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait((doing, watching), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise HungUp
        if doing.cancelled():
            raise RuntimeError("The execution was cancelled from within.")
        return doing.result()
    finally:
        await _stopped(doing, watching)


async def _stopped(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    """Waits for the end of the connection; before it comes only the rest of a body that nobody reads."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
