"""The people who work in the CRMs, and how a link leads to one thing of its own source."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import strawberry

from crmgraph.api.accounts import SourceRecord, records_of
from crmgraph.api.context import Asking
from crmgraph.api.fields import derived, golden
from crmgraph.api.nodes import Node, reading
from crmgraph.api.selection import fields_below
from crmgraph.domain.model import Kind
from crmgraph.service.entity import Entity

_U = Kind.USER

T = TypeVar("T")


async def linked(
    info: Asking, things: Sequence[Node], field: str, kind: Kind, make: Callable[[Entity], T]
) -> list[T | None]:
    """What a field of each of several things points to, asked of the source its value came from."""
    links = [(one.entity.origin(field), one.entity.value(field)) for one in things]
    found = await reading(info).relations.linked(links, kind, fields_below(info, kind, ()))
    return [None if one is None else make(one) for one in found]


@strawberry.type(description="A person who works in the CRMs: users of several with the same e-mail are one.")
class User(Node):
    name: str | None = golden(_U, "name", "Full name.")
    email: str | None = golden(_U, "email", "E-mail address.")
    phone: str | None = golden(_U, "phone", "Phone number.")
    role: str | None = golden(_U, "role", "What they may do in their most trusted CRM, in its words.")
    active: bool | None = golden(_U, "active", "Whether they still work there.")
    timezone: str | None = golden(_U, "timezone", "Their time zone.")
    records: list[SourceRecord] = derived("The CRMs' own records.", records_of)


def user(entity: Entity) -> User:
    return User(entity=entity)


async def owners(things: Sequence[Node], info: Asking) -> list[User | None]:
    """Whose each of several things is."""
    return await linked(info, things, "owner", _U, user)
