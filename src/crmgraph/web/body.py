"""Reading a request's body: no longer and no larger than allowed, both counted while it arrives."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request

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


async def read_body(request: Request, limits: Limits) -> bytes:
    """The whole body. Refused with 413 or 408; `ClientDisconnect` when the caller hangs up meanwhile."""
    if _announced(request) > limits.size:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _collected(request, limits)
    except TimeoutError:
        message = f"The body did not arrive within {limits.seconds:g} seconds; send the request again."
        raise Refused(408, message, _CLOSE) from None


async def _collected(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.size:
            raise _too_large(limits)
    return bytes(body)


def _announced(request: Request) -> int:
    """What `Content-Length` promises; 0 when it promises nothing we can read, for the stream is counted anyway."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _too_large(limits: Limits) -> Refused:
    return Refused(413, f"The body is larger than {limits.size} bytes; send a smaller request.", _CLOSE)
