"""Waiting at the entrance: what `admission` decides, done."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from math import ceil
from typing import Protocol

from crmgraph.domain.errors import Overloaded
from crmgraph.service.admission import Admission, Standing, Ticket
from crmgraph.service.errands import Urgency
from crmgraph.service.ports import Clock

CallLater = Callable[[float, Callable[[], None]], Callable[[], None]]
"""Calls something in so many seconds; gives what takes that back."""


class Enter(Protocol):
    """The way in: inside, one knows for how many seconds one waited."""

    def __call__(self, urgency: Urgency, patience: float) -> AbstractAsyncContextManager[float]:
        """Entering raises Overloaded for who is turned away; `patience` is in seconds."""


def wide_open(urgency: Urgency, patience: float) -> AbstractAsyncContextManager[float]:
    """Everybody comes in at once."""
    return nullcontext(0.0)


def on_the_loop(seconds: float, do: Callable[[], None]) -> Callable[[], None]:
    """Call later by the running event loop."""
    return asyncio.get_running_loop().call_later(seconds, do).cancel


class Entrance:
    """The way into a process that takes in no more than its room has places for."""

    def __init__(self, admission: Admission, clock: Clock, call_later: CallLater = on_the_loop) -> None:
        self.admission = admission
        self._clock = clock
        self._call_later = call_later

    @asynccontextmanager
    async def enter(self, urgency: Urgency, patience: float) -> AsyncIterator[float]:
        """As `Enter` says."""
        came = self._clock.monotonic()
        ticket = self.admission.arrive(came, urgency, patience)
        try:
            if ticket.standing is Standing.WAITING:
                await self._turn(ticket)
            if ticket.standing is Standing.REFUSED:
                raise overloaded(self.admission.room.max_wait)
            yield self._clock.monotonic() - came
        finally:
            self.admission.leave(self._clock.monotonic(), ticket)

    async def _turn(self, ticket: Ticket) -> None:
        """Wait until somebody else's going decides, or patience ends."""
        decided = asyncio.Event()
        ticket.told = decided.set
        left = ticket.until - self._clock.monotonic()
        forget = self._call_later(left, lambda: self.admission.lose_patience(self._clock.monotonic(), ticket))
        try:
            await decided.wait()
        finally:
            forget()

    @property
    def is_overloaded(self) -> bool:
        """Whether so many have been turned away lately that others should ask elsewhere."""
        return self.admission.strain.is_too_much(self._clock.monotonic())


def overloaded(retry_after: float) -> Overloaded:
    """The refusal of one who may come back in so many seconds."""
    seconds = max(ceil(retry_after), 1)
    return Overloaded(f"This server has as many questions as it can answer; ask again in {seconds} s.", seconds)
