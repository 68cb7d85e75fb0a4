"""What every thing of the graph has, and how it reaches the operation's reading side."""

from collections.abc import Sequence
from typing import Any

import strawberry

from crmgraph.api.context import Asking
from crmgraph.api.selection import selects
from crmgraph.domain.model import Kind
from crmgraph.service.entity import Entity
from crmgraph.service.reading import Reading

FIRST = 25
"""How many nodes a page has unless it says otherwise."""


def reading(info: Asking) -> Reading:
    """The operation's reading side."""
    return info.context.reading


async def have_ids(info: Asking, entities: Sequence[Entity], *ways: Sequence[str]) -> None:
    """Have people's ids that stay at hand, in one batch, where they are selected by one of these ways below this
    field.
    """
    people = [one for one in entities if one.kind is Kind.CONTACT]
    if people and any(selects(info, "id", way) for way in ways or ((),)):
        await reading(info).have_ids(people)


NODES: Sequence[Sequence[str]] = (("nodes",), ("edges", "node"))
"""The ways to a connection's nodes."""


@strawberry.interface(description="A thing with an id that `node` finds again.")
class Node:
    entity: strawberry.Private[Any]

    @strawberry.field(
        description="The global id. It is opaque; any record of the thing leads to it. With a store, a person's stays."
    )
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.entity.id)
