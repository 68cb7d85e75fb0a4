"""Vocabularies: what a CRM's ids mean, made from the items of the list that tells it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crmgraph.connectors.lines import Reader, reader
from crmgraph.connectors.spec import Endpoint, Listing, TableSpec
from crmgraph.domain.records import Getter, Tables


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Where a vocabulary is read, and what of each item is the id and what its meaning."""

    source: Endpoint
    key: Reader
    meaning: Reader

    def read(self, items: Iterable[Any], tables: Tables) -> Mapping[str, Any]:
        """Id → meaning; items without an id are left out. Raises Unreadable or BadReply for what cannot be read."""
        pairs = ((self.key(item, tables), self.meaning(item, tables)) for item in items)
        return {str(ident): meaning for ident, meaning in pairs if ident is not None}


def of_resource(spec: TableSpec, listing: Listing, ident: Reader, getters: Mapping[str, Getter]) -> Vocabulary:
    """The vocabulary that a resource's list tells, by our fields."""
    known = {**getters, "id": ident}
    return Vocabulary(listing, known[spec.key], _meaning(spec.value, known))


def of_endpoint(spec: TableSpec, endpoint: Endpoint) -> Vocabulary:
    """The vocabulary that an endpoint of its own tells, by paths."""
    lines = [spec.value] if isinstance(spec.value, str) else spec.value.values()
    return Vocabulary(endpoint, reader(spec.key), _meaning(spec.value, {line: reader(line) for line in lines}))


def _meaning(value: str | Mapping[str, str], readers: Mapping[str, Reader]) -> Reader:
    if isinstance(value, str):
        return readers[value]
    parts = {part: readers[name] for part, name in value.items()}
    return lambda item, tables: {part: read(item, tables) for part, read in parts.items()}
