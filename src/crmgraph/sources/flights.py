"""Reads that are under way: who asks the same while one is shares its reply, as long as no write lies between."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.service.ports import Tally
from crmgraph.sources.auth import Send
from crmgraph.sources.writes import Writes

Read = Callable[[Call, Tally], Awaitable[Reply]]
"""From a call that reads to its reply; the tally is told what it cost."""


@dataclass(slots=True, eq=False)
class _Flight:
    """One call under way: `mark` is the source's when it began, `waiting` how many wait for it."""

    task: asyncio.Task[Reply]
    mark: int | None
    waiting: int = 0

    def takes(self, mark: int | None) -> bool:
        """Whether who asks now may join: it is still under way, and nothing was written since before it began."""
        return mark is not None and mark == self.mark and not self.task.done()

    async def landing(self) -> None:
        """Wait until it has ended; who stops waiting leaves it as it is."""
        ended = asyncio.get_running_loop().create_future()

        def end(_: object) -> None:
            if not ended.done():
                ended.set_result(None)

        self.task.add_done_callback(end)
        await ended


def shared(send: Send, writes: Writes) -> Read:
    """A read that joins an equal one under way. A failure is everybody's who waits for it, and nobody's afterwards."""
    flights: dict[Call, _Flight] = {}

    def boarded(call: Call, tally: Tally) -> _Flight:
        flight = flights.get(call)
        if flight is not None and flight.takes(writes.mark):
            tally.joined()
            return flight
        tally.made()
        flight = flights[call] = _Flight(asyncio.ensure_future(send(call)), writes.mark)
        flight.task.add_done_callback(lambda _: landed(call, flight))
        return flight

    def landed(call: Call, flight: _Flight) -> None:
        forget(call, flight)
        # A failure that nobody waits for any more must not be reported as one that was never looked at.
        flight.task.cancelled() or flight.task.exception()

    def forget(call: Call, flight: _Flight) -> None:
        if flights.get(call) is flight:
            del flights[call]

    async def read(call: Call, tally: Tally) -> Reply:
        flight = boarded(call, tally)
        flight.waiting += 1
        try:
            await flight.landing()
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                forget(call, flight)
                flight.task.cancel()
                await flight.landing()
        return flight.task.result()

    return read
