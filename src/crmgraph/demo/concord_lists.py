"""Concord's list parameters: q, search_fields, search_match, order, select, page, per_page, take (sheet section 2).

Frozen here, where the sheet leaves it open: `like` and `=` both disregard case; a search field or an order that the
resource does not have is refused with 422; rows come in order of id, and equal ones stay so; `/calls` ignores per_page
and always has 15; a contact can also be searched by `full_name`.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any

from starlette.datastructures import QueryParams

from crmgraph.demo.concord_shapes import Resource, full_name, shown
from crmgraph.demo.concord_state import ConcordState, Wire
from crmgraph.demo.simulator import int_param, page_of

ELSEWHERE = "https://tenant.elsewhere.example.net/api"
"""Where the links of a list point: not to where it was asked, so that a client that follows them is found out."""

SMALLEST, LARGEST = 15, 100


class Invalid(Exception):
    """What Concord answers with 422: one field and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def listed(state: ConcordState, resource: Resource, query: QueryParams) -> Wire:
    """One page with its links and meta."""
    rows = _found(state, resource, query)
    size = int_param(query, "per_page", SMALLEST, 1, LARGEST) if resource.name != "calls" else SMALLEST
    page = page_of(rows, int_param(query, "page", 1), size)
    first = (page.page - 1) * size + 1 if page.items else None
    path = f"{ELSEWHERE}/{resource.name}"
    meta = {
        "current_page": page.page,
        "from": first,
        "last_page": page.last,
        "path": path,
        "per_page": size,
        "to": first and first + len(page.items) - 1,
        "total": page.total,
    }
    return {
        "data": _selected(state, resource, page.items, query),
        "links": _links(path, page.page, page.last),
        "meta": meta,
    }


def searched(state: ConcordState, resource: Resource, query: QueryParams) -> list[Wire]:
    """All that is found, at most `take` of it, without pages."""
    rows = _found(state, resource, query)
    most = int_param(query, "take", len(rows), 0)
    return _selected(state, resource, rows[:most], query)


def _links(path: str, page: int, last: int) -> Wire:
    return {
        "first": f"{path}?page=1",
        "last": f"{path}?page={last}",
        "prev": f"{path}?page={page - 1}" if page > 1 else None,
        "next": f"{path}?page={page + 1}" if page < last else None,
    }


def _selected(state: ConcordState, resource: Resource, rows: Iterable[Wire], query: QueryParams) -> list[Wire]:
    wanted = [name for name in query.get("select", "").split(";") if name]
    records = [shown(state, resource, row) for row in rows]
    return [{name: r[name] for name in wanted if name in r} for r in records] if wanted else records


def _found(state: ConcordState, resource: Resource, query: QueryParams) -> list[Wire]:
    rows = _ordered(list(state.tables[resource.name].values()), query.get("order", ""))
    tests = _tests(resource, query)
    if not query.get("q"):
        return rows
    match = all if query.get("search_match") == "and" else any
    return [row for row in rows if match(_holds(*test, _searchable(state, resource, row)) for test in tests)]


def _searchable(state: ConcordState, resource: Resource, row: Wire) -> Wire:
    record = shown(state, resource, row)
    return {**record, "full_name": full_name(row)} if resource.name == "contacts" else record


def _tests(resource: Resource, query: QueryParams) -> list[tuple[str, str, str]]:
    """(field, operator, value) of each condition: a field's own value from `q` before the term that is for all."""
    named = [part.partition(":") for part in query.get("search_fields", "").split(";") if part]
    operators = {field: operator or "like" for field, _, operator in named}
    for field, operator in operators.items():
        if operator not in ("like", "="):
            raise Invalid("search_fields", f"The operator {operator} of {field} is not accepted.")
    parts = [part.partition(":") for part in query.get("q", "").split(";") if part]
    own = {field: value for field, colon, value in parts if colon}
    term = next((text for text, colon, _ in parts if not colon), None)
    fields = list(operators or (own if own else dict.fromkeys(resource.searched)))
    values = {field: own.get(field, term) for field in fields}
    return [(field, operators.get(field, "like"), value) for field, value in values.items() if value is not None]


def _holds(field: str, operator: str, value: str, record: Wire) -> bool:
    wanted = value.casefold()
    texts = [str(found).casefold() for found in _values(record, field.split("."), field)]
    return wanted in texts if operator == "=" else any(wanted in text for text in texts)


def _values(record: Mapping[str, Any], path: list[str], field: str) -> Iterator[Any]:
    """The plain values at a dotted path; lists on the way are walked through."""
    if path[0] not in record:
        raise Invalid("search_fields", f"The field {field} is not accepted.")
    found = record[path[0]]
    for value in found if isinstance(found, list) else [found]:
        if isinstance(value, dict) and path[1:]:
            yield from _values(value, path[1:], field)
        elif value is not None and not isinstance(value, dict) and not path[1:]:
            yield value


def _ordered(rows: list[Wire], order: str) -> list[Wire]:
    """The rows by the first order, equal ones by the next; nulls come first, as in the database."""
    rows.sort(key=lambda row: row["id"])
    for part in reversed([part for part in order.split(";") if part]):
        field, _, direction = part.partition("|")
        if any(isinstance(row.get(field, [row]), list | dict) for row in rows):
            raise Invalid("order", f"The field {field} is not accepted.")
        rows.sort(key=lambda row: _rank(row[field]), reverse=direction.lower() == "desc")
    return rows


def _rank(value: Any) -> tuple[float, str]:
    if value is None:
        return -inf, ""
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value).casefold())
