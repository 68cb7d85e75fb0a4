"""A request's headers by name, put together once; everything else in this room looks them up here."""

from collections.abc import Mapping

from starlette.types import Scope

Headers = Mapping[bytes, bytes]
"""Values by lower-case name, both as the bytes that came."""

SAFE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
"""What keeps a browser from taking an answer for something else, or for another site's page to have."""

_LISTS = (b"accept", b"accept-encoding")


def headers_of(scope: Scope) -> Headers:
    """The headers of an ASGI scope. Of one that came twice the first counts, unless it is a list: then it goes on."""
    given = list(scope["headers"])
    found = dict(reversed(given))
    if len(found) < len(given):
        for name in _LISTS:
            if name in found:
                found[name] = b", ".join(value for each, value in given if each == name)
    return found


def text_of(headers: Headers, name: bytes) -> str | None:
    """One header as text, None where it did not come."""
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
