"""How a list goes on: the parameters of the next page from the last reply, in three styles and none.

A position is JSON: None for the start, a number for `page` and `offset`, an object of parameters for `cursor`; so it can travel in a
caller's cursor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.mapping import reader
from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.spec import Endpoint, PagesSpec
from crmgraph.connectors.templates import fill

Position = int | Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of raw records; `next` is None at the end, `total` None where the CRM does not say."""

    items: Sequence[Any]
    next: Position
    total: int | None


def parameters(pages: PagesSpec | None, position: Position, size: int) -> dict[str, Any]:
    """What the call for the page at `position` carries."""
    if pages is None:
        return {}
    if pages.style == "cursor":
        sized = fill(pages.params, {"size": size})
        return {**sized, **(position if isinstance(position, Mapping) else {})}
    at = position if isinstance(position, int) else start(pages)
    return dict(fill(pages.params, {"size": size, "page": at, "offset": at}))


def start(pages: PagesSpec) -> int:
    """The number of the first page, or the first offset."""
    return pages.first if pages.style == "page" else 0


def turn(endpoint: Endpoint, position: Position, size: int, body: Any, items: Sequence[Any]) -> Page:
    """The page that a reply holds, and where the next one starts."""
    total = _total(endpoint, body)
    pages = endpoint.pages
    if pages is None or pages.style == "none" or not items or _says_no_more(pages, body):
        return Page(items, None, total)
    if pages.style == "cursor":
        return Page(items, _next_cursor(pages, body, items), total)
    if pages.ends_short and len(items) < size:
        return Page(items, None, total)
    at = position if isinstance(position, int) else start(pages)
    after = at + (1 if pages.style == "page" else len(items))
    if total is not None and _seen(pages, at, size, len(items)) >= total:
        return Page(items, None, total)
    return Page(items, after, total)


def _total(endpoint: Endpoint, body: Any) -> int | None:
    found = compile_path(endpoint.total)(body) if endpoint.total is not None else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _says_no_more(pages: PagesSpec, body: Any) -> bool:
    return pages.more is not None and not compile_path(pages.more)(body)


def _seen(pages: PagesSpec, at: int, size: int, here: int) -> int:
    """How many records lie before the next page; a page that is not full tells nothing about the ones before it."""
    return at + here if pages.style == "offset" else (at - pages.first) * size + here


def _next_cursor(pages: PagesSpec, body: Any, items: Sequence[Any]) -> Mapping[str, Any] | None:
    found: dict[str, Any] = {}
    for parameter, path in pages.next.items():
        in_last = path.startswith("last.")
        value = reader(path.removeprefix("last."))(items[-1] if in_last else body, {})
        if value is None or value == "":
            return None
        found[parameter] = value
    return found or None


def goes_round(position: Position, page: Page, before: Sequence[Any]) -> bool:
    """Whether a list leads back to where it was: the same cursor again, or the same records again."""
    again = page.next is not None and page.next == position
    repeated = 0 < len(page.items) <= len(before) and list(before[-len(page.items) :]) == list(page.items)
    return again or repeated
