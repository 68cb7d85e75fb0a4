"""One question to one server."""

from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from bench.peers.server import Server

Body = Mapping[str, Any]
"""What is posted: `query`, and `variables` where it has some."""


class Refused(Exception):
    """A server gave no whole answer; the message names it and says what it said."""


def encoded(body: Body) -> bytes:
    """A question as it goes over the wire, on one line."""
    return orjson.dumps(body)


def ask(server: Server, body: Body) -> Any:
    """The data of an answer; raises Refused where there are errors."""
    headers = {"Content-Type": "application/json"}
    reply = httpx.post(server.url, content=encoded(body), headers=headers, timeout=30)
    try:
        told = reply.json()
    except ValueError:
        told = {}
    if told.get("errors") or told.get("data") is None:
        raise Refused(f"{server.name} answered {reply.status_code}: {reply.text[:500]}")
    return told["data"]
