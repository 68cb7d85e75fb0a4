"""How texts stand in the replica: as they are, or, in an encrypted one, each as a hash under a key that is sealed."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import END, LINKS, LISTS, OPTIONS, TEXTS, CustomValue
from crmgraph.store.database import insert
from crmgraph.store.replica_tables import INDEXED, secrets
from crmgraph.store.vault import Vault

LONGEST = 2_000
"""Of a longer text (bytes of UTF-8) only so much is kept to be compared: an index of PostgreSQL takes no more."""

_NAME = "texts"
_HASHED = (*TEXTS.values(), *LINKS.values(), "birth_date")


@dataclass(frozen=True, slots=True)
class Plain:
    """Texts as they are."""

    readable: bool = True

    def kept(self, column: str, text: str) -> str:
        return beginning(text)

    def columns(self, columns: dict[str, Any]) -> dict[str, Any]:
        """A contact's columns as they are kept."""
        return columns

    def custom(self, value: CustomValue) -> CustomValue:
        """An element of a custom field as it is kept."""
        return value

    def digest(self, said: bytes) -> bytes:
        """What tells whether a record still says the same."""
        return hashlib.sha256(said).digest()


@dataclass(frozen=True, slots=True)
class Hashed:
    """Texts as keyed hashes, another one in each column: equal texts of a column are equal, and nothing else can be
    told. Times and consent stay as they are.
    """

    key: bytes = field(repr=False)
    readable: bool = False

    def kept(self, column: str, text: str) -> str:
        mac = hmac.new(self.key, f"{column}\n{text}".encode(errors="surrogatepass"), hashlib.sha256)
        return b64encode(mac.digest()[:16]).decode()

    def columns(self, columns: dict[str, Any]) -> dict[str, Any]:
        """A contact's columns as they are kept; custom values are found by their own rows only."""
        hashed = {name: self._one(name, columns[name]) for name in _HASHED}
        lists = {name: self._several(name, columns[name]) for name in LISTS}
        return {**columns, **hashed, **lists, OPTIONS: None}

    def custom(self, value: CustomValue) -> CustomValue:
        """An element of a custom field as it is kept: whole, or not at all."""
        text = None if value.text is None else self.kept("text", value.text)
        return CustomValue(self.kept("custom_keys", value.key), text)

    def digest(self, said: bytes) -> bytes:
        """What tells whether a record still says the same, and to nobody else what it says."""
        return hmac.new(self.key, said, hashlib.sha256).digest()

    def _one(self, name: str, text: str | None) -> str | None:
        return None if text is None else self.kept(name, text)

    def _several(self, name: str, held: str | None) -> str | None:
        if held is None:
            return None
        return END + END.join(self.kept(name, one) for one in held.strip(END).split(END)) + END


Texts = Plain | Hashed


def beginning(text: str) -> str:
    """As much of a text as is kept to be compared."""
    return text if always_fits(text) else text.encode()[:LONGEST].decode(errors="ignore")


def always_fits(text: str) -> bool:
    """Whether a text is kept whole whatever its letters are."""
    return len(text) * 4 <= LONGEST


def shortened(columns: dict[str, Any]) -> dict[str, Any]:
    """A contact's columns as an index can hold them, and as `cut` whether anything had to be left out."""
    short = {name: text and beginning(text) for name, text in columns.items() if name in INDEXED}
    return {**columns, **short, "cut": any(short[name] != columns[name] for name in short)}


async def texts_of(connection: AsyncConnection, vault: Vault | None, random: Callable[[int], bytes]) -> Texts:
    """How the texts of this store's replica stand; with a vault, under a key that is made with the first of them."""
    if vault is None:
        return Plain()
    made = {"name": _NAME, "sealed": vault.seal(b64encode(random(32)).decode(), _spot())}
    await connection.execute(insert(connection, secrets).values(made).on_conflict_do_nothing())
    sealed = (await connection.execute(select(secrets.c.sealed).where(secrets.c.name == _NAME))).scalar_one()
    return Hashed(b64decode(vault.open(bytes(sealed), _spot())))


def _spot() -> tuple[str, str, str]:
    return secrets.name, _NAME, "sealed"
