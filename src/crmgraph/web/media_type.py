"""Which of the two JSON media types an answer is written in, read off the `Accept` header."""

from collections.abc import Iterator
from enum import StrEnum


class MediaType(StrEnum):
    """What we can answer in. Only GRAPHQL lets the status tell a request error (GraphQL over HTTP, section 6.4)."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


def negotiated(accept: str | None) -> MediaType | None:
    """The media type the caller likes best, or None when it accepts neither.

    Without a header, or with only wildcards, it is plain JSON. Named alike, the GraphQL type wins.
    """
    if accept is None or not accept.strip():
        return MediaType.JSON
    ranges = list(_ranges(accept))
    likings = {offer: _liking(offer, ranges) for offer in MediaType}
    wanted = {offer: liking for offer, liking in likings.items() if liking[0] > 0}
    if not wanted:
        return None
    return max(wanted, key=lambda offer: (wanted[offer], _precedence(offer, wanted[offer][1])))


def _precedence(offer: MediaType, specificity: int) -> bool:
    """Between equals: the GraphQL type if it was named, plain JSON if a wildcard stands for both."""
    return (offer is MediaType.GRAPHQL) == (specificity == _NAMED)


_NAMED = 2


def _liking(offer: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Quality 0–1, and how closely the caller named the offer: the closest range decides."""
    for specificity, pattern in ((_NAMED, offer), (1, "application/*"), (0, "*/*")):
        qualities = [quality for name, quality in ranges if name == pattern]
        if qualities:
            return max(qualities), specificity
    return 0.0, 0


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        yield name, _quality(parameters)


def _quality(parameters: list[str]) -> float:
    """The `q` of a range, 1 without one; a `q` that is no number from 0 to 1 counts as 0."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return _fraction(value.strip())
    return 1.0


def _fraction(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 1 else 0.0
