"""Trusted documents: texts that the operator knows beforehand, and may let nobody ask anything else."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Mode(StrEnum):
    """What becomes of a document that is not among the trusted ones."""

    OFF = "off"
    """It is answered like any other."""

    LOG = "log"
    """It is answered, and its hash is logged."""

    ENFORCE = "enforce"
    """It is refused."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A document under the ids by which it may be asked for. `line` is where it is written in a manifest, 0 where the
    whole file is the document.
    """

    ids: tuple[str, ...]
    text: str
    file: str
    line: int = 0


def hash_of(text: str) -> str:
    """The SHA-256 of a document as hexadecimal digits, as clients reckon it."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
