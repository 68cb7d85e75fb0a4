"""What carries a call: the port between a send and whatever lies under it."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from crmgraph.connectors.exchange import Reply

CONNECT = 5.0
"""Seconds in which a connection stands or never will, where nothing else is said."""

Headers = tuple[tuple[str, str], ...]
"""Names and values, as they are to be spelled."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it goes out: `address` absolute and in ASCII, header names each at most once.

    `timeout` is seconds for all of it, `connect` those of them in which a connection must stand. `largest` is the most
    bytes of the unpacked body that are taken. What proves who is calling is in it, so that it is hidden wherever it is
    printed.
    """

    method: str
    address: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes | None = field(repr=False)
    timeout: float
    largest: int
    connect: float = CONNECT


class NoAnswer(Exception):
    """Why no whole answer came: `did` is the predicate of a sentence about the CRM, and holds nothing of the call.

    `sent` says whether some of the call may have gone out.
    """

    def __init__(self, did: str, sent: bool = True) -> None:
        super().__init__(did)
        self.did = did
        self.sent = sent


class TooLarge(Exception):
    """A body beyond what was to be taken."""


@runtime_checkable
class Transport(Protocol):
    """Carries calls of one source."""

    async def exchange(self, asked: Asked) -> Reply:
        """The whole reply, its body unpacked, within `asked.timeout`.

        Raises NoAnswer when none comes or it did not arrive as it was sent, TooLarge as soon as its body is more than
        `asked.largest` bytes. A connection whose call was given up carries no other.
        """

    async def aclose(self) -> None:
        """Give the connections back."""
