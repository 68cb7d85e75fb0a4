"""How a field of the graph is read off an entity: one line per field, its description telling which CRMs fill it."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import strawberry

from crmgraph.connectors import catalog
from crmgraph.domain.model import Kind
from crmgraph.service.entity import Entity


@lru_cache(maxsize=1024)
def filled_by(kind: Kind, field: str) -> str:
    """A sentence that names the built-in connectors which fill a field."""
    definitions = [catalog.load(name, Path()) for name in catalog.names()]
    titles = [one.title for one in definitions if any(field in res.lenses for res in one.of_kind(kind))]
    return f" Filled by {', '.join(titles)}." if titles else " No built-in connector fills it."


def golden(kind: Kind, field: str, description: str, make: Callable[[Any], Any] | None = None) -> Any:
    """A field that is an entity's golden value; `make` turns the value into the graph's own type."""

    def read(root: Any) -> Any:
        entity: Entity = root.entity
        value = entity.value(field)
        return value if make is None or value is None else make(value)

    read.golden = (field, make)  # type: ignore[attr-defined]  # Compiled selections read it without this function.
    return strawberry.field(resolver=read, description=description + filled_by(kind, field))


def derived(description: str, read: Callable[[Entity], Any]) -> Any:
    """A field that is worked out from an entity without asking anything more."""

    def resolve(root: Any) -> Any:
        return read(root.entity)

    resolve.derived = read  # type: ignore[attr-defined]  # As above.
    return strawberry.field(resolver=resolve, description=description)


def plain(description: str) -> Any:
    """A field of a value."""
    return strawberry.field(description=description)
