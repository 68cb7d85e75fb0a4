"""How a list goes on: the parameters of the next page from the last reply, in three styles and none.

A position is JSON: None for the start, a number for `page` and `offset`, an object of parameters for `cursor`; so it
can travel in a caller's cursor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.lines import reader
from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.spec import Endpoint, PagesSpec
from crmgraph.connectors.templates import fill
from crmgraph.connectors.values import as_json

Position = int | Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of raw records; `next` is None at the end, `total` None where the CRM does not say.

    `beyond` are the positions behind `next` of which this page tells already that there are records.
    """

    items: Sequence[Any]
    next: Position
    total: int | None
    beyond: Sequence[int] = ()


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
    total = _count(endpoint.total, body)
    pages = endpoint.pages
    if pages is None or pages.style == "none" or not items or _says_no_more(pages, body):
        return Page(items, None, total)
    if pages.style == "cursor":
        # A cursor does not tell how many came before it, so the total ends a list only on its first page.
        whole = position is None and total is not None and len(items) >= total
        return Page(items, None if whole else _next_cursor(pages, body, items), total)
    at = position if isinstance(position, int) else start(pages)
    if _is_last(pages, body, at, size, len(items), total):
        return Page(items, None, total)
    next_at = at + (1 if pages.style == "page" else len(items))
    return Page(items, next_at, total, _beyond(pages, body, at, size, len(items), total))


def _is_last(pages: PagesSpec, body: Any, at: int, size: int, here: int, total: int | None) -> bool:
    """Whether nothing follows, as far as this page tells; where it does not tell, the empty page after it will."""
    if pages.ends_short and here < size:
        return True
    if pages.last is not None and (last := _count(pages.last, body)) is not None:
        return at >= last
    if total is None:
        return False
    if pages.style == "offset":
        return at + here >= total
    # Some CRMs give smaller pages than asked: how many lie before this one is only known when it is full, or the first.
    before = (at - pages.first) * size
    return before + here >= total if here >= size or at == pages.first else False


def _beyond(pages: PagesSpec, body: Any, at: int, size: int, here: int, total: int | None) -> range:
    """The positions behind the next one, up to the end that this page tells; none where it does not tell."""
    if pages.last is not None and (last := _count(pages.last, body)) is not None:
        return range(at + 2, last + 1)
    if total is None:
        return range(0)
    if pages.style == "offset":
        return range(at + 2 * here, total, here)
    each = here if at == pages.first else size
    return range(at + 2, pages.first + -(-total // each)) if here >= each else range(0)


def _count(path: str | None, body: Any) -> int | None:
    """A number in the body, also one written as text; None where there is none."""
    found = None if path is None else compile_path(path)(body)
    if isinstance(found, str) and found.isascii() and found.isdigit():
        return int(found[:15])
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _says_no_more(pages: PagesSpec, body: Any) -> bool:
    return pages.more is not None and not compile_path(pages.more)(body)


def _next_cursor(pages: PagesSpec, body: Any, items: Sequence[Any]) -> Mapping[str, Any] | None:
    found: dict[str, Any] = {}
    for parameter, line in pages.next.items():
        in_last = line.startswith("last.")
        value = reader(line.removeprefix("last."))(items[-1] if in_last else body, {})
        if value is None or value == "":
            return None
        found[parameter] = as_json(value)
    return found or None


def goes_round(position: Position, page: Page, before: Sequence[Any]) -> bool:
    """Whether a list that goes on leads back to where it was: the same cursor again, or the same records again."""
    if page.next is None:
        return False
    repeated = 0 < len(page.items) <= len(before) and list(before[-len(page.items) :]) == list(page.items)
    return page.next == position or repeated
