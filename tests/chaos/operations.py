"""What is asked of the gateway: creates of new people, changes and tags of known ones, drawn by chance from a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.chaos.history import Asked

SOURCES = ("leadconnector", "concord", "bigcontacts", "orgcrm")

_CREATES = 0.6
"""The share of creates; tags and changes of known people are a half each of the rest."""

_KEYED = 0.5
"""The share of operations with an idempotency key."""

_EVERYWHERE = 0.5
"""The share of creates that go to all sources; the others go to some."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom all CRMs know, by the graph's id."""

    id: str
    email: str


def introduction(number: int) -> Asked:
    """The create that makes somebody known to all CRMs before anything fails."""
    return _create(f"known-{number:04}", SOURCES, key=None)


def operations(count: int, known: Sequence[Known], chance: Random) -> list[Asked]:
    """So many operations, each with a mark of its own."""
    return [_operation(f"mark-{number:05}", known, chance) for number in range(count)]


def _operation(mark: str, known: Sequence[Known], chance: Random) -> Asked:
    key = f"key-{mark}" if chance.random() < _KEYED else None
    if chance.random() < _CREATES:
        sources = SOURCES if chance.random() < _EVERYWHERE else chance.sample(SOURCES, chance.randint(1, 3))
        return _create(mark, sources, key)
    one = chance.choice(known)
    return _tag(mark, one, key) if chance.random() < 0.5 else _change(mark, one, key)


def _create(mark: str, sources: Sequence[str], key: str | None) -> Asked:
    email = f"{mark}@chaos.example.net"
    given, family = "Given", f"Family {mark}"
    sent = {"givenName": given, "familyName": family, "emails": [{"value": email}], "jobTitle": mark, "tags": [mark]}
    values = {"name": f"{given} {family}", "title": mark, "tags": (mark,)}
    return Asked(mark, "createContact", email, values, _input(sent, key, sources), key)


def _tag(mark: str, one: Known, key: str | None) -> Asked:
    sent = {"id": one.id, "tags": [mark]}
    return Asked(mark, "addTags", one.email, {"tags": (mark,)}, _input(sent, key), key)


def _change(mark: str, one: Known, key: str | None) -> Asked:
    sent = {"id": one.id, "jobTitle": mark}
    return Asked(mark, "updateContact", one.email, {"title": mark}, _input(sent, key), key)


def _input(sent: Mapping[str, Any], key: str | None, sources: Sequence[str] | None = None) -> dict[str, Any]:
    more = {"idempotencyKey": key, "sources": list(sources) if sources else None}
    return {**sent, **{name: value for name, value in more.items() if value is not None}}
