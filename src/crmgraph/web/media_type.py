"""Which of the two JSON media types an answer is written in, read off the `Accept` header."""

from enum import StrEnum
from functools import lru_cache

from crmgraph.web.likings import Liking, likings


class MediaType(StrEnum):
    """What we can answer in. Only GRAPHQL lets the status tell a request error (GraphQL over HTTP, section 6.4)."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


@lru_cache(maxsize=64)
def negotiated(accept: bytes) -> MediaType | None:
    """The media type the caller likes best, or None when it accepts neither.

    Without a header, or with only wildcards, it is plain JSON. Named alike, the GraphQL type wins.
    """
    if not accept.strip():
        return MediaType.JSON
    ranges = likings(accept)
    found = {offer: _liking(offer, ranges) for offer in MediaType}
    wanted = {offer: liking for offer, liking in found.items() if liking[0] > 0}
    if not wanted:
        return None
    return max(wanted, key=lambda offer: (wanted[offer], _precedence(offer, wanted[offer][1])))


def _precedence(offer: MediaType, specificity: int) -> bool:
    """Between equals: the GraphQL type if it was named, plain JSON if a wildcard stands for both."""
    return (offer is MediaType.GRAPHQL) == (specificity == _NAMED)


_NAMED = 2


def _liking(offer: str, ranges: list[Liking]) -> tuple[float, int]:
    """Quality 0–1, and how closely the caller named the offer: the closest range decides."""
    for specificity, pattern in ((_NAMED, offer), (1, "application/*"), (0, "*/*")):
        qualities = [quality for name, quality in ranges if name == pattern]
        if qualities:
            return max(qualities), specificity
    return 0.0, 0
