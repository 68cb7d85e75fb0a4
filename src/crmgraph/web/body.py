"""Reading a request's body: no longer and no larger than allowed, both counted while it arrives."""

import asyncio
from dataclasses import dataclass

from starlette.types import Receive

from crmgraph.domain.errors import Overloaded
from crmgraph.web.burden import Load
from crmgraph.web.hang_up import HungUp
from crmgraph.web.headers import Headers
from crmgraph.web.refusal import Refused

# A refused body is still arriving, so the connection can serve nothing else.
_CLOSE = {"Connection": "close"}

SIZE = 256 * 1024  # bytes
SECONDS = 10.0
TOGETHER = 64 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """`size` in bytes, also of a GET's query string; `seconds` for the whole body to arrive; `together` in bytes of all
    requests that are not answered yet.
    """

    size: int = SIZE
    seconds: float = SECONDS
    together: int = TOGETHER


async def read_body(headers: Headers, receive: Receive, limits: Limits, load: Load) -> bytes:
    """The whole body, a part of `load`. Refused with 413, 408 or 503; `HungUp` when the caller goes away meanwhile."""
    if _announced(headers) > limits.size:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _collected(receive, limits, load)
    except TimeoutError:
        message = f"The body did not arrive within {limits.seconds:g} seconds; send the request again."
        raise Refused(408, message, _CLOSE) from None


async def _collected(receive: Receive, limits: Limits, load: Load) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HungUp
        part = message.get("body", b"")
        body += part
        more = message.get("more_body", False)
        if len(body) > limits.size:
            raise _too_large(limits)
        if not load.add(len(part)):
            raise too_much()
    return bytes(body)


def too_much() -> Refused:
    """The refusal of a request for which there is no memory left."""
    message = "This server holds as many requests as it can; ask again in 1 s."
    return Refused(503, message, {"Retry-After": "1", **_CLOSE}, Overloaded.code)


def _announced(headers: Headers) -> int:
    """What `Content-Length` promises; 0 when it promises nothing we can read, for the stream is counted anyway."""
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0


def _too_large(limits: Limits) -> Refused:
    return Refused(413, f"The body is larger than {limits.size} bytes; send a smaller request.", _CLOSE)
