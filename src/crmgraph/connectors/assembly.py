"""From a checked definition file to a definition ready for use, every further mistake told with its place."""

from collections.abc import Mapping

from crmgraph.connectors.definition import Definition, Resource, Setting, compiled_resource
from crmgraph.connectors.fitting import Finding, findings_of
from crmgraph.connectors.mapping import compile_field
from crmgraph.connectors.spec import DefinitionSpec, ResourceSpec
from crmgraph.connectors.trees import DefinitionMistakes, Document
from crmgraph.connectors.vocabularies import Vocabulary, of_endpoint, of_resource
from crmgraph.domain.model import FIELDS, Kind


def assemble(spec: DefinitionSpec, document: Document) -> Definition:
    """Compile a definition; raises DefinitionMistakes with everything that does not fit together."""
    findings: list[Finding] = list(findings_of(spec))
    if findings:
        raise DefinitionMistakes(document.key_place(path).mistake(message) for path, message in findings)
    resources = {name: _resource(name, resource) for name, resource in spec.resources.items()}
    return Definition(spec, _settings(spec), resources, _vocabularies(spec, resources))


def _settings(spec: DefinitionSpec) -> dict[str, Setting]:
    return {
        name: Setting(one.description, one.required and one.default is None, one.secret, one.default)
        for name, one in spec.settings.items()
    }


def _resource(name: str, spec: ResourceSpec) -> Resource:
    known = FIELDS[spec.kind or Kind(name)]
    lenses = {
        field: compile_field(known[field], block, f"{name} with a `{field}`") for field, block in spec.fields.items()
    }
    return compiled_resource(name, spec, lenses)


def _vocabularies(spec: DefinitionSpec, resources: Mapping[str, Resource]) -> dict[str, Vocabulary]:
    made: dict[str, Vocabulary] = {}
    for name, table in spec.tables.items():
        if table.endpoint is not None:
            made[name] = of_endpoint(table, table.endpoint)
        elif table.of is not None and (listing := spec.resources[table.of].list) is not None:
            made[name] = of_resource(table, listing, resources[table.of].ident, resources[table.of].getters)
    return made


def settings_of(definition: Definition, given: Mapping[str, str]) -> dict[str, str]:
    """A source's settings with the defaults filled in."""
    defaults = {name: one.default for name, one in definition.settings.items() if one.default is not None}
    return {**defaults, **given}
