"""What every thing of the graph has, and how it reaches the operation's reading side."""

from typing import Any

import strawberry

from crmgraph.api.context import Asking
from crmgraph.service.reading import Reading

FIRST = 25
"""How many nodes a page has unless it says otherwise."""


def reading(info: Asking) -> Reading:
    """The operation's reading side."""
    return info.context.reading


@strawberry.interface(description="A thing with an id that `node` finds again.")
class Node:
    entity: strawberry.Private[Any]

    @strawberry.field(description="The global id. It is opaque; any record of the thing leads to it.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.entity.id)
