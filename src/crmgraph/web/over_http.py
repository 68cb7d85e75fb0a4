"""GraphQL over HTTP (draft of GraphQL-over-HTTP): POST with a JSON body, GET for queries.

It works on the bytes of ASGI: request objects would cost more than a small question does.
"""

import math
from functools import lru_cache

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crmgraph.web.answering import Reply, reply
from crmgraph.web.body import Limits, read_body
from crmgraph.web.coding import Coding, coding
from crmgraph.web.graph import Asked, Graph, Question
from crmgraph.web.hang_up import HungUp, unless_hung_up
from crmgraph.web.headers import Headers, headers_of, text_of
from crmgraph.web.media_type import MediaType, negotiated
from crmgraph.web.question import from_body, from_query_string
from crmgraph.web.refusal import Refused, not_taken, refusal

log = structlog.get_logger()

METHODS = ("GET", "HEAD", "POST")

# What the graph is told of a request's headers; everything else stays here.
KEPT = ((b"traceparent", "traceparent"), (b"x-request-id", "x-request-id"))

# No HTTP status says "nobody is listening any more"; this one is what proxies log.
CLIENT_CLOSED_REQUEST = 499


class OverHttp:
    """The endpoint, an ASGI application: negotiates, reads, asks the graph, answers."""

    def __init__(self, graph: Graph, limits: Limits, may_introspect: bool = True) -> None:
        self._graph = graph
        self._limits = limits
        self._may_introspect = may_introspect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one answer."""
        response = await self._response(scope, receive)
        await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Reply | Response:
        try:
            return await self._answered(scope, receive)
        except Refused as refused:
            return refusal(refused)
        except HungUp:
            log.info("caller_hung_up", path=scope["path"])
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    async def _answered(self, scope: Scope, receive: Receive) -> Reply:
        method: str = scope["method"]
        if method not in METHODS:
            raise not_taken(scope["path"], method, METHODS)
        headers = headers_of(scope)
        media_type, packing = acceptable(headers), acceptable_coding(headers)
        question = await self._question(method, headers, scope, receive)
        asked = Asked(method, kept(headers), wanted_deadline(headers), self._may_introspect)
        execution = self._graph.execute(
            question.query, question.variables, question.operation_name, question.extensions, asked
        )
        return reply(await unless_hung_up(execution, receive), media_type, packing)

    async def _question(self, method: str, headers: Headers, scope: Scope, receive: Receive) -> Question:
        if method == "POST":
            require_json(headers)
            return from_body(await read_body(headers, receive, self._limits))
        query_string: bytes = scope["query_string"]
        if len(query_string) > self._limits.size:
            raise Refused(414, f"The URL's query is larger than {self._limits.size} bytes; send it by POST.")
        return from_query_string(query_string)


def acceptable(headers: Headers) -> MediaType:
    """The media type of the answer. Refused with 406."""
    media_type = negotiated(headers.get(b"accept", b""))
    if media_type is None:
        raise Refused(406, f"We answer in {MediaType.GRAPHQL} or {MediaType.JSON}; accept one of them.")
    return media_type


def acceptable_coding(headers: Headers) -> Coding:
    """How the answer may be packed. Refused with 406."""
    found = coding(headers.get(b"accept-encoding", b""))
    if found is None:
        raise Refused(406, "We answer in gzip or unpacked; let Accept-Encoding allow one of them.")
    return found


def require_json(headers: Headers) -> None:
    """Refuses any other body with 415: a browser sends those across sites without asking us first."""
    if not _is_json(headers.get(b"content-type", b"")):
        raise Refused(415, "The body must be JSON in UTF-8; send it with Content-Type: application/json.")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Refused(415, "The body must not be compressed; send it without Content-Encoding.")


@lru_cache(maxsize=64)
def _is_json(content_type: bytes) -> bool:
    media_type, _, parameters = content_type.decode("latin-1").lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    return media_type.strip() == "application/json" and charset in ("", "utf-8", "utf8")


def kept(headers: Headers) -> dict[str, str]:
    """The headers the graph may see."""
    return {name: headers[raw].decode("latin-1") for raw, name in KEPT if raw in headers}


def wanted_deadline(headers: Headers) -> float | None:
    """The seconds the caller will wait, from the header `X-Deadline`. Refused with 400."""
    text = text_of(headers, b"x-deadline")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise Refused(400, "The header X-Deadline must hold the seconds you will wait, such as 2.5.")
    return seconds
