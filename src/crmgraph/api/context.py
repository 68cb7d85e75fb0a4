"""What a resolver knows: the operation's reading side, and what writing needs."""

from dataclasses import dataclass
from typing import TypeAlias

from strawberry.types import Info

from crmgraph.service.callers import ANYBODY, Caller
from crmgraph.service.reading import Reading
from crmgraph.service.writing.stores import Stores


@dataclass(slots=True)
class Context:
    """One operation's context; `caller` is who asks, and whose idempotency keys count."""

    reading: Reading
    stores: Stores
    caller: Caller = ANYBODY


Asking: TypeAlias = Info[Context, None]
"""What Strawberry hands to a resolver."""
