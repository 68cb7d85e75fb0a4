"""From a checked definition file to a definition ready for use, every further mistake told with its place.

The model has checked the shape; what remains are names that must fit each other: fields of a kind, parts of a type, vocabularies,
lists that look-ups go through, settings in templates.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crmgraph.connectors.definition import Definition, Resource, Setting, compiled_resource
from crmgraph.connectors.mapping import Lens, compile_field, lines_of, parse_line, parse_step, tables_of
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import Block, DefinitionSpec, Endpoint, Listing, Of, Paths, ResourceSpec, Through, Whole
from crmgraph.connectors.templates import slots_in
from crmgraph.connectors.trees import DefinitionMistakes, Document, Mistake
from crmgraph.connectors.values import PARTS
from crmgraph.domain.errors import DefinitionError
from crmgraph.domain.model import FIELDS, Field, Kind

Finding = tuple[Path, str]

_SLOTS = frozenset(
    {"id", "ids", "parent", "parents", "value", "text", "size", "page", "offset", "name", "op", "items", "key"}
)


def assemble(spec: DefinitionSpec, document: Document) -> Definition:
    """Compile a definition; raises DefinitionMistakes with everything that does not fit together."""
    findings = [*_tables(spec), *_templates(spec)]
    resources: dict[str, Resource] = {}
    for name, resource in spec.resources.items():
        lenses, wrong = _resource(spec, name, resource)
        findings += wrong
        if not wrong:
            resources[name] = compiled_resource(name, resource, lenses)
    if findings:
        raise DefinitionMistakes(_mistake(document, path, message) for path, message in findings)
    settings = {
        name: Setting(one.description, one.required and one.default is None, one.secret, one.default)
        for name, one in spec.settings.items()
    }
    return Definition(spec, settings, resources)


def _mistake(document: Document, path: Path, message: str) -> Mistake:
    return document.key_place(path).mistake(message)


def _tables(spec: DefinitionSpec) -> Iterator[Finding]:
    for name, table in spec.tables.items():
        path: Path = ("tables", name)
        if (table.of is None) == (table.endpoint is None):
            yield path, f"The vocabulary `{name}` needs either `of` (a resource) or `endpoint`."
        elif table.of is not None and table.of not in spec.resources:
            yield (*path, "of"), unknown(table.of, spec.resources)
        elif table.of is not None and spec.resources[table.of].list is None:
            yield (*path, "of"), f"`{table.of}` has no `list` that the vocabulary could be read from."
        elif table.of is not None:
            known = spec.resources[table.of].fields
            parts = [table.value] if isinstance(table.value, str) else list(table.value.values())
            yield from (((*path, "value"), unknown(part, known)) for part in parts if part not in known)


def _templates(spec: DefinitionSpec) -> Iterator[Finding]:
    known = set(spec.settings)
    for where, template in (
        (("auth",), [spec.auth.bearer or "", spec.auth.header, spec.auth.query]),
        (("headers",), spec.headers),
    ):
        for slot in sorted(slots_in(template) - known):
            yield where, f"`{{{slot}}}`: {unknown(slot, known)}"


def _resource(spec: DefinitionSpec, name: str, resource: ResourceSpec) -> tuple[dict[str, Lens], list[Finding]]:
    at: Path = ("resources", name)
    if resource.kind is None and name not in set(Kind):
        return {}, [(at, f"{unknown(name, list(Kind))} A name of its own needs `kind`.")]
    kind = resource.kind or Kind(name)
    findings = [*_endpoints(spec, at, resource), *_lookups(at, resource), *_lists(at, resource, kind)]
    lenses: dict[str, Lens] = {}
    for field, block in resource.fields.items():
        path = (*at, "fields", field)
        if field not in FIELDS[kind]:
            findings.append((path, unknown(field, FIELDS[kind])))
            continue
        wrong = list(_field(spec, FIELDS[kind][field], block, path))
        findings += wrong
        if not wrong:
            lenses[field] = compile_field(FIELDS[kind][field], block, f"{name} with a `{field}`")
    return lenses, [*findings, *_lines(at, resource)]


def _field(spec: DefinitionSpec, field: Field, block: Paths | Block, path: Path) -> Iterator[Finding]:
    given = block if isinstance(block, Block) else Block(read=block)
    yield from _shape(given, path)
    for part in given.object or {}:
        known = PARTS.get(field.type, ())
        if part not in known:
            yield (*path, "object", part), unknown(part, known)
    for line in lines_of(given):
        yield from ((path, message) for message in _wrong_line(line))
    yield from ((path, unknown(name, spec.tables)) for name in _tables_in(given) if name not in spec.tables)
    for word in [*(given.words or {}).values(), *([given.otherwise] if given.otherwise else [])]:
        if field.values is not None and word not in field.values:
            yield (*path, "words"), unknown(word, field.values)


def _shape(block: Block, path: Path) -> Iterator[Finding]:
    ways = ("read", "const", "each", "map", "rest", "format")
    said = [name for name in ways if getattr(block, name) is not None]
    if len(said) > 1:
        yield path, f"`{said[0]}` and `{said[1]}` exclude each other; keep one."
    if not said and block.object is None:
        yield path, f"This field says nothing; write a path, or one of {', '.join(ways)}, object."


def _tables_in(block: Block) -> list[str]:
    try:
        return tables_of(block)
    except DefinitionError:  # An unknown transform is told where its line is checked.
        return [block.table] if block.table else []


def _wrong_line(line: str) -> Iterator[str]:
    try:
        parse_line(line)
    except DefinitionError as wrong:
        yield wrong.message


def _lines(at: Path, resource: ResourceSpec) -> Iterator[Finding]:
    named = [("id", resource.id), ("parent", resource.parent), ("only", resource.only and resource.only.path)]
    for name, line in named:
        for message in _wrong_line(line) if line else ():
            yield (*at, name), message


def _endpoints(spec: DefinitionSpec, at: Path, resource: ResourceSpec) -> Iterator[Finding]:
    known = set(spec.settings) | _SLOTS
    for path, endpoint in _each_endpoint(at, resource):
        template = [endpoint.call, endpoint.query, endpoint.headers, endpoint.body]
        for slot in sorted(slots_in(template) - known):
            yield path, f"`{{{slot}}}`: {unknown(slot, known)}"


def _each_endpoint(at: Path, resource: ResourceSpec) -> Iterator[tuple[Path, Endpoint]]:
    found: list[tuple[Path, Any]] = [
        ((*at, name), getattr(resource, name)) for name in ("list", "search", "get", "get_many")
    ]
    found += [((*at, "find", name), one) for name, one in resource.find.items()]
    found += [((*at, "of", str(name)), one) for name, one in resource.of.items()]
    return ((path, one) for path, one in found if isinstance(one, Endpoint))


def _lookups(at: Path, resource: ResourceSpec) -> Iterator[Finding]:
    """Look-ups that go through a list need that list, and a filter on what they look for."""
    wanted: list[tuple[Path, Any, str]] = [((*at, "get_many"), resource.get_many, "id")]
    wanted += [((*at, "find", sort), how, f"{sort}s") for sort, how in resource.find.items()]
    wanted += [((*at, "of", str(kind)), how, str(kind)) for kind, how in resource.of.items()]
    for path, how, field in wanted:
        if isinstance(how, Whole) and resource.list is None:
            yield path, "This reads the whole `list`, which the resource does not have."
        if isinstance(how, Through):
            listing = resource.list if how.through == "list" else resource.search
            if listing is None or listing.filter is None or field not in listing.filter.fields:
                yield path, f"This goes through `{how.through}`, whose filter does not know `{field}`."
    for kind, of in resource.of.items():
        singly = isinstance(of, Of) and of.many is None
        if not singly and not {str(kind), "contacts"} & set(resource.fields) and resource.parent is None:
            yield (*at, "of", str(kind)), f"Map the field `{kind}`, which says whose record each one is."


def _lists(at: Path, resource: ResourceSpec, kind: Kind) -> Iterator[Finding]:
    for name, listing in (("list", resource.list), ("search", resource.search)):
        if listing is not None:
            yield from _listing((*at, name), listing, kind)


def _listing(at: Path, listing: Listing, kind: Kind) -> Iterator[Finding]:
    known = {*FIELDS[kind], "id"}
    for field in listing.order:
        if field not in known:
            yield (*at, "order", field), unknown(field, known)
    for field in listing.omits:
        if field not in known:
            yield (*at, "omits"), unknown(field, known)
    if listing.filter is None:
        return
    for field, how in listing.filter.fields.items():
        if field not in known:
            yield (*at, "filter", "fields", field), unknown(field, known)
        for call in (how.format or "").split("|"):
            try:
                parse_step(call.strip()) if call.strip() else None
            except DefinitionError as wrong:
                yield (*at, "filter", "fields", field), wrong.message
    if listing.filter.style != "params" and not listing.filter.into:
        yield (*at, "filter"), "Conditions of this style need `into`: where in the body they go."


def settings_of(definition: Definition, given: Mapping[str, str]) -> dict[str, str]:
    """A source's settings with the defaults filled in."""
    defaults = {name: one.default for name, one in definition.settings.items() if one.default is not None}
    return {**defaults, **given}
