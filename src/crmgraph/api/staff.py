"""The people who work in the CRMs, and how a link leads to one thing of its own source."""

import strawberry

from crmgraph.api.accounts import SourceRecord, records_of
from crmgraph.api.context import Asking
from crmgraph.api.fields import derived, golden
from crmgraph.api.nodes import Node, reading
from crmgraph.api.selection import fields_below
from crmgraph.domain.model import Kind, Link
from crmgraph.service.entity import Entity

_U = Kind.USER


async def linked(info: Asking, entity: Entity, field: str, kind: Kind) -> Entity | None:
    """What a field of an entity points to, asked of the source its value came from."""
    link: Link | None = entity.value(field)
    return await reading(info).relations.linked(entity.origin(field), link, kind, fields_below(info, kind, ()))


@strawberry.type(description="A person who works in a CRM.")
class User(Node):
    name: str | None = golden(_U, "name", "Full name.")
    email: str | None = golden(_U, "email", "E-mail address.")
    phone: str | None = golden(_U, "phone", "Phone number.")
    role: str | None = golden(_U, "role", "What they may do there, in the CRM's words.")
    active: bool | None = golden(_U, "active", "Whether they still work there.")
    records: list[SourceRecord] = derived("The CRMs' own records.", records_of)


async def owner_of(info: Asking, entity: Entity, field: str = "owner") -> User | None:
    found = await linked(info, entity, field, Kind.USER)
    return None if found is None else User(entity=found)
