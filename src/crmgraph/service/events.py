"""What CRMs tell of their own accord, kept in the order in which it came to be known, for each source by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crmgraph.domain.records import Ref
from crmgraph.service.notices import Notice


@dataclass(frozen=True, slots=True)
class Event:
    """`delivery` is the CRM's id of the delivery, `at` the CRM's time of it, `payload` its body as it came."""

    ref: Ref
    type: str
    delivery: str
    at: datetime
    gone: bool
    payload: bytes


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event in its source's order: numbers begin with 1, leave none out, and are never given again."""

    number: int
    event: Event


class Events(Protocol):
    """The events of all sources, each kept once however often it is delivered; kept for 30 days."""

    async def keep(self, event: Event, notices: Sequence[Notice]) -> bool:
        """Keep an event and tell the other workers, at once or not at all; durable when it returns.

        False where its delivery is known already. Raises StoreUnavailable.
        """

    async def after(self, source: str, number: int, most: int) -> Sequence[Numbered]:
        """The next events of a source behind a number. Raises StoreUnavailable."""
