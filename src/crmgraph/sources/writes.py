"""The writes to one source: what was read before one ended is not given to anybody who asks after it began."""

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.sources.auth import Send


class Writes:
    """Counts the writes that this process sends to a source, and those that it hears of."""

    def __init__(self) -> None:
        self._told = 0
        self._under_way = 0

    @property
    def mark(self) -> int | None:
        """Stands for what the source holds, as far as we change it: equal marks lie between the same two writes.

        None while a write is under way: nobody can say what is read now.
        """
        return None if self._under_way else self._told

    def begin(self) -> None:
        """Say that a write is about to be sent."""
        self._told += 1
        self._under_way += 1

    def end(self) -> None:
        """Say that a write has ended, however it did."""
        self._told += 1
        self._under_way -= 1

    def heard(self) -> None:
        """Say that somebody else wrote."""
        self._told += 1


def noted(send: Send, writes: Writes) -> Send:
    """A send whose writes are counted."""

    async def guarded(call: Call) -> Reply:
        if call.terms is not None:
            return await send(call)
        writes.begin()
        try:
            return await send(call)
        finally:
            writes.end()

    return guarded
