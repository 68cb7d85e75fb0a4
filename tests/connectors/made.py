"""Small things that the tests of this room share: a definition from a few lines, and a flow driven by hand."""

from collections.abc import Sequence
from typing import Any

import orjson

from crmgraph.connectors import catalog
from crmgraph.connectors.definition import Definition
from crmgraph.connectors.exchange import Call, Flow, Reply, Site
from crmgraph.connectors.flows import Reader

HEAD = "name: tiny\ntitle: Tiny CRM\n"


def definition(text: str) -> Definition:
    """A definition; name and title are given."""
    return catalog.read(HEAD + text, "tiny.yaml")


def contacts(text: str) -> Definition:
    """A definition of contacts with a name alone; `text` says what the CRM offers for them, indented by four."""
    return definition(f"resources:\n  contact:\n    fields: {{fullName: name, emails: email}}\n{text}")


def reader(made: Definition, **settings: str) -> Reader:
    return Reader(made, Site("crm", "", settings))


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, body if isinstance(body, bytes) else orjson.dumps(body))


def drive(flow: Flow[Any], *replies: Reply | Any) -> tuple[Any, Sequence[Call]]:
    """What the flow returns, and the calls it made; whatever is no reply is the body of a good one."""
    calls: list[Call] = []
    waiting = [one if isinstance(one, Reply) else reply(one) for one in replies]
    try:
        calls.append(next(flow))
        while True:
            calls.append(flow.send(waiting.pop(0)))
    except StopIteration as end:
        assert not waiting, "A reply was not asked for."
        return end.value, calls
