"""What a list is asked, in its own words: free text, conditions, an order, a size and the fields that are wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmgraph.connectors.calls import merge
from crmgraph.connectors.definition import Resource
from crmgraph.connectors.lines import parse_line
from crmgraph.connectors.pushdown import KeyOf, push
from crmgraph.connectors.spec import Listing, SelectSpec
from crmgraph.connectors.templates import fill
from crmgraph.domain.filtering import Filter
from crmgraph.domain.records import Tables


def _same(key: str) -> str | None:
    return key


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked: free text, conditions, one order (our field, whether descending), page size, fields.

    `key_of` gives the CRM's key of a logical custom field; `tables` are the vocabularies at hand, of which
    `pushdown.tables_asked` says which a filter needs.
    """

    text: str | None = None
    filter: Filter | None = None
    order: tuple[str, bool] | None = None
    size: int | None = None
    fields: frozenset[str] | None = None
    key_of: KeyOf = field(default=_same)
    tables: Tables = field(default_factory=dict)


def asked_of(listing: Listing, wanted: Wanted, resource: Resource | None) -> dict[str, Any]:
    """What of `wanted` the list can be asked: what its calls carry beside the page."""
    asked: dict[str, Any] = {}
    if wanted.text is not None and listing.text is not None:
        asked = fill(listing.text, {"text": wanted.text[: listing.longest_text]})
    if wanted.filter is not None and listing.filter is not None:
        pushed = push(listing.filter, wanted.filter, wanted.key_of, wanted.tables)
        # Where one parameter serves both, the text goes first: the gateway can apply a filter, but no free text.
        asked |= pushed if asked.keys().isdisjoint(pushed) else {}
    if wanted.order is not None:
        asked = merge(asked, fill(_order(listing, wanted.order) or {}, {}))
    if wanted.fields is not None and listing.select is not None and resource is not None:
        asked |= _selected(listing.select, wanted.fields, resource)
    return asked


def page_size(listing: Listing, wanted: Wanted) -> int:
    """How many records a call asks for: what is wanted, at most what the CRM gives."""
    most = listing.pages.size if listing.pages else 100
    return most if wanted.size is None else max(1, min(most, wanted.size))


def sorts_by(listing: Listing, order: tuple[str, bool]) -> bool:
    """Whether the list can come in this order: asked for, or by nature."""
    name, descending = order
    return _order(listing, order) is not None or listing.natural == f"{name} {'desc' if descending else 'asc'}"


def _order(listing: Listing, order: tuple[str, bool]) -> Mapping[str, Any] | None:
    name, descending = order
    known = listing.order.get(name)
    return None if known is None else known.desc if descending else known.asc


def _selected(select: SelectSpec, fields: frozenset[str], resource: Resource) -> dict[str, Any]:
    """The CRM's names of the fields; nothing, which is all, where one of them looks through the whole record."""
    spec = resource.spec
    lines = [spec.id, *([spec.parent] if spec.parent else []), *([spec.only.path] if spec.only else [])]
    names = dict.fromkeys([*select.always, *(parse_line(line).path.split(".")[0] for line in lines)])
    for name in sorted(fields & resource.lenses.keys()):
        reads = resource.lenses[name].reads
        if reads is None:
            return {}
        names.update(dict.fromkeys(sorted(reads)))
    return {select.param: select.separator.join(names)}
