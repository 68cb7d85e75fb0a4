"""Whether a call can be filled: its slots are known, and it says what it is about."""

from collections.abc import Iterator
from typing import Any

from crmgraph.connectors.fitting_fields import line_findings
from crmgraph.connectors.reserved import SLOTS
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import DefinitionSpec, Endpoint, PagesSpec
from crmgraph.connectors.templates import slots_in

_PAGE_SLOTS = frozenset({"page", "offset", "size"})
_NEEDED = {"page": "page", "offset": "offset"}


def template_findings(
    at: Path, template: Any, known: frozenset[str], spec: DefinitionSpec | None = None
) -> Iterator[tuple[Path, str]]:
    """The slots of a template that nothing fills; with `spec`, secrets are told apart from what is unknown."""
    for slot in sorted(slots_in(template) - known):
        if spec is not None and slot in spec.settings and spec.settings[slot].secret:
            yield at, f"`{{{slot}}}` is a secret, and secrets go only into `auth`."
        elif slot in SLOTS:
            yield at, f"`{{{slot}}}` is not filled in here. Filled in: {', '.join(sorted(known)) or 'nothing'}."
        else:
            yield at, f"`{{{slot}}}`: {unknown(slot, known)}"


def endpoint_findings(
    spec: DefinitionSpec, at: Path, endpoint: Endpoint, may: frozenset[str], must: frozenset[str]
) -> Iterator[tuple[Path, str]]:
    """What is wrong with an endpoint that may use the slots `may`, and must use one of `must` where there are any."""
    public = frozenset(name for name, one in spec.settings.items() if not one.secret)
    parts = {name: getattr(endpoint, name) for name in ("call", "query", "headers", "body")}
    for name, template in parts.items():
        yield from template_findings((*at, name), template, public | may, spec)
    if must and not slots_in(list(parts.values())) & must:
        yield at, f"This call does not say what it asks for: use `{{{'}` or `{'.join(sorted(must))}}}` in it."
    if endpoint.call.startswith("GET ") and endpoint.body is not None:
        yield (*at, "body"), "A GET carries no body; write `query`, or another method."
    if endpoint.items is not None and endpoint.item is not None:
        yield (*at, "item"), "`items` and `item` exclude each other; keep one."
    if endpoint.pages is not None:
        yield from _pages(spec, (*at, "pages"), endpoint.pages)


def _pages(spec: DefinitionSpec, at: Path, pages: PagesSpec) -> Iterator[tuple[Path, str]]:
    yield from template_findings((*at, "params"), pages.params, _PAGE_SLOTS)
    needed = _NEEDED.get(pages.style)
    if needed is not None and needed not in slots_in(pages.params):
        yield at, f"Pages of the style `{pages.style}` need `{{{needed}}}` in `params`; else every page is the first."
    if pages.style == "cursor" and not pages.next:
        yield at, "Pages of the style `cursor` need `next`: which parameter carries what of the last reply."
    for parameter, line in pages.next.items():
        for message in line_findings(spec, line.removeprefix("last."), at_hand=False):
            yield (*at, "next", parameter), message
