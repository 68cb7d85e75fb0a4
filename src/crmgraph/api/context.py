"""What a resolver knows: the operation's reading side, and what writing needs."""

from dataclasses import dataclass
from typing import TypeAlias

from strawberry.types import Info

from crmgraph.service.reading import Reading
from crmgraph.service.writing.stores import Stores

ANYBODY = "anybody"
"""The caller where callers are not told apart."""


@dataclass(slots=True)
class Context:
    """One operation's context; `caller` is whose idempotency keys count."""

    reading: Reading
    stores: Stores
    caller: str = ANYBODY


Asking: TypeAlias = Info[Context, None]
"""What Strawberry hands to a resolver."""
