"""Whether the links that a resource writes can be: their keys, and where it is told which are there."""

from collections.abc import Iterator

from crmgraph.connectors.fitting_fields import line_findings
from crmgraph.connectors.lines import parse_line
from crmgraph.connectors.shapes import Path, unknown
from crmgraph.connectors.spec import DefinitionSpec, Linked, ResourceSpec
from crmgraph.domain.model import Kind


def link_findings(spec: DefinitionSpec, at: Path, resource: ResourceSpec, kind: Kind) -> Iterator[tuple[Path, str]]:
    """What is wrong with the `associate` of one resource."""
    if resource.associate is None:
        return
    if not resource.associate.links:
        yield (*at, "associate", "links"), "Nothing is linked here: write the kinds, each with the CRM's key."
    for other, linked in resource.associate.links.items():
        path = (*at, "associate", "links", str(other))
        yield from (((*path, "key"), message) for message in _key_findings(spec, linked.key))
        yield from ((path, message) for message in _held_findings(linked))
        if linked.of is not None:
            yield from (((*path, "of"), message) for message in _of_findings(spec, linked.of, other, kind))


def _key_findings(spec: DefinitionSpec, key: str) -> Iterator[str]:
    yield from (found := list(line_findings(spec, key, at_hand=False)))
    if found:
        return
    line = parse_line(key)
    if not line.path or line.starred or any(step.write is None for step, _ in line.steps):
        yield "Ids are written here: a key without `*`, and transforms that can write."


def _held_findings(linked: Linked) -> Iterator[str]:
    if (linked.held is None) == (linked.of is None):
        yield "Say by either `held` (in the record) or `of` (a resource) which links are there already."


def _of_findings(spec: DefinitionSpec, name: str, other: Kind, kind: Kind) -> Iterator[str]:
    resource = spec.resources.get(name)
    if resource is None:
        yield unknown(name, spec.resources)
    elif (resource.kind or name) != other:
        yield f"`{name}` is of another kind than {other}."
    elif kind not in resource.of:
        yield f"`{name}` has no `of` for a {kind}, which would list those that are linked."
