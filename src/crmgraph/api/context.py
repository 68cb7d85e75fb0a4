"""What a resolver knows: the operation's reading side."""

from dataclasses import dataclass
from typing import TypeAlias

from strawberry.types import Info

from crmgraph.service.reading import Reading


@dataclass(slots=True)
class Context:
    """One operation's context."""

    reading: Reading


Asking: TypeAlias = Info[Context, None]
"""What Strawberry hands to a resolver."""
