"""Reading a body: whole or not at all, unpacked, and never more than we can hold."""

import zlib
from collections.abc import AsyncIterable, Mapping
from typing import Protocol

LARGEST = 20_000_000
"""The most bytes of one unpacked body."""

CUT = "broke off in the middle of its answer"
_PACKED = "packed its answer in a way that was not asked for"
_GARBLED = "sent an answer that cannot be unpacked"


class Broken(Exception):
    """A body that did not arrive as it was sent; the text says what the CRM did."""


class TooLarge(Exception):
    """A body beyond what we hold."""


async def whole_body(parts: AsyncIterable[bytes], headers: Mapping[str, str], largest: int = LARGEST) -> bytes:
    """The unpacked bytes of a body; `headers` are by name in lower case.

    Raises Broken when it ends early or cannot be unpacked, TooLarge as soon as it is more than `largest` bytes.
    """
    packing = _packing(headers)
    received, unpacked = 0, bytearray()
    async for part in parts:
        received += len(part)
        unpacked += packing.unpacked(part, largest + 1 - len(unpacked))
        if len(unpacked) > largest:
            raise TooLarge
    if received != _promised(headers, received) or (received and not packing.ended):
        raise Broken(CUT)
    return bytes(unpacked)


def _promised(headers: Mapping[str, str], otherwise: int) -> int:
    """How many bytes were announced; the end of a chunked body is checked by whoever joins its chunks."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and "transfer-encoding" not in headers else otherwise


class _Packing(Protocol):
    @property
    def ended(self) -> bool: ...

    def unpacked(self, part: bytes, most: int) -> bytes: ...


def _packing(headers: Mapping[str, str]) -> _Packing:
    match headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gzip()
    raise Broken(_PACKED)


class _Plain:
    ended = True

    def unpacked(self, part: bytes, most: int) -> bytes:
        return part


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
            raise Broken(_GARBLED) from None
