"""Reading a request's body: no longer and no larger than allowed, both counted while it arrives."""

import asyncio
from dataclasses import dataclass

from starlette.types import Receive

from crmgraph.web.hang_up import HungUp
from crmgraph.web.headers import Headers
from crmgraph.web.refusal import Refused

# A refused body is still arriving, so the connection can serve nothing else.
_CLOSE = {"Connection": "close"}

SIZE = 256 * 1024  # bytes
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """`size` in bytes, also of a GET's query string; `seconds` for the whole body to arrive."""

    size: int = SIZE
    seconds: float = SECONDS


async def read_body(headers: Headers, receive: Receive, limits: Limits) -> bytes:
    """The whole body. Refused with 413 or 408; `HungUp` when the caller goes away meanwhile."""
    if _announced(headers) > limits.size:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _collected(receive, limits)
    except TimeoutError:
        message = f"The body did not arrive within {limits.seconds:g} seconds; send the request again."
        raise Refused(408, message, _CLOSE) from None


async def _collected(receive: Receive, limits: Limits) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limits.size:
            raise _too_large(limits)
    return bytes(body)


def _announced(headers: Headers) -> int:
    """What `Content-Length` promises; 0 when it promises nothing we can read, for the stream is counted anyway."""
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0


def _too_large(limits: Limits) -> Refused:
    return Refused(413, f"The body is larger than {limits.size} bytes; send a smaller request.", _CLOSE)
