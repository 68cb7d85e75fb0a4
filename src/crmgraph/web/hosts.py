"""Who may be asked for: a server that listens on this machine alone answers to this machine's names alone.

Otherwise any web page could ask it under a name of its own that leads to 127.0.0.1, and read what it answers.
"""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from crmgraph.web.headers import headers_of
from crmgraph.web.refusal import told

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names of this machine to itself."""


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    return host in LOOPBACK or host.startswith("127.")


class Hosts:
    """ASGI middleware that refuses requests for other hosts than `allowed`."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self.app = app
        self.allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what is for us."""
        if (
            scope["type"] == "http"
            and name_of(headers_of(scope).get(b"host", b"").decode("latin-1")) not in self.allowed
        ):
            names = ", ".join(sorted(self.allowed))
            refused = told(400, f"This server answers to {names} only, as the Host header says.", "BAD_INPUT")
            await refused(scope, receive, send)
            return
        await self.app(scope, receive, send)


def name_of(host: str) -> str:
    """A Host header without its port, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
