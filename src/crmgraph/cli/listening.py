"""A port of our own, and connections that come to the point: uvicorn itself keeps half-sent requests open for ever,
and answers that nobody reads.
"""

import asyncio
import socket

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crmgraph.cli.joining import Joined
from crmgraph.domain.errors import InputError

HEAD_WITHIN = 10.0
"""Seconds in which a request's head must have come, from the connection or its first byte on."""

READ_WITHIN = 10.0
"""Seconds in which a caller must have read some of an answer that waits for them."""

LEAST_READ = 65_536
"""The bytes that count as some, unless it is the rest."""

LARGEST_HEAD = 65_536
"""The most bytes that a request's head may have."""


def listener(host: str, port: int) -> socket.socket:
    """A socket that is bound to the address; raises InputError when it is taken, forbidden or none of ours."""
    try:
        family, sort, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, sort, protocol)
    except OSError as wrong:
        raise _no(host, port, wrong) from None
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        # Bound is not enough: only one of two that are bound to a port may listen there.
        found.listen(2048)
    except OSError as wrong:
        found.close()
        raise _no(host, port, wrong) from None
    found.set_inheritable(True)
    return found


def _no(host: str, port: int, wrong: OSError) -> InputError:
    return InputError(f"Cannot listen on {host}:{port}: {(wrong.strerror or 'no such address').rstrip('.')}.")


class Punctual(HttpToolsProtocol):
    """uvicorn's protocol, which hangs up on who does not send a whole head in time, or too much of one, and on who does
    not read what they asked for.
    """

    head_within = HEAD_WITHIN
    largest_head = LARGEST_HEAD
    read_within = READ_WITHIN
    least_read = LEAST_READ
    _unread: asyncio.TimerHandle | None = None
    _waiting: asyncio.TimerHandle | None = None
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As in uvicorn's own.
        # So we hear of every answer that does not leave at once, and not of large ones only.
        transport.set_write_buffer_limits(high=0)
        super().connection_made(Joined(transport, self.loop))
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._waiting is not None:
            self._received += len(data)
            if self._received > self.largest_head and self._is_head_only(data):
                self.transport.close()
                return
        super().data_received(data)

    def _is_head_only(self, data: bytes) -> bool:
        """Whether this part, too, ends no head: a body may follow the head in the same part and be as long as it is."""
        return b"\r\n\r\n" not in data

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._waiting is None:
            self._wait()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_looking()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_later()

    def resume_writing(self) -> None:
        self._stop_looking()
        super().resume_writing()

    def _look_later(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(self.read_within, self._look, left)

    def _look(self, before: int) -> None:
        """Go on while the caller reads. To close would be to wait until they have read everything."""
        if before - self.transport.get_write_buffer_size() < self.least_read:
            self.transport.abort()
        else:
            self._look_later()

    def _stop_looking(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _wait(self) -> None:
        self._received = 0
        self._waiting = self.loop.call_later(self.head_within, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
