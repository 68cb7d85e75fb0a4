"""A call as it goes over the wire: HTTP/1.1, one head and the body behind it."""

import re
from functools import lru_cache

from crmgraph.sources.failures import unsendable
from crmgraph.sources.transport import Asked, Headers

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$")

_SAYS_ITS_LENGTH = {"POST", "PUT", "PATCH"}
"""The methods whose calls say so when they have no body."""


class Messages:
    """Makes the messages to one host, given as it stands in the Host header; headers that come again are made once."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._lines = lru_cache(maxsize=64)(_lines)

    def message(self, asked: Asked, target: str) -> bytes:
        """The bytes of a call; `target` is what follows the host in its address.

        Raises NoAnswer where a header cannot be sent, because it could hold a line of its own.
        """
        lines = self._lines(asked.headers)
        body = asked.body or b""
        length = f"Content-Length: {len(body)}\r\n" if body or asked.method in _SAYS_ITS_LENGTH else ""
        head = f"{asked.method} {target} HTTP/1.1\r\nHost: {self._host}\r\n{length}"
        return b"".join((head.encode("ascii"), lines, b"\r\n", body))


def _lines(headers: Headers) -> bytes:
    if not all(_NAME.fullmatch(name) and _UNFIT.search(value) is None for name, value in headers):
        raise unsendable()
    try:
        return "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    except UnicodeEncodeError:
        raise unsendable() from None
