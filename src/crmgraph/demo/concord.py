"""The simulated Concord, as App CRM and others sell it: `/api`, Laravel's manners (fact sheet concord).

Frozen here, where the sheet leaves it open: without `Accept: application/json` a caller with a token gets the HTML of
the dashboard and one without is sent to the login; answers of every kind count towards the rate limit, except its 429.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from crmgraph.demo.cast import World
from crmgraph.demo.concord_lists import Invalid, listed, searched
from crmgraph.demo.concord_seed import seeded
from crmgraph.demo.concord_shapes import RESOURCES, WRITABLE, Resource, shown
from crmgraph.demo.concord_state import ConcordState
from crmgraph.demo.concord_writes import Missing, associate, create, delete, the_row, update
from crmgraph.demo.simulator import RateWindow, Simulator, bearer, gated, json_body, json_reply

Endpoint = Callable[[Request], Awaitable[Response]]

_DASHBOARD = "<!DOCTYPE html><html><head><title>App CRM</title></head><body><div id='app'></div></body></html>"


def concord(
    world: World,
    *,
    token: str = "demo-concord",
    clock: Callable[[], datetime],
    per_minute: int = 60,
) -> Simulator:
    """The CRM with what the world says it knows; `state` is a ConcordState, `per_minute` its rate limit."""
    state = seeded(world)
    window = RateWindow(per_minute, 60, clock)
    handlers = {HTTPException: _not_there, Missing: _missing, Invalid: _invalid}
    app = Starlette(routes=_routes(state, clock), exception_handlers=handlers)
    error = {"message": "Server Error"}
    return Simulator("concord", gated(app, partial(_gate, token, window)), token=token, state=state, error_body=error)


def _gate(token: str, window: RateWindow, request: Request) -> tuple[Response | None, Mapping[str, str]]:
    spent = window.take()
    headers = {"X-RateLimit-Limit": str(spent.limit), "X-RateLimit-Remaining": str(spent.remaining)}
    if not spent.allowed:
        reset = str(int(spent.reset_at.timestamp()))
        headers |= {"Retry-After": str(spent.reset_after), "X-RateLimit-Reset": reset}
        return json_reply({"message": "Too Many Attempts."}, 429), headers
    return _refusal(token, request), headers


def _refusal(token: str, request: Request) -> Response | None:
    known = bearer(request) == token
    if "application/json" not in request.headers.get("accept", ""):
        return HTMLResponse(_DASHBOARD) if known else RedirectResponse("/login", 302)
    if "origin" in request.headers or "referer" in request.headers:
        return json_reply({"message": "CSRF token mismatch."}, 419)
    return None if known else json_reply({"message": "Unauthenticated."}, 401)


async def _not_there(request: Request, failure: Exception) -> Response:
    status = failure.status_code if isinstance(failure, HTTPException) else 404
    return json_reply({"message": f"The route {request.url.path.removeprefix('/')} could not be found."}, status)


async def _missing(request: Request, failure: Exception) -> Response:
    return json_reply({"message": str(failure)}, 404)


async def _invalid(request: Request, failure: Exception) -> Response:
    errors = {failure.field: [failure.message]} if isinstance(failure, Invalid) else {}
    return json_reply({"message": str(failure), "errors": errors}, 422)


def _routes(state: ConcordState, clock: Callable[[], datetime]) -> list[Route]:
    """Searching comes before getting by id, and what can be written has more routes than a lookup."""
    routes = [
        Route("/api/associations/{resource}/{id:int}", _associations(state), methods=["POST", "PUT", "DELETE"]),
    ]
    for name, resource in RESOURCES.items():
        if name in WRITABLE:
            routes.append(Route(f"/api/{name}/search", _search(state, resource), methods=["GET"]))
            routes += _writing(state, resource, clock)
        routes.append(Route(f"/api/{name}", _list(state, resource), methods=["GET"]))
        routes.append(Route(f"/api/{name}/{{id:int}}", _get(state, resource), methods=["GET"]))
    return routes


def _list(state: ConcordState, resource: Resource) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return json_reply(listed(state, resource, request.query_params))

    return endpoint


def _search(state: ConcordState, resource: Resource) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return json_reply(searched(state, resource, request.query_params))

    return endpoint


def _get(state: ConcordState, resource: Resource) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return json_reply(shown(state, resource, the_row(state, resource.name, request.path_params["id"])))

    return endpoint


def _writing(state: ConcordState, resource: Resource, clock: Callable[[], datetime]) -> list[Route]:
    async def post(request: Request) -> Response:
        row = create(state, resource, await json_body(request), clock())
        return json_reply(shown(state, resource, row), 201)

    async def put(request: Request) -> Response:
        row = update(state, resource, request.path_params["id"], await json_body(request), clock())
        return json_reply(shown(state, resource, row))

    async def remove(request: Request) -> Response:
        delete(state, resource, request.path_params["id"])
        return Response(status_code=204)

    one = f"/api/{resource.name}/{{id:int}}"
    return [
        Route(f"/api/{resource.name}", post, methods=["POST"]),
        Route(one, put, methods=["PUT"]),
        Route(one, remove, methods=["DELETE"]),
    ]


def _associations(state: ConcordState) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        name, number = request.path_params["resource"], request.path_params["id"]
        associate(state, request.method, name, number, await json_body(request))
        return json_reply(shown(state, RESOURCES[name], the_row(state, name, number)))

    return endpoint
