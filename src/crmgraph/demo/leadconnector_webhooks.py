"""LeadConnector's webhooks as it sends them: signed over the raw body by two schemes, delivered again after 429 alone.

The keys are the simulator's own; a source that listens to it is told the public ones (fact sheet section 9).
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crmgraph.demo.leadconnector_account import Account, iso_millis, stable_id

AGAIN = 6
"""How often a delivery that was answered with 429 is made again."""

PAUSE = 600.0
"""Seconds between two of them; the vendor adds some by chance."""

CURRENT, OLDER = "X-GHL-Signature", "X-WH-Signature"

Post = Callable[[Mapping[str, str], bytes], Awaitable[int]]
"""Makes one delivery; gives the status that it was answered with."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is posted: its headers and its bytes."""

    headers: Mapping[str, str]
    body: bytes


class Webhooks:
    """The events of one account, on their way to whoever listens."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._made = 0

    def event(self, type: str, record: Mapping[str, Any], **more: Any) -> Delivery:
        """An event about a record, signed by both schemes; `more` replaces keys of its body."""
        self._made += 1
        told = {
            **record,
            # A contact's own `type` (lead, customer) gives way to the event's.
            "type": type,
            "locationId": self._account.location["id"],
            "timestamp": iso_millis(self._account.now()),
            "webhookId": stable_id("webhook", self._made),
            **more,
        }
        return signed(orjson.dumps(told))


async def deliver(delivery: Delivery, post: Post, sleep: Callable[[float], Awaitable[None]]) -> list[int]:
    """The statuses of a delivery and those that followed it: only after 429 is there another."""
    statuses = [await post(delivery.headers, delivery.body)]
    while statuses[-1] == 429 and len(statuses) <= AGAIN:
        await sleep(PAUSE)
        statuses.append(await post(delivery.headers, delivery.body))
    return statuses


def signed(body: bytes) -> Delivery:
    """A body with both signatures."""
    current = _current().sign(body)
    older = _older().sign(body, PKCS1v15(), SHA256())
    headers = {CURRENT: base64.b64encode(current).decode(), OLDER: base64.b64encode(older).decode()}
    return Delivery({"Content-Type": "application/json", **headers}, body)


def only(delivery: Delivery, header: str) -> Delivery:
    """The delivery with one of its signatures."""
    kept = {name: text for name, text in delivery.headers.items() if name in ("Content-Type", header)}
    return replace(delivery, headers=kept)


def public_keys() -> dict[str, str]:
    """What a source that listens to the simulator is told, by its settings' names."""
    return {"webhook_key": _written(_current()), "webhook_rsa_key": _written(_older())}


def _written(key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@cache
def _current() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"the simulator's webhooks").digest())


@cache
def _older() -> RSAPrivateKey:
    """Made anew in each process: half the vendor's length, which is made in a moment."""
    return generate_private_key(65537, 2048)
