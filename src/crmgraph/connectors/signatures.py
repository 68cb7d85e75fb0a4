"""Whether a signature was made over exactly these bytes, by whoever has the key. The library is loaded when asked."""

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

from crmgraph.connectors.spec_webhooks import Algorithm, SignatureSpec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

SMALLEST = 2048
"""The fewest bits of an RSA key that is believed."""


class WrongKey(ValueError):
    """A text that is no key of its algorithm; the message is a sentence."""


def fits(spec: SignatureSpec, key: str, signature: str, body: bytes) -> bool:
    """Whether a header's text signs a body; raises WrongKey."""
    made = _decoded(spec, signature)
    if made is None:
        return False
    if spec.algorithm == "hmac-sha256":
        return hmac.compare_digest(made, hmac.digest(key.encode(), body, hashlib.sha256))
    return _verified(spec.algorithm, key, made, body)


def check_key(algorithm: Algorithm, text: str) -> None:
    """Raise WrongKey for a text that is no key of this algorithm."""
    if algorithm == "hmac-sha256":
        if not text:
            raise WrongKey("A secret cannot be empty.")
    else:
        _public(algorithm, text)


def _decoded(spec: SignatureSpec, signature: str) -> bytes | None:
    if not signature.startswith(spec.prefix):
        return None
    written = signature.removeprefix(spec.prefix)
    try:
        return base64.b64decode(written, validate=True) if spec.encoding == "base64" else bytes.fromhex(written)
    except (binascii.Error, ValueError):
        return None


def _verified(algorithm: Algorithm, text: str, signature: bytes, body: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _public(algorithm, text)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, body)
        else:
            key.verify(signature, body, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


@lru_cache(64)
def _public(algorithm: Algorithm, text: str) -> "Ed25519PublicKey | RSAPublicKey":
    """The key in a text: PEM, or its Base64 alone. Raises WrongKey."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    inner = "".join(text.split()).removeprefix("-----BEGINPUBLICKEY-----").removesuffix("-----ENDPUBLICKEY-----")
    try:
        key = load_der_public_key(base64.b64decode(inner, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        raise WrongKey("This is no public key; write it as PEM, or its Base64 alone.") from None
    if algorithm == "ed25519" and isinstance(key, Ed25519PublicKey):
        return key
    if algorithm == "rsa-sha256" and isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST:
        return key
    raise WrongKey(f"This public key is none for {algorithm}; one of RSA has {SMALLEST} bits at the least.")
