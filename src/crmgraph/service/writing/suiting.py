"""Values as a source takes them: a whole name where it keeps no parts, a day where it keeps no time, and so on.

What is told in another form is told again as altered where something is lost by it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.planning import takes
from crmgraph.domain.names import split_name

Says = Callable[[str], Any]
"""What the record says now in a field; None for a new one."""

_OTHERS: Mapping[str, str] = {
    "givenName": "fullName",
    "familyName": "fullName",
    "fullName": "givenName",
    "dueAt": "dueDate",
    "dueDate": "dueAt",
    "company": "companies",
    "companies": "company",
    "contact": "contacts",
    "contacts": "contact",
    "assignees": "owner",
    "owner": "assignees",
    "title": "subject",
    "subject": "title",
    "completed": "status",
}
"""A field → the one that can say the same where a source does not take it."""


def suited(
    resource: Resource, values: Mapping[str, Any], on: str, says: Says
) -> tuple[dict[str, Any], dict[str, tuple[str, Any]]]:
    """The values by fields that the source takes where that can be, and those that lose something by it: field → the
    field that says it now, and what that says.
    """
    made, told = dict(values), dict[str, tuple[str, Any]]()
    for name in values:
        if takes(resource, name, on):
            continue
        for other, value in _instead(resource, name, values, on, says):
            made.pop(name, None)
            made.setdefault(other, value)
            if name in _LOSSY or _several(values[name]):
                told[name] = (other, value)
    return made, told


def has_room(resource: Resource, name: str) -> bool:
    """Whether a source takes a field, if need be in another form, when a record is made or when it is changed."""
    for on in ("create", "update"):
        values, _ = suited(resource, {name: None}, on, lambda _: None)
        if any(takes(resource, one, on) for one in values):
            return True
    return False


_PARTS = ("givenName", "familyName")

_LOSSY = frozenset({"dueAt", "dueDate"})


def _several(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) > 1


def _instead(
    resource: Resource, name: str, values: Mapping[str, Any], on: str, says: Says
) -> Iterator[tuple[str, Any]]:
    other = _OTHERS.get(name)
    if other is None or not takes(resource, other, on):
        return
    if other == "fullName":
        yield other, _whole(values, says)
    elif name == "fullName":
        given, family = split_name(values[name] or "")
        yield "givenName", given or None
        if takes(resource, "familyName", on):
            yield "familyName", family or None
    else:
        yield other, _TELLING[name](values[name])


def _whole(values: Mapping[str, Any], says: Says) -> str | None:
    """The whole name with the parts that are given in the place of those that the record has.

    Titles, commas and blanks stay as they were typed; where a part has no place of its own the parts are put together.
    """
    if values.get("fullName"):
        return str(values["fullName"])
    said = str(says("fullName") or "")
    known = dict(zip(_PARTS, split_name(said), strict=True))
    wanted = {name: values.get(name, known[name]) or "" for name in _PARTS}
    for name in _PARTS:
        if wanted[name] != known[name]:
            if not wanted[name] or said.count(known[name]) != 1:
                return " ".join(filter(None, wanted.values())) or None
            said = said.replace(known[name], wanted[name])
    return said or None


def _midnight(day: Any) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


_TELLING: Mapping[str, Callable[[Any], Any]] = {
    "dueAt": lambda instant: None if instant is None else instant.astimezone(UTC).date(),
    "dueDate": _midnight,
    "company": lambda link: None if link is None else (link,),
    "companies": lambda links: links[0] if links else None,
    "contact": lambda link: None if link is None else (link,),
    "contacts": lambda links: links[0] if links else None,
    "assignees": lambda links: links[0] if links else None,
    "owner": lambda link: None if link is None else (link,),
    "title": lambda text: text,
    "subject": lambda text: text,
    "completed": lambda done: "DONE" if done else "OPEN",
}
