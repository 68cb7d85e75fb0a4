"""The last resort: an exception nobody foresaw becomes one sentence for the caller and one log line for us."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crmgraph.web.refusal import told

log = structlog.get_logger()


class Boundary:
    """ASGI middleware around everything; the caller never sees a stack trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything through; once an answer has begun, a failure can only break it off."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except Exception:
            log.exception("unexpected_failure")  # A path is the caller's own text; the request's id tells which it was.
            if begun:
                raise
            await told(500, "Something went wrong on our side; it has been logged.", "INTERNAL")(scope, receive, send)
