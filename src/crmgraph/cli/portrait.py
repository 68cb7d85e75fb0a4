"""One merged person on a page: each value with the sources that hold it, and what the others said instead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

QUESTION = """query Demo {
  contact(by: {email: "maria.fernandez@tamarind.example.org"}) {
    displayName
    emails { value origins { source } } phones { value origins { source } }
    addresses { street city region postalCode country origins { source } }
    tags { name sources { name } } customFields { key label text origin { source } }
    tasks(first: 100) { nodes { record { source { name } } } }
    notes(first: 100) { nodes { record { source { name } } } }
    appointments(first: 100) { nodes { record { source { name } } } }
    opportunities(first: 100) { nodes { record { source { name } } } }
    provenance { field value rule origin { source } losers { value origin { source } } }
    records { source { name } id }
  }
}"""

WIDTH = 38
"""The letters of a value that fit into its column."""

_ELSEWHERE = {"emails", "phones", "addresses", "tags", "customFields", "companies", "opportunities", "company", "owner"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is, the value, who holds it. `lost`: the value of a source that was not believed."""

    title: str = ""
    value: str = ""
    sources: str = ""
    why: str = ""
    lost: bool = False

    def __str__(self) -> str:
        return (
            f"  {self.title:<15}{self.value:<{WIDTH}}  {self.sources}{f'  ({self.why})' if self.why else ''}".rstrip()
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Rows under a heading."""

    heading: str
    rows: Sequence[Row]


def portrait(person: Mapping[str, Any]) -> list[Part]:
    """The person that answers QUESTION, part by part."""
    return [
        Part(f"One person, {len(person['records'])} records", list(_records(person["records"]))),
        Part("What survived, and where it comes from", list(_golden(person["provenance"]))),
        Part("What all of them hold together", list(_united(person))),
        Part("What hangs on her", list(_hanging(person))),
    ]


def _records(records: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for one in records:
        yield Row("record", one["id"], one["source"]["name"])


def _golden(provenance: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for one in provenance:
        if one["field"] in _ELSEWHERE:
            continue
        why = one["rule"].partition(",")[0].replace("_", " ")
        yield Row(one["field"], _text(one["value"]), one["origin"]["source"], why)
        for lost in one["losers"]:
            yield Row("", f"not {_text(lost['value'])}", lost["origin"]["source"], lost=True)


def _united(person: Mapping[str, Any]) -> Iterator[Row]:
    for title, name in (("e-mail", "emails"), ("phone", "phones")):
        yield from _listed(title, ((one["value"], _origins(one)) for one in person[name] or ()))
    yield from _listed("address", ((_address(one), _origins(one)) for one in person["addresses"] or ()))
    yield from _listed("tag", ((one["name"], _names(one["sources"])) for one in person["tags"] or ()))
    held = [one for one in person["customFields"] or () if one["text"] is not None]
    yield from _listed(
        "custom field", ((f"{one['label'] or one['key']}: {one['text']}", one["origin"]["source"]) for one in held)
    )


def _listed(title: str, values: Iterator[tuple[str, str]]) -> Iterator[Row]:
    for at, (value, sources) in enumerate(values):
        yield Row("" if at else title, _cut(value), sources)


def _hanging(person: Mapping[str, Any]) -> Iterator[Row]:
    for title in ("tasks", "notes", "appointments", "opportunities"):
        sources = [node["record"]["source"]["name"] for node in (person[title] or {"nodes": []})["nodes"]]
        shares = ", ".join(f"{name} {sources.count(name)}" for name in dict.fromkeys(sources))
        yield Row(title, f"{len(sources)}: {shares}" if sources else "none")


def _origins(one: Mapping[str, Any]) -> str:
    return ", ".join(dict.fromkeys(origin["source"] for origin in one["origins"]))


def _names(sources: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(one["name"] for one in sources))


def _address(one: Mapping[str, Any]) -> str:
    return ", ".join(one[part] for part in ("street", "city", "region", "postalCode", "country") if one[part])


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or ", ".join(
            f"{key} {word.lower()}" for key, word in value.items() if word not in (None, "UNKNOWN")
        )
    return _cut(_instant(value) or str(value))


def _instant(value: Any) -> str | None:
    """An instant as people write it, None for anything else."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        return None
    return None if found is None else f"{found.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
