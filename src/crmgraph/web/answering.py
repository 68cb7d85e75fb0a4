"""From the graph's answer to the bytes of an HTTP response."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope, Send

from crmgraph.domain.errors import Forbidden
from crmgraph.web.coding import Coding, packed
from crmgraph.web.encoding import to_json
from crmgraph.web.graph import Answer
from crmgraph.web.headers import SAFE
from crmgraph.web.media_type import MediaType

Header = tuple[bytes, bytes]

_CONTENT_TYPE: dict[MediaType, Header] = {
    each: (b"content-type", f"{each}; charset=utf-8".encode("ascii")) for each in MediaType
}

_ALWAYS: tuple[Header, ...] = (
    # People's data: no cache on the way may keep it.
    (b"cache-control", b"no-store"),
    # What it looks like depends on these, should a cache keep it all the same.
    (b"vary", b"Accept, Accept-Encoding"),
    *((name.lower().encode(), value.encode()) for name, value in SAFE.items()),
)

_ONLY_POST: tuple[Header] = ((b"allow", b"POST"),)
_PACKED: tuple[Header] = ((b"content-encoding", b"gzip"),)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP response, as an ASGI application that sends it."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        headers = [*self.headers, (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def reply(answer: Answer, media_type: MediaType, coding: Coding) -> Reply:
    """The HTTP response for an answer."""
    body = _plain(answer)
    packs = coding.packs(len(body))
    allow = _ONLY_POST if answer.needs_post else ()
    headers = (_CONTENT_TYPE[media_type], *_ALWAYS, *allow, *(_PACKED if packs else ()))
    return Reply(_status(answer, media_type), headers, _kept(answer, "packed", lambda: packed(body)) if packs else body)


def replies(answers: Sequence[Answer], coding: Coding) -> Reply:
    """The HTTP response for the answers to a batch, in its order. The GraphQL media type has no word for an array."""
    body = b"[%s]" % b",".join(_plain(answer) for answer in answers)
    packs = coding.packs(len(body))
    headers = (_CONTENT_TYPE[MediaType.JSON], *_ALWAYS, *(_PACKED if packs else ()))
    return Reply(200, headers, packed(body) if packs else body)


def _plain(answer: Answer) -> bytes:
    return _kept(answer, "plain", lambda: to_json(_body(answer)))


def _kept(answer: Answer, name: str, make: Callable[[], bytes]) -> bytes:
    """Bytes of an answer, made once for all who are given it."""
    found = answer.kept.get(name)
    if found is None:
        found = answer.kept[name] = make()
    return found


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
    """405 and 200 speak for themselves; a request error is 400, or 403 for who may not ask this, only to callers who
    know the GraphQL media type.
    """
    if answer.needs_post:
        return 405
    if answer.executed or media_type is not MediaType.GRAPHQL:
        return 200
    return 403 if any(_code(one) == Forbidden.code for one in answer.errors) else 400


def _code(error: Mapping[str, Any]) -> Any:
    return error.get("extensions", {}).get("code")
