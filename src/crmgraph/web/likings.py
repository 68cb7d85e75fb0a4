"""A header that says what a caller likes and how much: `gzip;q=0.5, *;q=0`."""

Liking = tuple[str, float]
"""A name in lower case, and a quality from 0 (not at all) to 1."""


def likings(header: bytes) -> list[Liking]:
    """What the header names, in its order; whatever is written there, this can be read."""
    parts = [part.split(";") for part in header.decode("latin-1").lower().split(",")]
    return [(name.strip(), _quality(parameters)) for name, *parameters in parts]


def _quality(parameters: list[str]) -> float:
    """The `q` of a name, 1 without one; a `q` that is no number from 0 to 1 counts as 0."""
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
