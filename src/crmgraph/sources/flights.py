"""Reads that are under way: who asks the same while one is shares its reply, as long as no write lies between."""

from collections.abc import Awaitable, Callable

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.service.flights import Flights
from crmgraph.service.ports import Tally
from crmgraph.sources.writes import Writes

Read = Callable[[Call, Tally], Awaitable[Reply]]
"""From a call to its reply; the tally is told what it cost."""


def shared(read: Read, writes: Writes) -> Read:
    """A read that joins an equal one under way."""
    flights: Flights[Call, Reply] = Flights(lambda: writes.mark)

    async def joining(call: Call, tally: Tally) -> Reply:
        def told(joined: bool) -> None:
            if joined:
                tally.joined()

        return await flights.outcome(call, lambda: read(call, tally), told)

    return joining
