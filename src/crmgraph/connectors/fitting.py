"""What must fit together in a definition beyond its shape: names that are spoken of must be there.

Each check gives findings: where, and one sentence about what is wrong and what would be right.
"""

from collections.abc import Iterator, Mapping

from crmgraph.connectors.fitting_endpoints import endpoint_findings, template_findings
from crmgraph.connectors.fitting_fields import field_findings, line_findings, step_findings
from crmgraph.connectors.fitting_lists import listing_findings
from crmgraph.connectors.fitting_oauth import oauth_findings
from crmgraph.connectors.fitting_webhooks import webhook_findings
from crmgraph.connectors.fitting_writes import write_findings
from crmgraph.connectors.reserved import refused
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import (
    Agenda,
    DefinitionSpec,
    Endpoint,
    Find,
    Listing,
    Many,
    Of,
    ResourceSpec,
    TableSpec,
    Through,
    Whole,
)
from crmgraph.domain.model import FIELDS, Kind

Finding = tuple[Path, str]

_NEEDED: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "list": (frozenset(), frozenset()),
    "search": (frozenset(), frozenset()),
    "get": (frozenset({"id", "parent"}), frozenset({"id"})),
    "get_many": (frozenset({"ids", "size"}), frozenset({"ids"})),
    "find": (frozenset({"value", "size"}), frozenset({"value"})),
    "certain": (frozenset({"value", "size"}), frozenset({"value"})),
    "of": (frozenset({"parent", "parents"}), frozenset({"parent", "parents"})),
    "agenda": (frozenset({"whose", "begin", "end"}), frozenset({"whose"})),
}
"""For each read: the slots that its call may use, and of which it must use one."""


def findings_of(spec: DefinitionSpec) -> Iterator[Finding]:
    """Everything that does not fit together."""
    yield from _settings(spec)
    for name, table in spec.tables.items():
        yield from _table(spec, ("tables", name), table)
    if spec.probe is not None:
        yield from endpoint_findings(spec, ("probe",), spec.probe, frozenset({"size"}), frozenset())
    for name, resource in spec.resources.items():
        yield from _resource(spec, name, resource)
    yield from webhook_findings(spec)


def _settings(spec: DefinitionSpec) -> Iterator[Finding]:
    for name in spec.settings:
        if why := refused(name, spec.settings):
            yield ("settings", name), why
    auth = {"bearer": spec.auth.bearer or "", "header": spec.auth.header, "query": spec.auth.query}
    for part, template in auth.items():
        yield from template_findings(("auth", part), template, frozenset(spec.settings))
    public = frozenset(name for name, one in spec.settings.items() if not one.secret)
    yield from template_findings(("headers",), spec.headers, public, spec)
    yield from oauth_findings(spec, public)


def _table(spec: DefinitionSpec, at: Path, table: TableSpec) -> Iterator[Finding]:
    if (table.of is None) == (table.endpoint is None):
        yield at, "A vocabulary needs either `of` (a resource) or `endpoint`."
    elif table.of is None:
        lines = [("key", table.key)]
        lines += [("value", one) for one in _values(table)]
        for name, line in lines:
            yield from (((*at, name), message) for message in line_findings(spec, line, at_hand=False))
    elif table.of not in spec.resources:
        yield (*at, "of"), unknown(table.of, spec.resources)
    elif spec.resources[table.of].list is None:
        yield (*at, "of"), f"`{table.of}` has no `list` that the vocabulary could be read from."
    else:
        known = {"id", *spec.resources[table.of].fields}
        named = [("key", table.key), *(("value", one) for one in _values(table))]
        yield from (((*at, name), unknown(one, known)) for name, one in named if one not in known)
    if table.endpoint is not None:
        yield from endpoint_findings(spec, (*at, "endpoint"), table.endpoint, frozenset(), frozenset())


def _values(table: TableSpec) -> list[str]:
    return [table.value] if isinstance(table.value, str) else list(table.value.values())


def _resource(spec: DefinitionSpec, name: str, resource: ResourceSpec) -> Iterator[Finding]:
    at: Path = ("resources", name)
    if resource.kind is None and name not in set(Kind):
        yield at, f"{unknown(name, list(Kind))} A name of its own needs `kind`."
        return
    kind = resource.kind or Kind(name)
    for path, read, endpoint in _reads(at, resource):
        may, must = _NEEDED[read]
        among_siblings = read == "get" and endpoint.items is not None
        yield from endpoint_findings(spec, path, endpoint, may, frozenset() if among_siblings else must)
        yield from (
            ((*path, "omits"), unknown(field, resource.fields))
            for field in endpoint.omits
            if field not in resource.fields
        )
        if isinstance(endpoint, Find | Agenda):
            yield from (((*path, "write"), message) for message in step_findings(spec, endpoint.write, at_hand=False))
        if isinstance(endpoint, Listing):
            yield from listing_findings(spec, path, endpoint, kind)
    yield from _needs(spec, at, resource)
    yield from _lookups(at, resource)
    yield from write_findings(spec, at, resource, kind)
    named = [("id", resource.id), ("parent", resource.parent), ("only", resource.only.path if resource.only else None)]
    for part, line in named:
        yield from (((*at, part), message) for message in line_findings(spec, line, at_hand=False) if line is not None)
    for field, block in resource.fields.items():
        path = (*at, "fields", field)
        if field not in FIELDS[kind]:
            yield path, unknown(field, FIELDS[kind])
        else:
            yield from field_findings(spec, path, FIELDS[kind][field], block)


def _reads(at: Path, resource: ResourceSpec) -> Iterator[tuple[Path, str, Endpoint]]:
    for name in ("list", "search", "get", "get_many", "agenda"):
        if isinstance(one := getattr(resource, name), Endpoint):
            yield (*at, name), name, one
    for name in ("find", "certain", "of"):
        for key, one in getattr(resource, name).items():
            if isinstance(one, Endpoint):
                yield (*at, name, str(key)), name, one


def _needs(spec: DefinitionSpec, at: Path, resource: ResourceSpec) -> Iterator[Finding]:
    """A list or a look-up of several may need settings that not everybody has; the latter then has another way."""
    for name in ("list", "search", "get_many"):
        path, read = (*at, name, "needs"), getattr(resource, name)
        needs = read.needs if isinstance(read, Listing | Many) else ()
        if needs and name == "get_many" and resource.get is None:
            yield path, "Without these settings each record is got by `get`, which is not there."
        yield from ((path, unknown(one, spec.settings)) for one in needs if one not in spec.settings)


def _lookups(at: Path, resource: ResourceSpec) -> Iterator[Finding]:
    """Look-ups that go through a list need that list, and a filter on what they look for."""
    wanted: list[tuple[Path, object, str]] = [((*at, "get_many"), resource.get_many, "id")]
    wanted += [((*at, "find", sort), how, f"{sort}s") for sort, how in resource.find.items()]
    wanted += [((*at, "of", str(kind)), how, str(kind)) for kind, how in resource.of.items()]
    for path, how, field in wanted:
        if isinstance(how, Whole) and resource.list is None:
            yield path, "This reads the whole `list`, which the resource does not have."
        if isinstance(how, Through):
            listing = resource.list if how.through == "list" else resource.search
            yield from ((path, message) for message in _through(how, listing, field))
    for kind, of in resource.of.items():
        singly = isinstance(of, Of) and of.many is None
        pointing = {str(kind), f"{kind}s", "contacts" if kind is Kind.CONTACT else str(kind)}
        if not singly and not pointing & set(resource.fields) and resource.parent is None:
            yield (*at, "of", str(kind)), f"Map the field `{kind}`, which says whose record each one is."


def _through(how: Through, listing: Listing | None, field: str) -> Iterator[str]:
    known = None if listing is None or listing.filter is None else listing.filter.fields.get(field)
    if listing is None or listing.filter is None or known is None or not known.ops.keys() & {"eq", "in", "find"}:
        yield f"This goes through `{how.through}`, whose filter cannot look for `{field}` by eq, in or find."
    elif how.max > listing.filter.max:
        yield f"This asks for {how.max} at once, where the filter of `{how.through}` takes {listing.filter.max}."
    elif listing.filter.style == "params" and how.max > 1 and "in" not in known.ops:
        yield f"Parameters take one value at a time: write `max: 1`, or the CRM's word for `in` at `{field}`."
