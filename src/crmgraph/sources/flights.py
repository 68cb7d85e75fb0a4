"""Reads that are under way: who asks the same while one is shares its reply, as long as no write lies between."""

from collections.abc import Awaitable, Callable

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.service.flights import Flights
from crmgraph.service.ports import Tally
from crmgraph.sources.auth import Send
from crmgraph.sources.writes import Writes

Read = Callable[[Call, Tally], Awaitable[Reply]]
"""From a call that reads to its reply; the tally is told what it cost."""


def shared(send: Send, writes: Writes) -> Read:
    """A read that joins an equal one under way."""
    flights: Flights[Call, Reply] = Flights(lambda: writes.mark)

    async def read(call: Call, tally: Tally) -> Reply:
        def told(joined: bool) -> None:
            if joined:
                tally.joined()
            else:
                tally.made()

        return await flights.outcome(call, lambda: send(call), told)

    return read
