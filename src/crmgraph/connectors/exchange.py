"""What goes to a CRM and what comes back, as frozen values: a call is its own cache key."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one source.

    `scope` names the credential it is made with (never the credential itself), so that equal calls of two callers are
    never taken for one. `path` is relative to the source's base URL and already percent-encoded; `query` keeps repeated
    names.
    """

    source: str
    scope: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the headers (names in lower case) and the decoded bytes."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


T = TypeVar("T")

Flow = Generator[Call, Reply, T]
"""Yields calls, is handed their replies, returns what they mean."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a definition's calls go: the source's name, its credential scope and the settings that are no secrets."""

    source: str
    scope: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
