"""How many calls of one source may be inside at once, so that a slow CRM gathers no crowd that waits for it."""

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import Throttled
from crmgraph.sources.auth import Send


class Bulkhead:
    """One source's: so many calls as `queue` says may wait for one of `concurrency` places."""

    def __init__(self, source: str, concurrency: int, queue: int) -> None:
        self._source = source
        self._most = concurrency + queue
        self._queue = queue
        self._inside = 0

    def enter(self) -> None:
        """Count a call that must leave again; raises Throttled where it would be one too many."""
        if self._inside >= self._most:
            said = f"{self._queue} calls wait for {self._source} already, which is the most that may; ask again later."
            error = Throttled(self._source, said)
            error.sent = False
            raise error
        self._inside += 1

    def leave(self) -> None:
        """The call has ended."""
        self._inside -= 1


def bounded(send: Send, bulkhead: Bulkhead) -> Send:
    """A send that refuses a call at once where too many wait already."""

    async def guarded(call: Call) -> Reply:
        bulkhead.enter()
        try:
            return await send(call)
        finally:
            bulkhead.leave()

    return guarded
