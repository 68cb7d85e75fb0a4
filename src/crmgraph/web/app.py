"""The web application: routes, and what is said where there is none."""

from collections.abc import Collection, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from crmgraph.service.webhooks import Inbox
from crmgraph.web.boundary import Boundary
from crmgraph.web.callers import Callers, Everybody
from crmgraph.web.console_page import Example, add_console
from crmgraph.web.graph import Graph
from crmgraph.web.health import Ready, livez, readyz
from crmgraph.web.hosts import Hosts
from crmgraph.web.origins import Origins
from crmgraph.web.over_http import OverHttp, Terms
from crmgraph.web.persisted import Persisted
from crmgraph.web.refusal import not_taken, refusal, told
from crmgraph.web.request_ids import Identified, Responded
from crmgraph.web.webhooks import PATH as WEBHOOKS
from crmgraph.web.webhooks import Webhooks

PATH = "/graphql"


class Web(FastAPI):
    """FastAPI, except that the graph is reached past its routes, which cost more than a small question does."""

    def __init__(self, graph: ASGIApp, guards: Sequence[Middleware], **options: Any) -> None:
        super().__init__(middleware=guards, **options)
        self._graph = graph
        for guard, arguments, named in reversed(guards):
            self._graph = guard(self._graph, *arguments, **named)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan; all of them pass the same guards."""
        to = self._graph if scope["type"] == "http" and scope["path"] == PATH else super().__call__
        await to(scope, receive, send)


def create(
    graph: Graph,
    ready: Ready,
    examples: Sequence[Example] = (),
    *,
    console: bool = True,
    lifespan: Lifespan[FastAPI] | None = None,
    hosts: Collection[str] | None = None,
    cors: Collection[str] = (),
    terms: Terms = Terms(),  # It is frozen.
    persisted: Persisted | None = None,
    inbox: Inbox | None = None,
    callers: Callers | None = None,
    responded: Responded | None = None,
) -> FastAPI:
    """An ASGI application with `/graphql`, `/livez`, `/readyz` and, if wanted, the console at `/`.

    `hosts` are the names that it answers to, None for any. `cors` are the origins whose pages may read its answers.
    `callers` tells callers apart, where they are. `responded` is told the status of each answer.
    """
    known = callers or Everybody()
    guards = [
        Middleware(Identified, responded=responded),
        Middleware(Boundary),
        *([Middleware(Hosts, allowed=hosts)] if hosts is not None else []),
        *([Middleware(Origins, allowed=cors, proofs=known.headers)] if cors else []),
    ]
    app = Web(
        OverHttp(graph, terms, persisted or Persisted(), known),
        guards,
        title="crmgraph",
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers={HTTPException: _not_routed},
    )
    if inbox is not None:
        app.router.routes.append(Route(WEBHOOKS, Webhooks(inbox, terms.limits), methods=["POST"]))
    app.add_route("/livez", livez)
    app.add_route("/readyz", readyz(ready))
    if console:
        add_console(app, examples)
    return app


async def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 405:
        return refusal(not_taken(path, request.method, (error.headers or {}).get("Allow", "").split(", ")))
    if error.status_code == 404:
        return told(404, f"There is nothing at {path}; the graph is at /graphql.", "BAD_INPUT")
    return told(error.status_code, f"{error.detail}.", "BAD_INPUT", error.headers)
