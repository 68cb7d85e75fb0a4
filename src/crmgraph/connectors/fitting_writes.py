"""Whether a resource's writes can be made: their slots, what they require, and the way back of every field."""

from collections.abc import Iterator

from crmgraph.connectors.fitting_endpoints import template_findings
from crmgraph.connectors.fitting_fields import line_findings
from crmgraph.connectors.fitting_links import link_findings
from crmgraph.connectors.fitting_wholes import whole_findings
from crmgraph.connectors.mapping import block_of
from crmgraph.connectors.putting import putter_of
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import DefinitionSpec, ResourceSpec, TagWrites, Whole, Write
from crmgraph.connectors.templates import slots_in
from crmgraph.domain.errors import DefinitionError
from crmgraph.domain.model import FIELDS, Kind

_SLOTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "create": (frozenset({"id", "parent"}), frozenset()),
    "complete": (frozenset({"id", "parent"}), frozenset({"id"})),
    "replace": (frozenset(), frozenset()),
    "import": (frozenset(), frozenset()),
    "update": (frozenset({"id", "parent"}), frozenset({"id"})),
    "delete": (frozenset({"id", "parent"}), frozenset({"id"})),
    "tags": (frozenset({"id", "tag", "tags"}), frozenset({"tag", "tags"})),
    "custom": (frozenset({"id", "field"}), frozenset({"field"})),
    "apart": (frozenset({"id"}), frozenset({"id"})),
    "associate": (frozenset({"id", "parent"}), frozenset({"id"})),
}
"""For each write: the slots that its call may use, and of which it must use one."""


def write_findings(spec: DefinitionSpec, at: Path, resource: ResourceSpec, kind: Kind) -> Iterator[tuple[Path, str]]:
    """What is wrong with the writes of one resource."""
    for path, what, write in _writes(at, resource):
        may, must = _SLOTS[what]
        yield from _call_findings(spec, path, write, may, must)
        for key, text in write.constants.items():
            yield from (((*path, "constants", key), message) for message in line_findings(spec, text))
        if resource.get is None and not isinstance(resource.get_many, Whole):
            yield path, "What is written is read back by id, so the resource needs `get`."
        for name in (one for names in write.required for one in ([names] if isinstance(names, str) else names)):
            if name not in resource.fields:
                yield (*path, "required"), unknown(name, resource.fields)
        if what in ("tags", "custom") and (field := {"custom": "customFields"}.get(what, what)) not in resource.fields:
            yield path, f"Map the field `{field}`, which this writes."
    yield from whole_findings(at, resource)
    yield from link_findings(spec, at, resource, kind)
    if resource.create is not None or resource.update is not None or resource.replace is not None:
        yield from _fields_without_way_back(at, resource, kind)


def _writes(at: Path, resource: ResourceSpec) -> Iterator[tuple[Path, str, Write]]:
    given = {what: getattr(resource, what) for what in ("create", "update", "complete", "delete", "replace", "custom")}
    for what, one in {**given, "import": resource.imports}.items():
        if isinstance(one, Write):
            yield (*at, what), what, one
    for name, one in resource.apart.items():
        yield (*at, "apart", name), "apart", one
    if resource.tags is not None:
        yield (*at, "tags", "add"), "tags", resource.tags.add
        yield (*at, "tags", "remove"), "tags", resource.tags.remove
    for verb in ("attach", "detach", "sync"):
        if isinstance(one := getattr(resource.associate, verb, None), Write):
            yield (*at, "associate", verb), "associate", one


def _call_findings(
    spec: DefinitionSpec, at: Path, write: Write, may: frozenset[str], must: frozenset[str]
) -> Iterator[tuple[Path, str]]:
    public = frozenset(name for name, one in spec.settings.items() if not one.secret)
    parts = {name: getattr(write, name) for name in ("call", "query", "headers", "body")}
    for name, template in parts.items():
        yield from template_findings((*at, name), template, public | may, spec)
    if must and not slots_in(list(parts.values())) & must:
        yield at, f"This call does not say what it changes: use `{{{'}` or `{'.join(sorted(must))}}}` in it."
    if write.call.startswith("GET "):
        yield (*at, "call"), "A GET changes nothing; a write is a POST, PUT, PATCH or DELETE."


def _fields_without_way_back(at: Path, resource: ResourceSpec, kind: Kind) -> Iterator[tuple[Path, str]]:
    for name, given in resource.fields.items():
        block, field = block_of(given), FIELDS[kind].get(name)
        alone = {"tags": resource.tags, "customFields": resource.custom}.get(name)
        told = block.write == "none" or block.const is not None or block.format is not None
        told = told or isinstance(alone, Write | TagWrites) or name in resource.apart
        if field is None or told:
            continue
        try:
            there = putter_of(block, field) is not None
        except DefinitionError:
            there = True
        if not there:
            yield (
                (*at, "fields", name),
                "This mapping does not tell the way back: say how it is written by `write`, or `write: none`.",
            )
