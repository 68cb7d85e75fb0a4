"""What is under way: who asks the same meanwhile shares its outcome, unless something was written since it began."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True, eq=False)
class Flight(Generic[V]):
    """One piece of work under way: `mark` stands for what was written before it began, `waiting` counts who waits."""

    task: asyncio.Task[V]
    mark: Hashable | None
    waiting: int = 0

    def takes(self, mark: Hashable | None) -> bool:
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


class Flights(Generic[K, V]):
    """Work that equal askers share. A failure is everybody's who waits for it, and nobody's afterwards.

    `mark` stands for what has been written so far; None while nobody can say, and then nobody shares.
    """

    def __init__(self, mark: Callable[[], Hashable | None]) -> None:
        self._mark = mark
        self._flights: dict[K, Flight[V]] = {}

    async def outcome(self, key: K, begin: Callable[[], Awaitable[V]], joined: Callable[[bool], None]) -> V:
        """The outcome of equal work under way, or of what `begin` begins; `joined` is told at once which it is.

        Who is cancelled leaves; when the last one leaves, the work is cancelled too.
        """
        flight = self._boarded(key, begin, joined)
        flight.waiting += 1
        try:
            await flight.landing()
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._forget(key, flight)
                flight.task.cancel()
                await flight.landing()
        return flight.task.result()

    def _boarded(self, key: K, begin: Callable[[], Awaitable[V]], joined: Callable[[bool], None]) -> Flight[V]:
        flight, mark = self._flights.get(key), self._mark()
        if flight is not None and flight.takes(mark):
            joined(True)
            return flight
        joined(False)
        task = asyncio.ensure_future(begin())
        assert isinstance(task, asyncio.Task)
        new = self._flights[key] = Flight(task, mark)
        task.add_done_callback(lambda _: self._landed(key, new))
        return new

    def _landed(self, key: K, flight: Flight[V]) -> None:
        self._forget(key, flight)
        # A failure that nobody waits for any more must not be reported as one that was never looked at.
        flight.task.cancelled() or flight.task.exception()

    def _forget(self, key: K, flight: Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
