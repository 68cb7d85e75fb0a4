"""Looking for a record that a create may have made: by the keys of a person that it was to have."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Flow
from crmgraph.connectors.flows import Reader, find_batches
from crmgraph.domain.errors import Unsupported


def look_for(reader: Reader, resource: Resource, values: Mapping[str, Any]) -> Flow[Sequence[Any]]:
    """The raw records that hold an e-mail or phone of `values`; raises Unsupported where nothing tells them apart."""
    keys = [f"{sort[:-1]}:{one.value}" for sort in ("emails", "phones") for one in values.get(sort) or ()]
    batches = [batch for batch in find_batches(resource, keys) if batch]
    if not batches:
        name = reader.site.source
        raise Unsupported(f"Nothing tells one {resource.name} of {name} from another that is the same.", name)
    found: list[Any] = []
    for batch in batches:
        found += (yield from reader.find(resource, batch)).items
    return found
