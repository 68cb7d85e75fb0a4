"""What each simulated CRM holds, read from its own state and told in one set of words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.chaos.history import Held

from crmgraph.demo.simulator import Simulator

Raw = Mapping[str, Any]


def held(crms: Mapping[str, Simulator]) -> list[Held]:
    """Every contact of every CRM."""
    return [record for name, crm in crms.items() for record in READERS[name](crm.state)]


def _bigcontacts(state: Any) -> Iterable[Held]:
    for one in state.contacts.values():
        emails = [entry["email"] for entry in one["emails"]]
        tags = [entry["value"] for entry in one["categories"] if entry["name"] == "Tag"]
        yield _record("bigcontacts", one, emails, f"{one['first_name']} {one['last_name']}", tags, title=one["title"])


def _concord(state: Any) -> Iterable[Held]:
    for one in state.tables["contacts"].values():
        tags = [tag["name"] for tag in one["tags"]]
        name = f"{one['first_name']} {one['last_name']}"
        yield _record("concord", one, [one["email"]], name, tags, title=one["job_title"])


def _orgcrm(state: Any) -> Iterable[Held]:
    for one in state.contacts.values():
        yield _record("orgcrm", one, [one["email"]], one["name"], one["tags"])


def _leadconnector(state: Any) -> Iterable[Held]:
    for one in state.contacts.values():
        more = [entry["email"] for entry in one["additionalEmails"]]
        name = f"{one['firstName']} {one['lastName']}"
        yield _record("leadconnector", one, [one["email"], *more], name, one["tags"])


def _record(source: str, raw: Raw, emails: Iterable[str | None], name: str, tags: Iterable[str], **more: Any) -> Held:
    known = tuple(email for email in emails if email)
    return Held(source, str(raw["id"]), known, {"name": name, "tags": list(tags), **more})


READERS: Mapping[str, Callable[[Any], Iterable[Held]]] = {
    "leadconnector": _leadconnector,
    "concord": _concord,
    "bigcontacts": _bigcontacts,
    "orgcrm": _orgcrm,
}
"""A source's name → how its records are read."""
