"""How an answer is packed, read off the `Accept-Encoding` header: gzip, where the caller takes it and it pays.

Compressing what others chose together with what they must not see can betray the latter by its length (BREACH). That
is no matter here: no answer holds a credential, and who may choose a question learns as much from unpacked lengths.
"""

from enum import Enum
from functools import lru_cache

from crmgraph.web.likings import Liking, likings

try:
    # Four times as quick as zlib, and packs tighter at its quickest; where there is none of it, zlib does the same.
    from isal.isal_zlib import compress
except ImportError:
    from zlib import compress

PAYS = 1_200
"""Bytes from which on packing pays: what is smaller goes in one packet with its head anyway."""

_QUICKEST, _GZIP = 1, 31


class Coding(Enum):
    """What the caller takes."""

    PLAIN = "plain alone"
    EITHER = "gzip rather than plain"
    GZIP = "gzip alone"

    def packs(self, size: int) -> bool:
        """Whether a body of that many bytes is packed."""
        return self is Coding.GZIP or (self is Coding.EITHER and size >= PAYS)


@lru_cache(maxsize=64)
def coding(accept_encoding: bytes) -> Coding | None:
    """What the caller takes, or None when it takes neither gzip nor what is not packed; PLAIN without a header."""
    wanted = likings(accept_encoding)
    others = _quality(wanted, "*")
    gzip = _first(_quality(wanted, "gzip", "x-gzip"), others, 0.0)
    # What is not packed is welcome unless it is refused, but then least of all: it is seldom named where it is liked.
    plain = _first(_quality(wanted, "identity"), 0.0 if others == 0 else 0.001)
    if gzip == 0:
        return None if plain == 0 else Coding.PLAIN
    if plain == 0:
        return Coding.GZIP
    return Coding.EITHER if gzip >= plain else Coding.PLAIN


def packed(body: bytes) -> bytes:
    """The body in gzip's format."""
    return compress(body, _QUICKEST, _GZIP)


def _quality(wanted: list[Liking], *names: str) -> float | None:
    """How much the caller likes what goes by these names; None when it names none of them."""
    return max((quality for name, quality in wanted if name in names), default=None)


def _first(*qualities: float | None) -> float:
    return next(quality for quality in qualities if quality is not None)
