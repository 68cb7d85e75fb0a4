"""The five operations that faults strike, and what of an answer belongs to which source."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]

SOURCES = ("leadconnector", "concord", "bigcontacts", "orgcrm")


@dataclass(frozen=True, slots=True)
class Operation:
    """`told` gives the things of an answer that belong to sources, as (source, thing); `distinct` ones each once."""

    name: str
    text: str
    told: Callable[[Data], Iterator[tuple[str, str]]]
    distinct: bool = False
    writes: bool = False


def _listed(data: Data) -> Iterator[tuple[str, str]]:
    """Each source's own records in its own list: who else belongs to a person depends on who can be asked."""
    for name in SOURCES:
        for node in (data.get(name) or {"nodes": []})["nodes"]:
            yield from ((name, one["id"]) for one in node["records"] if one["source"]["name"] == name)


def _records(data: Data) -> Iterator[tuple[str, str]]:
    for one in (data.get("contact") or {"records": []})["records"]:
        yield one["source"]["name"], one["id"]


def _tasks(data: Data) -> Iterator[tuple[str, str]]:
    found = data.get("contact") or {"tasks": {"nodes": []}}
    for node in found["tasks"]["nodes"]:
        yield node["record"]["source"]["name"], node["title"]


def _tags(data: Data) -> Iterator[tuple[str, str]]:
    for tag in data.get("tags") or ():
        yield from ((source["name"], tag["name"]) for source in tag["sources"])


def _results(data: Data) -> Iterator[tuple[str, str]]:
    for result in data["createContact"]["results"]:
        yield result["source"]["name"], result["outcome"]


_LIST = 'contacts(first: 12, sources: ["{name}"]) {{ nodes {{ records {{ source {{ name }} id }} }} }}'
_LISTS = " ".join(f"{name}: {_LIST.format(name=name)}" for name in SOURCES)
_PERSON = 'contact(by: {email: "maria.fernandez@tamarind.example.org"})'
_RECORDS = "records { source { name } id }"
_TASKS = "tasks { nodes { title record { source { name } } } }"
_CREATE = """
mutation {
  createContact(input: {givenName: "Nora", familyName: "Quill", emails: [{value: "nora@quill.example"}]}) {
    results { source { name } outcome error { code message } }
  }
}
"""

OPERATIONS: Mapping[str, Operation] = {
    one.name: one
    for one in (
        Operation("list of contacts", f"{{ {_LISTS} }}", _listed, distinct=True),
        Operation("contact by e-mail", f"{{ {_PERSON} {{ {_RECORDS} }} }}", _records, distinct=True),
        Operation("tasks of a contact", f"{{ {_PERSON} {{ {_TASKS} }} }}", _tasks),
        Operation("tags", "{ tags { name sources { name } } }", _tags),
        Operation("mutation", _CREATE, _results, writes=True),
    )
}
