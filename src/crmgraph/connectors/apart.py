"""Fields that a CRM writes by a call of their own, with nothing else in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.planning import Step, placed
from crmgraph.connectors.values import as_json, as_plain
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import FIELDS, Link


def apart_steps(resource: Resource, values: Mapping[str, Any]) -> Iterator[Step]:
    """A call for each of these fields; raises InputError for a link without an id, which would take the link away."""
    for name, endpoint in resource.spec.apart.items():
        if name not in values:
            continue
        value = values[name]
        if isinstance(value, Link) and value.id is None:
            raise InputError(f"`{name}` of a {resource.name} is linked by its id here, not by a name.")
        plain = as_json(as_plain(value, FIELDS[resource.kind][name].type))
        yield Step(endpoint, {}, placed(endpoint, plain), (name,))
