"""What the service needs of the rooms above it, as Protocols."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.flows import Reader


class SourceHealth(StrEnum):
    """How a source has been lately. UNKNOWN: it has not been called yet."""

    OK = "OK"
    SLOW = "SLOW"
    THROTTLED = "THROTTLED"
    DOWN = "DOWN"
    DENIED = "DENIED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Quota:
    """One allowance as the CRM's last reply told it; `window` is its length as text (`10s`, `1d`)."""

    window: str
    limit: int | None
    remaining: int | None


class Source(Protocol):
    """One configured CRM account that we call."""

    @property
    def name(self) -> str: ...

    @property
    def reader(self) -> Reader:
        """The flows of its definition."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What it was told that is no secret, and its own name as `source`."""

    @property
    def tables(self) -> MutableMapping[str, Mapping[str, Any]]:
        """The vocabularies it has been asked for, kept between requests for as long as they may be believed."""

    async def send(self, call: Call) -> Reply:
        """Make one call; raises SourceError when no whole reply comes in time."""

    @property
    def health(self) -> SourceHealth: ...

    @property
    def quota(self) -> Sequence[Quota]: ...

    @property
    def last_success(self) -> datetime | None: ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
