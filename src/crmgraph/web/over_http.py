"""GraphQL over HTTP (draft of GraphQL-over-HTTP): POST with a JSON body, GET for queries.

It works on the bytes of ASGI: request objects would cost more than a small question does.
"""

import asyncio
from dataclasses import dataclass, field
from functools import lru_cache

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crmgraph.domain.errors import Overloaded
from crmgraph.service.callers import Caller
from crmgraph.web.answering import Reply, replies, reply
from crmgraph.web.body import Limits, read_body, too_much
from crmgraph.web.burden import EACH, Burden, Load
from crmgraph.web.callers import Callers
from crmgraph.web.coding import Coding, coding
from crmgraph.web.graph import Answer, Asked, Graph, Question
from crmgraph.web.hang_up import HungUp, unless_hung_up
from crmgraph.web.headers import Headers, headers_of
from crmgraph.web.media_type import MediaType, negotiated
from crmgraph.web.persisted import Persisted
from crmgraph.web.question import from_body, from_query_string
from crmgraph.web.refusal import Refused, busy, not_taken, refusal, told_error
from crmgraph.web.wishes import kept, wanted_deadline, wanted_urgency

log = structlog.get_logger()

READING = ("GET", "HEAD")

# No HTTP status says "nobody is listening any more"; this one is what proxies log.
CLIENT_CLOSED_REQUEST = 499


@dataclass(frozen=True, slots=True)
class Terms:
    """What the endpoint takes: how large and slow a body, whether GET, and how many operations in one request.

    `may_introspect` says whether callers are told the schema.
    """

    limits: Limits = field(default_factory=Limits)
    get: bool = True
    batch: int = 0
    may_introspect: bool = True


class OverHttp:
    """The endpoint, an ASGI application: negotiates, reads, asks the graph, answers."""

    def __init__(self, graph: Graph, terms: Terms, persisted: Persisted, callers: Callers) -> None:
        self._graph = graph
        self._terms = terms
        self._persisted = persisted
        self._callers = callers
        self._methods = (*(READING if terms.get else ()), "POST")
        self._burden = Burden(terms.limits.together)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one answer."""
        with Load(self._burden) as load:
            response = await self._response(scope, receive, load)
            await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive, load: Load) -> Reply | Response:
        try:
            return await self._answered(scope, receive, load)
        except Refused as refused:
            return refusal(refused)
        except Overloaded as error:
            return refusal(busy(error))
        except HungUp:
            log.info("caller_hung_up", path=scope["path"])
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    async def _answered(self, scope: Scope, receive: Receive, load: Load) -> Reply:
        method: str = scope["method"]
        if method not in self._methods:
            raise not_taken(scope["path"], method, self._methods)
        headers = headers_of(scope)
        media_type, packing = acceptable(headers), acceptable_coding(headers)
        asked = self._asked(method, headers, await self._callers.who(headers))
        question = await self._question(method, headers, scope, receive, load)
        if isinstance(question, list):
            return replies(await unless_hung_up(self._several(question, asked), receive), packing)
        return reply(await unless_hung_up(self._executed(question, asked), receive), media_type, packing)

    def _asked(self, method: str, headers: Headers, caller: Caller) -> Asked:
        may_introspect = self._terms.may_introspect or caller.role.may("introspect")
        urgency = min(wanted_urgency(headers), caller.role.urgency)
        return Asked(method, kept(headers), wanted_deadline(headers), may_introspect, caller, urgency)

    async def _question(
        self, method: str, headers: Headers, scope: Scope, receive: Receive, load: Load
    ) -> Question | list[Question]:
        limits, query_string = self._terms.limits, scope["query_string"]
        if not load.add(EACH + len(query_string)):
            raise too_much()
        if method == "POST":
            require_json(headers)
            return from_body(await read_body(headers, receive, limits, load), self._terms.batch)
        if len(query_string) > limits.size:
            raise Refused(414, f"The URL's query is larger than {limits.size} bytes; send it by POST.")
        return from_query_string(query_string)

    async def _executed(self, question: Question, asked: Asked) -> Answer:
        text = self._persisted.text_of(question, asked.caller.role.may("documents:any"))
        return await self._graph.execute(text, question.variables, question.operation_name, question.extensions, asked)

    async def _several(self, questions: list[Question], asked: Asked) -> list[Answer]:
        """The answers to a batch: all at once, each for itself, none the failure of another."""
        return await asyncio.gather(*(self._for_itself(question, asked) for question in questions))

    async def _for_itself(self, question: Question, asked: Asked) -> Answer:
        try:
            return await self._executed(question, asked)
        except (Refused, Overloaded) as error:
            return Answer(errors=(told_error(error.message, error.code),), executed=False)


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
