"""The replica: our stored copy of what the sources hold, each record with its age. What the rooms above keep it in, as
a Protocol.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.filtering import Filter
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref


@dataclass(frozen=True, slots=True)
class Replicating:
    """How the replica is kept: `region` (ISO 3166) is where numbers without a country code belong; `encrypt` seals
    what it holds. What is gone is remembered, without a word of what it was, for `keep` seconds.
    """

    region: str = "US"
    encrypt: bool = False
    keep: float = 30 * 86_400.0


Place = Sequence[Any]
"""Where a page of the replica ends, as JSON: the next one begins behind it."""


class Beyond(CrmGraphError):
    """The caller's turn: the replica cannot compare so. An encrypted one compares no parts of texts."""

    code = "UNSUPPORTED"


class Row(Struct, frozen=True, gc=False):
    """A record as it is kept: the CRM's JSON, and when the CRM said so."""

    ref: Ref
    kind: Kind
    raw: Any
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the replica; `keys` are what each row is ordered by, `next` is None at the end. `total` is how many the
    source has, where that was asked for.
    """

    rows: Sequence[Row]
    places: Sequence[Place]
    keys: Sequence[str | datetime | None]
    next: Place | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a page of one source's records is to hold. A filter's custom fields are named by the CRM's own keys.

    `counted` asks how many the source has, whatever the filter.
    """

    source: str
    kind: Kind
    first: int
    filter: Filter | None = None
    order: tuple[str, bool] | None = None
    after: Place | None = None
    counted: bool = False


class SyncState(Struct, frozen=True):
    """How far the reading of one list has come; `full_since` is when the last whole reading began that came to its end.

    `changed_since` is from when on changes are still to be read. `under_way` is the reading that has not ended, as
    JSON of whoever reads; None between two.
    """

    full_since: datetime | None = None
    changed_since: datetime | None = None
    under_way: bytes | None = None


NEVER = SyncState()


class Reached(Struct, frozen=True):
    """How far the reading of one list of one source has come."""

    source: str
    resource: str
    state: SyncState


class Kept(Protocol):
    """What questions need of the replica."""

    async def page(self, asked: Question) -> Rows:
        """One page; raises Beyond for what cannot be compared or ordered so, StoreUnavailable."""

    async def state(self, source: str, resource: str) -> SyncState:
        """How far the reading of a list has come; raises StoreUnavailable."""

    async def by_refs(self, refs: Collection[Ref]) -> Mapping[Ref, Row]:
        """Those of some records that are kept; raises StoreUnavailable."""

    async def by_keys(self, keys: Collection[str]) -> Mapping[str, Sequence[Ref]]:
        """The records that hold each of some keys: `email:…` and `phone:…` are those that join people, in their normal
        forms; `emails=…` and `phones=…` all that somebody has. Raises StoreUnavailable.
        """


class Replica(Kept, Protocol):
    """What the sources hold, as far as we have read it; durable when a method returns. All raise StoreUnavailable."""

    async def take(self, read: Sequence[Record], reached: Reached | None = None) -> None:
        """Keep what these records say, each unless something younger is known of it; with `reached`, also how far the
        reading has come that brought them, at once or not at all.
        """

    async def swept(self, before: datetime, reached: Reached) -> Sequence[Ref]:
        """A whole reading of a list has ended: what was last seen before it began is gone. Tells what went."""

    async def gone(self, refs: Collection[Ref]) -> None:
        """These records are no more."""

    async def counts(self) -> Mapping[tuple[str, Kind], int]:
        """How many records of each kind are kept of each source."""
