"""Calls over any transport of httpx: an application in memory, a recording. Only this file knows httpx.

The transport is used without httpx's client: a client can follow redirects, keep cookies, read proxies from the
environment and log whole addresses, and each of these could carry a credential where it does not belong.
"""

import asyncio
import logging

import httpx

from crmgraph.connectors.exchange import Reply
from crmgraph.sources.body import Body
from crmgraph.sources.failures import (
    closed,
    cut,
    not_answered_in_time,
    not_connected_in_time,
    reset,
    unreached,
    unsendable,
)
from crmgraph.sources.transport import Asked, NoAnswer, Transport

AnyTransport = Transport | httpx.AsyncBaseTransport


class OverHttpx:
    """A transport of httpx as one of ours; what it raises may hold addresses and secrets, and nothing of it is kept."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        for name in ("httpx", "httpcore"):
            # Their debug and info lines hold whole addresses, credentials in queries included.
            logging.getLogger(name).setLevel(logging.WARNING)

    async def exchange(self, asked: Asked) -> Reply:
        """The whole reply; raises as any transport does."""
        try:
            async with asyncio.timeout(asked.timeout):
                return await self._exchanged(asked)
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            raise _in_our_words(error, asked) from None

    async def _exchanged(self, asked: Asked) -> Reply:
        response = await self._inner.handle_async_request(_request(asked))
        headers = dict(response.headers)
        # The stream gives the bytes as they came; httpx's own reading has no bound and takes a cut gzip body for whole.
        assert isinstance(response.stream, httpx.AsyncByteStream)
        try:
            body = Body(headers, asked.largest)
            async for part in response.stream:
                body.feed(part)
        except (httpx.NetworkError, httpx.ProtocolError):
            raise cut() from None
        finally:
            await response.aclose()
        if body.received != _promised(response.status_code, headers, body.received):
            raise cut()
        return Reply(response.status_code, headers, body.whole())

    async def aclose(self) -> None:
        """Close what is under it."""
        await self._inner.aclose()


def _request(asked: Asked) -> httpx.Request:
    seconds = httpx.Timeout(asked.timeout, connect=min(asked.timeout, asked.connect)).as_dict()
    headers = httpx.Headers(list(asked.headers), encoding="utf-8")
    address = httpx.URL(asked.address)
    return httpx.Request(asked.method, address, headers=headers, content=asked.body, extensions={"timeout": seconds})


def _promised(status: int, headers: dict[str, str], otherwise: int) -> int:
    """How many bytes were announced; the end of a chunked body is checked by whoever joins its chunks."""
    length = headers.get("content-length", "")
    told = length.isdecimal() and "transfer-encoding" not in headers and status not in (204, 304)
    return int(length) if told else otherwise


def _in_our_words(error: Exception, asked: Asked) -> NoAnswer:
    if isinstance(error, httpx.ConnectTimeout):
        return not_connected_in_time(min(asked.timeout, asked.connect))
    if isinstance(error, httpx.ConnectError | UnicodeError):
        return unreached(error)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return not_answered_in_time(asked.timeout, sent=not isinstance(error, httpx.PoolTimeout))
    if isinstance(error, httpx.LocalProtocolError):
        return unsendable()
    if isinstance(error, httpx.RemoteProtocolError):
        return closed()
    return reset()
