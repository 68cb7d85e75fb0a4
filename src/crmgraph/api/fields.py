"""How a field of the graph is read off an entity: one line per field, its description telling which CRMs fill it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from inspect import Parameter, Signature, signature
from operator import attrgetter
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


def golden(
    kind: Kind, field: str, description: str, make: Callable[[Any], Any] | None = None, otherwise: Any = None
) -> Any:
    """A field that is an entity's golden value, or `otherwise`; `make` turns the value into the graph's own type."""

    def read(root: Any) -> Any:
        entity: Entity = root.entity
        value = entity.value(field)
        return otherwise if value is None else value if make is None else make(value)

    read.golden = (kind, field, make, otherwise)  # type: ignore[attr-defined]  # Compiled selections read it without this function.
    return strawberry.field(resolver=read, description=description + filled_by(kind, field))


def derived(description: str, read: Callable[[Entity], Any]) -> Any:
    """A field that is worked out from an entity without asking anything more."""

    def resolve(root: Any) -> Any:
        return read(root.entity)

    resolve.derived = read  # type: ignore[attr-defined]  # As above.
    return strawberry.field(resolver=resolve, description=description)


def at(path: str, description: str) -> Any:
    """A field that lies under a path of attributes of the domain's value."""
    read = attrgetter(path)

    def resolve(root: Any) -> Any:
        return read(root)

    resolve.path = path  # type: ignore[attr-defined]  # As above.
    return strawberry.field(resolver=resolve, description=description)


def united(kind: Kind, field: str, description: str) -> Any:
    """A field that is a united list of an entity, empty where nobody has one."""
    return golden(kind, field, description, otherwise=())


def relation(description: str, many: Callable[..., Awaitable[Sequence[Any]]]) -> Any:
    """A field that leads to other things: `many(things, info, …)` answers for all the things of a page at once, with
    one value or one exception for each.
    """

    async def resolve(self: Any, **told: Any) -> Any:
        (found,) = await many([self], **told)
        if isinstance(found, BaseException):
            raise found
        return found

    parameters = list(signature(many).parameters.values())[1:]
    resolve.__signature__ = Signature([_SELF, *parameters])  # type: ignore[attr-defined]
    resolve.__module__, resolve.many = many.__module__, many  # type: ignore[attr-defined]  # As above.
    return strawberry.field(resolver=resolve, description=description)


_SELF = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)


def plain(description: str) -> Any:
    """A field of a value."""
    return strawberry.field(description=description)
