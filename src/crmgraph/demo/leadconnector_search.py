"""How LeadConnector's two POST searches page and sort: by page number or by a cursor that each record carries.

Fact sheet sections 4 and 6: page mode reaches `REACH` records, the cursor any number; at most two sort keys.
Frozen here: the cursor is the record's sort values (dates in milliseconds) and then its id; empty values come last in
either direction; ties are broken by id, ascending.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

from crmgraph.demo.leadconnector_filters import BadSearch, Document, millis

REACH = 10_000
LARGEST_PAGE = 500
LONGEST_QUERY = 75
_MOST_SORT_KEYS = 2

Cursor = list[Any]
SortKeys = Sequence[tuple[str, bool]]
"""Field and whether it runs downwards."""


class BeyondReach(Exception):
    """A page number past the records that page mode can reach."""


def page_of(documents: Iterable[Document], body: Mapping[str, Any], size: int, keys: SortKeys) -> list[Document]:
    """The page that `body` asks for by `page` (from 1) or `searchAfter`.

    Raises BadSearch for a malformed position, BeyondReach past the reach of page mode.
    """

    def compare(one: Document, other: Document) -> int:
        return _compare(cursor_of(one, keys), cursor_of(other, keys), keys)

    after = body.get("searchAfter") or []
    page = body.get("page")
    if after and page is not None:
        raise BadSearch("page should not be sent together with searchAfter")
    ordered = sorted(documents, key=cmp_to_key(compare))
    if after:
        return _following(ordered, after, size, keys)
    return ordered[_start(page, size) :][:size]


def sort_keys(sort: Any, sortable: frozenset[str], default: SortKeys) -> SortKeys:
    """Read `sort`, a list of at most two `{field, direction}`."""
    if not sort:
        return default
    if not isinstance(sort, list) or len(sort) > _MOST_SORT_KEYS:
        raise BadSearch(f"sort must contain no more than {_MOST_SORT_KEYS} elements")
    return [_sort_key(one, sortable) for one in sort]


def cursor_of(document: Document, keys: SortKeys) -> Cursor:
    """The record's own position under `keys`: its sort values, then its id."""
    return [*(_sort_value(field, document.get(field)) for field, _ in keys), document["id"]]


def check_query(body: Mapping[str, Any], known: frozenset[str]) -> str:
    """The free text of a search in lower case; raises BadSearch for unknown properties or too long a text."""
    unknown = [f"property {name} should not exist" for name in body if name not in known]
    if unknown:
        raise BadSearch(*unknown)
    query = body.get("query") or ""
    if not isinstance(query, str) or len(query) > LONGEST_QUERY:
        raise BadSearch(f"query must be shorter than or equal to {LONGEST_QUERY} characters")
    return query.strip().casefold()


def check_size(body: Mapping[str, Any], name: str) -> int:
    """The page size under `name`, which the CRM insists on."""
    size = body.get(name)
    if not isinstance(size, int) or isinstance(size, bool):
        raise BadSearch(
            f"{name} must be a number conforming to the specified constraints", f"{name} should not be empty"
        )
    if not 1 <= size <= LARGEST_PAGE:
        raise BadSearch(f"{name} must not be less than 1 or greater than {LARGEST_PAGE}")
    return size


def _start(page: Any, size: int) -> int:
    number = 1 if page is None else page
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise BadSearch("page must not be less than 1")
    if number * size > REACH:
        raise BeyondReach(f"page * page size must not exceed {REACH}; use searchAfter")
    return (number - 1) * size


def _following(ordered: Sequence[Document], after: Any, size: int, keys: SortKeys) -> list[Document]:
    if not isinstance(after, list) or len(after) != len(keys) + 1:
        raise BadSearch(f"searchAfter must contain {len(keys) + 1} elements")
    return [one for one in ordered if _compare(cursor_of(one, keys), after, keys) > 0][:size]


def _sort_key(one: Any, sortable: frozenset[str]) -> tuple[str, bool]:
    if not isinstance(one, dict) or one.get("field") not in sortable:
        raise BadSearch(f"Invalid sort field: {one.get('field') if isinstance(one, dict) else one}")
    if one.get("direction") not in ("asc", "desc"):
        raise BadSearch("direction must be one of: asc, desc")
    return one["field"], one["direction"] == "desc"


def _sort_value(field: str, value: Any) -> Any:
    if value is None:
        return None
    if field.lower().replace("_", "") in ("dateadded", "dateupdated", "createdat", "updatedat"):
        return millis(value)
    return value


def _compare(left: Cursor, right: Cursor, keys: SortKeys) -> int:
    for one, other, (_, down) in zip(left, right, keys, strict=False):
        found = _compare_values(one, other, down)
        if found:
            return found
    return _compare_values(str(left[-1]), str(right[-1]), False)


def _compare_values(one: Any, other: Any, down: bool) -> int:
    if one == other:
        return 0
    if one is None or other is None:
        return 1 if one is None else -1
    if isinstance(one, int | float) and isinstance(other, int | float):
        less = one < other
    else:
        less = str(one) < str(other)
    return -1 if less != down else 1
