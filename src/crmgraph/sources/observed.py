"""What a source's calls come to, told to whoever keeps account; who reads is told of what cost no call, as before."""

import asyncio
from contextvars import ContextVar

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import SourceError
from crmgraph.service.observing import ABANDONED, Made, Observer, Spared
from crmgraph.service.ports import Clock, Tally
from crmgraph.sources.auth import Send
from crmgraph.sources.flights import Read

_ATTEMPT: ContextVar[int] = ContextVar("_ATTEMPT", default=1)
"""Which attempt at a call this is, from 1: above the retries one knows who asks, and below them what is sent."""


def observed(send: Send, observer: Observer | None, clock: Clock) -> Send:
    """A send whose calls are told of, each by itself; the same send where nobody keeps account."""
    if observer is None:
        return send

    async def guarded(call: Call) -> Reply:
        began = clock.monotonic()

        def told(status: int | None, code: str | None = None) -> None:
            observer.called(Made(call.source, call.endpoint, status, code, clock.monotonic() - began, _ATTEMPT.get()))

        try:
            reply = await send(call)
        except SourceError as error:
            told(None, error.code)
            raise
        except asyncio.CancelledError:
            told(None, ABANDONED)
            raise
        told(reply.status)
        return reply

    return guarded


def counted(read: Read, source: str, observer: Observer | None) -> Read:
    """A read of which is told what it was spared and at which attempt it is; the same where nobody keeps account."""
    if observer is None:
        return read

    async def guarded(call: Call, tally: Tally) -> Reply:
        return await read(call, _Both(tally, source, observer))

    return guarded


class _Both:
    """The asker's tally, heard by the observer too."""

    __slots__ = ("_attempts", "_observer", "_source", "_tally")

    def __init__(self, tally: Tally, source: str, observer: Observer) -> None:
        self._tally = tally
        self._source = source
        self._observer = observer
        self._attempts = 0

    def made(self) -> None:
        self._attempts += 1
        _ATTEMPT.set(self._attempts)
        self._tally.made()

    def joined(self) -> None:
        self._tally.joined()
        self._observer.spared(self._source, Spared.JOINED)

    def aged(self, seconds: float) -> None:
        self._tally.aged(seconds)
        self._observer.spared(self._source, Spared.KEPT)
