"""A server under measurement."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.upstreams import Upstream

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers GraphQL at `url`; `process` is the root of its processes."""

    name: str
    url: str
    process: int


Start = Callable[[Upstream, Path], AbstractContextManager[Server]]
"""Starts a server over an upstream; what it needs and what it prints is in a folder of its own."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that can be started; `missing` says, once it was tried to be had, what it lacks."""

    name: str
    start: Start
    missing: Callable[[], str | None] = lambda: None
    is_ours: bool = False
