"""API keys: 256 random bits that prove who is calling. What is kept proves a key and does not tell it."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from crmgraph.domain.errors import InputError

_WRITTEN = re.compile(r"crmgraph_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}")
"""How a key may be called."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: `mac` proves it. Times are aware; a key that has expired or was revoked proves nothing."""

    id: str
    name: str
    role: str
    mac: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is to be believed now."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Keys(Protocol):
    """The keys that were made; raises StoreUnavailable."""

    async def add(self, key: Key) -> None:
        """Keep a new one."""

    async def find(self, ident: str) -> Key | None:
        """The one with this id, revoked and expired ones too."""

    async def all(self) -> Sequence[Key]:
        """All of them, the oldest first."""

    async def revoke(self, ident: str, at: datetime) -> bool:
        """Believe it no longer; whether there was one to revoke."""


def written(random: Callable[[int], bytes]) -> tuple[str, str]:
    """The id and the text of a new key: `crmgraph_ID_SECRET`, so that people and scanners know one by sight."""
    ident = random(8).hex()
    secret = base64.urlsafe_b64encode(random(32)).decode().rstrip("=")
    return ident, f"crmgraph_{ident}_{secret}"


def ident_of(text: str) -> str | None:
    """The id in a key's text, None for what is no key."""
    found = _WRITTEN.fullmatch(text)
    return None if found is None else found[1]


def mac_of(pepper: bytes, text: str) -> bytes:
    """What is kept of a key. Without the pepper, which lies elsewhere, nobody can make one that fits."""
    return hmac.digest(hashlib.sha256(b"crmgraph key\0" + pepper).digest(), text.encode(), "sha256")


def proves(key: Key, pepper: bytes, text: str) -> bool:
    """Whether a text is this key; it takes as long whatever is wrong with it."""
    return hmac.compare_digest(key.mac, mac_of(pepper, text))


def made(
    name: str, role: str, pepper: bytes, random: Callable[[int], bytes], now: datetime, expires_at: datetime | None
) -> tuple[Key, str]:
    """A new key, and its text, which is told once; raises InputError for a name that is none."""
    if not NAME.fullmatch(name):
        raise InputError(
            "A key's name says who uses it: letters, digits, spaces and . _ @ -, 64 at the most; it begins with a"
            " letter or digit."
        )
    ident, text = written(random)
    return Key(ident, name, role, mac_of(pepper, text), now, expires_at), text
