"""GraphQL over HTTP (draft of GraphQL-over-HTTP): POST with a JSON body, GET for queries."""

import math
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from crmgraph.web.body import Limits, read_body
from crmgraph.web.encoding import to_json
from crmgraph.web.graph import Answer, Asked, Graph, Question
from crmgraph.web.hang_up import HungUp, unless_hung_up
from crmgraph.web.media_type import MediaType, negotiated
from crmgraph.web.question import from_body, from_query_string
from crmgraph.web.refusal import Refused

log = structlog.get_logger()

# What the graph is told of a request's headers; everything else stays here.
HEADERS = ("traceparent", "x-request-id")

# No HTTP status says "nobody is listening any more"; this one is what proxies log.
CLIENT_CLOSED_REQUEST = 499


class OverHttp:
    """The endpoint: negotiates, reads, asks the graph, answers."""

    def __init__(self, graph: Graph, limits: Limits) -> None:
        self._graph = graph
        self._limits = limits

    async def endpoint(self, request: Request) -> Response:
        """One request, one answer; `Refused` for what never reaches the graph."""
        try:
            return await self._answered(request)
        except (HungUp, ClientDisconnect):
            log.info("caller_hung_up", path=request.url.path)
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    async def _answered(self, request: Request) -> Response:
        media_type = acceptable(request)
        question = await self._question(request)
        asked = Asked(request.method, kept_headers(request), wanted_deadline(request))
        execution = self._graph.execute(
            question.query, question.variables, question.operation_name, question.extensions, asked
        )
        return responded(await unless_hung_up(execution, request.receive), media_type)

    async def _question(self, request: Request) -> Question:
        if request.method == "POST":
            require_json(request)
            return from_body(await read_body(request, self._limits))
        query_string: bytes = request.scope["query_string"]
        if len(query_string) > self._limits.size:
            raise Refused(414, f"The URL's query is larger than {self._limits.size} bytes; send it by POST.")
        return from_query_string(query_string)


def acceptable(request: Request) -> MediaType:
    """The media type of the answer. Refused with 406."""
    media_type = negotiated(", ".join(request.headers.getlist("accept")))
    if media_type is None:
        raise Refused(406, f"We answer in {MediaType.GRAPHQL} or {MediaType.JSON}; accept one of them.")
    return media_type


def require_json(request: Request) -> None:
    """Refuses any other body with 415: a browser sends those across sites without asking us first."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if media_type.strip() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise Refused(415, "The body must be JSON in UTF-8; send it with Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "The body must not be compressed; send it without Content-Encoding.")


def kept_headers(request: Request) -> dict[str, str]:
    """The headers the graph may see."""
    return {name: request.headers[name] for name in HEADERS if name in request.headers}


def wanted_deadline(request: Request) -> float | None:
    """The seconds the caller will wait, from the header `X-Deadline`. Refused with 400."""
    text = request.headers.get("x-deadline")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise Refused(400, "The header X-Deadline must hold the seconds you will wait, such as 2.5.")
    return seconds


def responded(answer: Answer, media_type: MediaType) -> Response:
    """The HTTP response for an answer."""
    response = Response(to_json(_body(answer)), _status(answer, media_type), None, f"{media_type}; charset=utf-8")
    # People's data: no cache on the way may keep it.
    response.headers["Cache-Control"] = "no-store"
    if answer.needs_post:
        response.headers["Allow"] = "POST"
    return response


def _body(answer: Answer) -> dict[str, Any]:
    """The parts that there are; errors first, where a person reading sees them."""
    body: dict[str, Any] = {}
    if answer.errors:
        body["errors"] = answer.errors
    if answer.executed:
        body["data"] = answer.data
    if answer.extensions:
        body["extensions"] = answer.extensions
    return body


def _status(answer: Answer, media_type: MediaType) -> int:
    """405 and 200 speak for themselves; a request error is 400 only to callers who know the GraphQL media type."""
    if answer.needs_post:
        return 405
    return 400 if not answer.executed and media_type is MediaType.GRAPHQL else 200
