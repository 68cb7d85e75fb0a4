"""Whether what a list says it may be asked can be asked: its orders, its free text and its filter."""

from collections.abc import Iterator

from crmgraph.connectors.fitting_endpoints import template_findings
from crmgraph.connectors.fitting_fields import step_findings
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import DefinitionSpec, FilterField, FilterSpec, Listing
from crmgraph.connectors.templates import slots_in
from crmgraph.domain.comparing import OPS
from crmgraph.domain.model import FIELDS, FieldType, Kind
from crmgraph.domain.words import CUSTOM_FIELD_TYPES

_NONE: frozenset[str] = frozenset()


def listing_findings(spec: DefinitionSpec, at: Path, listing: Listing, kind: Kind) -> Iterator[tuple[Path, str]]:
    """What is wrong with a list of `kind` records."""
    yield from _orders(at, listing, kind)
    if listing.text is not None:
        yield from template_findings((*at, "text"), listing.text, frozenset({"text"}))
        if "text" not in slots_in(listing.text):
            yield (*at, "text"), "Nothing here carries the text: use `{text}`."
    if listing.filter is not None:
        yield from _filter(spec, (*at, "filter"), listing.filter, kind)


def _orders(at: Path, listing: Listing, kind: Kind) -> Iterator[tuple[Path, str]]:
    name, _, direction = (listing.natural or "createdAt asc").partition(" ")
    if direction not in ("asc", "desc"):
        yield (*at, "natural"), f"An order is a field and asc or desc: `createdAt desc`, not `{listing.natural}`."
    named = [((*at, "order", field), field) for field in listing.order]
    named += [((*at, "natural"), name)] if listing.natural is not None else []
    for path, field in named:
        known = FIELDS[kind].get(field)
        if known is None:
            yield path, unknown(field, FIELDS[kind])
        elif known.type is not FieldType.INSTANT:
            yield path, f"Lists are put in order by times, which every CRM compares alike; `{field}` is no time."
    for field, order in listing.order.items():
        if order.asc is None and order.desc is None:
            yield (*at, "order", field), "This order says neither `asc` nor `desc`."
        yield from template_findings((*at, "order", field), [order.asc or {}, order.desc or {}], _NONE)


def _filter(spec: DefinitionSpec, at: Path, filter: FilterSpec, kind: Kind) -> Iterator[tuple[Path, str]]:
    yield from template_findings((*at, "condition"), filter.condition, frozenset({"name", "op", "value", "key"}))
    for name in ("group", "both", "either"):
        yield from template_findings((*at, name), getattr(filter, name), frozenset({"items"}))
    yield from template_findings((*at, "extra"), filter.extra, _NONE)
    for field, how in filter.fields.items():
        path = (*at, "fields", field)
        known = {"id", *FIELDS[kind]}
        if field not in known:
            yield path, unknown(field, known)
        else:
            yield from _field(spec, path, how, FIELDS[kind][field].type if field != "id" else FieldType.TEXT)


def _field(spec: DefinitionSpec, at: Path, how: FilterField, type: FieldType) -> Iterator[tuple[Path, str]]:
    ours = {str(op) for op in OPS[type]}
    known = {"find", *ours, *(f"not.{op}" for op in ours)}
    for op, word in how.ops.items():
        if op not in known:
            yield (*at, "ops", op), unknown(op, known)
        if not isinstance(word, str):
            yield from template_findings((*at, "ops", op), word, frozenset({"name", "value", "key"}))
    yield from template_findings((*at, "name"), how.name, frozenset({"key"}))
    if (type is FieldType.CUSTOM) != ("key" in slots_in([how.name, *how.ops.values()])):
        yield (*at, "name"), "Custom fields, and they alone, are named with `{key}`."
    yield from (((*at, "format"), message) for message in step_findings(spec, how.format, at_hand=False))
    for word in how.types or ():
        if word not in CUSTOM_FIELD_TYPES:
            yield (*at, "types"), unknown(word, CUSTOM_FIELD_TYPES)
    if how.types is not None and (how.table is None or type is not FieldType.CUSTOM):
        yield (*at, "types"), "`types` goes with `table`, and with custom fields: the vocabulary tells each one's type."
    if how.table is not None and how.spellings is not None:
        yield at, "`table` and `spellings` exclude each other; keep one."
    for part, table in (("table", how.table), ("spellings", how.spellings)):
        if table is not None and table not in spec.tables:
            yield (*at, part), unknown(table, spec.tables)
