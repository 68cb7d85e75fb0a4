"""Whose web pages may read what we answer (CORS): those of the origins that the operator named, and nobody else's.

Others get the same answers without a header that would let their pages read them. Credentials that a browser adds by
itself are never allowed: nothing here goes by cookies.
"""

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from crmgraph.web.headers import headers_of

SENT = ("Content-Type", "Traceparent", "X-Deadline", "X-Priority", "X-Request-Id")
"""The headers that such a page may send, beside those that prove who is calling."""

READ = ("Retry-After", "X-Request-Id")
"""The headers that it may read, beside those that are always read."""


class Origins:
    """ASGI middleware that answers the browsers of known origins as they ask to be."""

    def __init__(self, app: ASGIApp, allowed: Collection[str], proofs: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        self._for_known = CORSMiddleware(
            app,
            allow_origins=allowed,
            allow_methods=("GET", "POST"),
            allow_headers=(*SENT, *proofs),
            expose_headers=READ,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, with or without the headers."""
        known = scope["type"] == "http" and headers_of(scope).get(b"origin", b"").decode("latin-1") in self._allowed
        await (self._for_known if known else self._app)(scope, receive, send)
