"""For orchestrators: is the process alive, and may it be sent requests?"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from crmgraph.web.encoding import to_json
from crmgraph.web.headers import SAFE

Ready = Callable[[], Mapping[str, Any]]
Endpoint = Callable[[Request], Awaitable[Response]]


async def livez(request: Request) -> Response:
    """200 as long as the event loop turns."""
    return _told(200, {"alive": True})


def readyz(ready: Ready) -> Endpoint:
    """200 or 503, with what `ready` tells: `{"ready": bool, "sources": {name: …}}`.

    A dead CRM is told in `sources` and does not make us unready.
    """

    async def endpoint(request: Request) -> Response:
        state = ready()
        return _told(200 if state["ready"] else 503, state)

    return endpoint


def _told(status: int, state: Mapping[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store", **SAFE}
    return Response(to_json(dict(state)), status, headers, "application/json; charset=utf-8")
