"""What a CRM gave us by OAuth, and where it is kept: one set of tokens for each source, which all workers share."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token endpoint gave. From `renew_at` on it is to be renewed, from `ends_at` on it opens nothing.

    None: nobody said when. A `refresh` token is good for one use.
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    renew_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A source's tokens as they are kept. `version` grows with every change of them.

    `account` tells one connected account from another, whichever tokens it has. `refused` is why they cannot be renewed
    any more: then only a person can connect the source again.
    """

    tokens: Tokens
    version: int
    account: str
    refused: str | None = None


class TokenStore(Protocol):
    """The tokens of all sources; durable when a method returns. Each raises StoreUnavailable.

    A version is renewed by one worker at a time, which holds its lease. Whoever was too slow changes nothing: what is
    put or refused counts only for the version that it was made from.
    """

    async def read(self, source: str) -> Kept | None:
        """The tokens as they stand; None before the source was ever connected. Raises ConfigError without their key."""

    async def connect(self, source: str, account: str, tokens: Tokens) -> None:
        """Keep what a person has just agreed to, in the place of all that was before."""

    async def lease(self, source: str, version: int) -> bool:
        """Take on to renew this version; False when another worker has, or when it is not the last any more."""

    async def release(self, source: str, version: int) -> None:
        """Leave it to whoever comes next."""

    async def renew(self, source: str, version: int, tokens: Tokens) -> bool:
        """Put what this version was renewed to in its place; False when there is a newer one already."""

    async def refuse(self, source: str, version: int, reason: str) -> bool:
        """Say that this version cannot be renewed; False when there is a newer one already."""
