"""What goes to a CRM and what comes back, as frozen values: a call is its own cache key."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from crmgraph.connectors.spec import ReplySpec


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms the reply to a reading call is given to others too.

    `reply` tells a good one from a failure; `lifetime` is for how many seconds it is given again, 0 for what is live.
    """

    reply: ReplySpec
    lifetime: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one source.

    `scope` names the credential it is made with (never the credential itself), so that equal calls of two callers are
    never taken for one. `path` is relative to the source's base URL and already percent-encoded; `query` keeps repeated
    names. `terms` are those of a call that reads; one that writes, or may, has none. `then` are calls that will surely
    be asked for after it, so that whoever sends it may send them along. `endpoint` is the line of the definition that
    it was made from, without anybody's values: this is what it may be called wherever it is told of.
    """

    source: str
    scope: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    terms: Terms | None = field(default=None, compare=False, repr=False)
    then: tuple["Call", ...] = field(default=(), compare=False, repr=False)
    endpoint: str = field(default="", compare=False)
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # It is looked for in many places on its way, so it is hashed once.
        told = (self.source, self.scope, self.method, self.path, self.query, self.headers, self.body)
        object.__setattr__(self, "_hash", hash(told))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the headers (names in lower case) and the decoded bytes."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    _body: list[Any] = field(default_factory=list, init=False, compare=False, repr=False)

    def json(self) -> Any:
        """The content as JSON, parsed once however many share the reply: nobody may change it.

        Raises orjson.JSONDecodeError.
        """
        if not self._body:
            self._body.append(orjson.loads(self.content))
        return self._body[0]


T = TypeVar("T")

Flow = Generator[Call, Reply, T]
"""Yields calls, is handed their replies, returns what they mean."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a definition's calls go: the source's name, its credential scope and the settings that are no secrets."""

    source: str
    scope: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
