"""Cursors: where a traversal stands, sealed so that a caller can neither read nor alter it (it holds ids and names)."""

import base64
import binascii
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crmgraph.domain.errors import InputError

VERSION = 1
_NONCE = 12
_LONGEST = 16_384

_WRONG = "The cursor in `after` was not given by this server; take `pageInfo.endCursor` of the page before, unchanged."


class Cursor:
    """A cursor that is made when somebody asks for it, once."""

    __slots__ = ("_make", "_text")

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The cursor as callers see it."""
        if self._text is None:
            self._text = self._make()
        return self._text


class Seal:
    """Seals and opens cursors under one secret; every worker of a server has the same."""

    def __init__(self, secret: bytes, random: Callable[[int], bytes]) -> None:
        self._secret = secret
        self._cipher = AESGCM(hashlib.sha256(b"crmgraph cursor\0" + secret).digest())
        self._random = random

    def apart(self, scope: bytes) -> "Seal":
        """The seal of those who see so much: what it closes, no other opens."""
        return Seal(hmac.digest(self._secret, scope, "sha256"), self._random)

    def close(self, state: Mapping[str, Any]) -> str:
        """The cursor for a state made of plain JSON."""
        plain = zlib.compress(json.dumps({"v": VERSION, **state}, separators=(",", ":"), default=_as_json).encode(), 6)
        nonce = self._random(_NONCE)
        return _written(nonce + self._cipher.encrypt(nonce, plain, None))

    def open(self, cursor: str) -> dict[str, Any]:
        """The state in a cursor; raises InputError for anything that this server did not seal."""
        if len(cursor) > _LONGEST:
            raise InputError(_WRONG)
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            if _written(sealed) != cursor:  # Spare bits of the last character are no other cursor.
                raise InputError(_WRONG)
            state = json.loads(zlib.decompress(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)))
        except (binascii.Error, InvalidTag, ValueError, zlib.error):
            raise InputError(_WRONG) from None
        if state.get("v") != VERSION:
            raise InputError("The cursor in `after` is of another version of this server; start again without `after`.")
        return dict(state)


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def digest(*parts: Any) -> str:
    """A short hash of what a traversal asks, so that a cursor is not continued under another question."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
