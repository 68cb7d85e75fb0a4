"""One connection to a CRM, which carries one call at a time."""

import asyncio
from typing import cast

from crmgraph.connectors.exchange import Reply
from crmgraph.sources.answer import Answer
from crmgraph.sources.failures import closed


class Connection(asyncio.Protocol):
    """Whoever gives up on a call, by a time-out or because nobody waits any longer, ends the connection with it."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._transport: asyncio.Transport
        self._answer: Answer | None = None

    @property
    def open(self) -> bool:
        """Whether it can carry a call."""
        return not self._transport.is_closing()

    async def exchange(self, message: bytes, largest: int) -> Reply:
        """Send a call and hear its whole answer; raises NoAnswer and TooLarge as a transport does."""
        if not self.open:
            raise closed(sent=False)  # It was closed as soon as it stood.
        done: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answer = answer = Answer(done, largest)
        self._transport.write(message)
        try:
            return await done
        finally:
            self._answer = None
            if not answer.reusable or self._is_still_sending():
                self.cut()

    def cut(self) -> None:
        """Close it without waiting for anything."""
        self._transport.abort()

    def _is_still_sending(self) -> bool:
        """An answer may come before the call is wholly out; the rest of it would be in the way of the next."""
        return self.open and self._transport.get_write_buffer_size() > 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.cut()  # Nobody asked.
        else:
            self._answer.feed(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None:
            self._answer.end(error)
