"""What is secret at rest: sealed by AES-256-GCM under the operator's keys, each value to the place where it lies."""

import json
from collections.abc import Callable, Mapping

from crmgraph.domain.errors import ConfigError

Spot = tuple[str, ...]
"""Where a value lies: its table, its row's key and its column. It opens nowhere else."""

_FORM = b"\x01"
_NONCE = 12


class Vault:
    """Seals under the first of `keys` and opens under any of them: its name → 32 bytes.

    What is sealed begins with the name of its key, so that keys can be replaced one after the other.
    """

    def __init__(self, keys: Mapping[str, bytes], random: Callable[[int], bytes]) -> None:
        # Imported with the first vault, so that a program that keeps no secret does without.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._first = next(iter(keys), None)
        self._random = random

    def seal(self, plain: str, spot: Spot) -> bytes:
        """The text as it may be written to `spot`."""
        if self._first is None:
            raise ConfigError(
                "A secret is to be kept and there is no key; write `vault: {keys: ${CRMGRAPH_VAULT_KEYS}}`."
            )
        nonce = self._random(_NONCE)
        sealed = self._ciphers[self._first].encrypt(nonce, plain.encode(), _bound(self._first, spot))
        return _head(self._first) + nonce + sealed

    def open(self, sealed: bytes, spot: Spot) -> str:
        """The text that was sealed for `spot`; raises ConfigError when its key is missing or another."""
        from cryptography.exceptions import InvalidTag

        name, rest = _apart(sealed)
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise ConfigError(
                f"{_what(spot)} is sealed under the key `{name}`, which `vault.keys` lacks; add it there."
            )
        try:
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], _bound(name, spot)).decode()
        except (InvalidTag, ValueError):
            raise ConfigError(
                f"{_what(spot)} does not open under the key `{name}`: `vault.keys` has another key of that name, "
                "or what is stored was altered."
            ) from None

    def is_first(self, sealed: bytes) -> bool:
        """Whether it is sealed under the first key already."""
        return _apart(sealed)[0] == self._first


def _head(name: str) -> bytes:
    return _FORM + bytes([len(name.encode())]) + name.encode()


def _apart(sealed: bytes) -> tuple[str, bytes]:
    """The name of the key and what follows it; of something that was never sealed the name of no key."""
    if sealed[:1] != _FORM or len(sealed) < 2:
        return "?", b""
    end = 2 + sealed[1]
    return sealed[2:end].decode(errors="replace"), sealed[end:]


def _bound(name: str, spot: Spot) -> bytes:
    return json.dumps([name, *spot]).encode()


def _what(spot: Spot) -> str:
    table, row, column = spot
    return f"`{column}` of `{row}` in `{table}`"
