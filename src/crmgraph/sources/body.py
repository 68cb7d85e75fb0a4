"""Reading a body: whole or not at all, unpacked, and never more than we can hold."""

import zlib
from collections.abc import Mapping
from typing import Protocol

from crmgraph.sources.failures import cut
from crmgraph.sources.transport import NoAnswer, TooLarge

LARGEST = 20_000_000
"""The most bytes of one unpacked body."""

TIGHTEST = 200
"""How many times its own length an answer may unpack to; JSON stays far below it, and zeros come to a thousand."""

FREE = 1_000_000
"""Bytes that any answer may unpack to, however few it was packed in."""

_BOMB = "packed its answer tighter than any answer can be"
_PACKED = "packed its answer in a way that was not asked for"
_GARBLED = "sent an answer that cannot be unpacked"


class Body:
    """Gathers the unpacked bytes of a body as its parts come; `headers` are by name in lower case.

    Raises NoAnswer where it cannot be unpacked, or unpacks to what cannot have been meant.
    """

    def __init__(self, headers: Mapping[str, str], largest: int = LARGEST) -> None:
        self.received = 0
        self._packing = _packing(headers)
        self._parts: list[bytes] = []
        self._room = largest
        self._unpacked = 0

    def feed(self, part: bytes) -> None:
        """Take the next part; raises TooLarge as soon as all are more than the largest body."""
        self.received += len(part)
        likely = max(FREE, TIGHTEST * self.received) - self._unpacked
        unpacked = self._packing.unpacked(part, min(self._room, likely) + 1)
        self._room -= len(unpacked)
        self._unpacked += len(unpacked)
        if self._room < 0:
            raise TooLarge
        if len(unpacked) > likely:
            raise NoAnswer(_BOMB)
        self._parts.append(unpacked)

    def whole(self) -> bytes:
        """All of it; raises NoAnswer when more was to come."""
        if self.received and not self._packing.ended:
            raise cut()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


class _Packing(Protocol):
    @property
    def ended(self) -> bool: ...

    def unpacked(self, part: bytes, most: int) -> bytes: ...


def _packing(headers: Mapping[str, str]) -> _Packing:
    match headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return _PLAIN
        case "gzip" | "x-gzip":
            return _Gzip()
    raise NoAnswer(_PACKED)


class _Plain:
    ended = True

    def unpacked(self, part: bytes, most: int) -> bytes:
        return part


_PLAIN = _Plain()


class _Gzip:
    """Never makes more than it is asked for: a few bytes can unpack to gigabytes."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    @property
    def ended(self) -> bool:
        return self._inflate.eof

    def unpacked(self, part: bytes, most: int) -> bytes:
        if self._inflate.eof:
            return b""  # What follows the end belongs to nobody.
        try:
            return self._inflate.decompress(part, most)
        except zlib.error:
            raise NoAnswer(_GARBLED) from None
