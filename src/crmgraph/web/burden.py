"""How many bytes of requests are held until they are answered: the outer bound, whatever a graph takes in."""

from dataclasses import dataclass
from types import TracebackType

EACH = 4 * 1024
"""Bytes that a request is reckoned at beside its body."""


@dataclass(slots=True)
class Burden:
    """The bytes that are held."""

    most: int
    held: int = 0


class Load:
    """One request's part of the burden, for as long as it is entered."""

    __slots__ = ("_burden", "_bytes")

    def __init__(self, burden: Burden) -> None:
        self._burden = burden
        self._bytes = 0

    def add(self, count: int) -> bool:
        """Take on so many bytes more; False when that is more than may be held."""
        self._bytes += count
        self._burden.held += count
        return self._burden.held <= self._burden.most

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, sort: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._burden.held -= self._bytes
        self._bytes = 0
