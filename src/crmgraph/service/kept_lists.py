"""A list of one source's people as the replica holds it: read page by page like one that is read live, with its age."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.domain.records import Record
from crmgraph.service.learning import record_of
from crmgraph.service.ports import Source
from crmgraph.service.replica import Kept, Place, Question
from crmgraph.service.session import Session
from crmgraph.service.standings import Standing

MARK = "r"
"""What a cursor calls the place of a list that is read from the replica."""

At = tuple[Place | None, int]


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """Where a kept list stands, as a cursor holds it; `order` is its own, where nobody asked for one, and `taken` whom
    the list had given for which it goes on.
    """

    place: Place | None
    done: bool
    order: tuple[str, bool] | None = None
    taken: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {MARK: self.place, "d": self.done, "o": self.order, "l": self.taken}


class KeptList:
    """One source's people out of the replica, in the asked order; to a traversal it is a list like any other.

    Where it goes on for a list that failed, `before` is where that one stood, and `taken` are the ids that it had given
    already of those whom the copy begins with.
    """

    def __init__(
        self,
        session: Session,
        replica: Kept,
        source: Source,
        resource: Resource,
        asked: Question,
        before: Standing | None = None,
        taken: Collection[str] = (),
    ) -> None:
        self.session = session
        self.failed = False
        self.tries = 0
        self._replica = replica
        self._source = source
        self._resource = resource
        self._asked = asked
        self._before = before
        self._taken = tuple(taken)
        self._records: list[Record] = []
        self._keys: list[str | None] = []
        self._places: list[Place] = []
        self._at = 0
        self._next: Place | None = asked.after
        self._ended = False
        self._total: int | None = None
        self._began = asked.after

    @property
    def name(self) -> str:
        return f"{self._source.name}/{self._resource.name}"

    @property
    def source(self) -> str:
        return self._source.name

    @property
    def total(self) -> int | None:
        """How many people the source has, where that was asked for."""
        return self._total

    @property
    def waiting(self) -> Sequence[Record]:
        """The records that are read and not yet taken."""
        return self._records[self._at :]

    @property
    def mark(self) -> At:
        """A place to ask for the standing at, also when the list has gone on."""
        return (self._places[self._at - 1] if self._at else self._began), self._at

    def standing_at(self, mark: At) -> KeptPlace | Standing:
        if mark[1] == 0 and self._before is not None:
            return self._before
        return KeptPlace(mark[0], self._ended and mark[1] >= len(self._records), self._asked.order, self._taken)

    @property
    def done(self) -> bool:
        return self._ended and self._at >= len(self._records)

    async def fill(self, needed: int = 1) -> bool:
        """Have at least one record waiting, if there is one; raises Beyond, StoreUnavailable."""
        while self._at >= len(self._records) and not self._ended:
            page = await self._replica.page(replace(self._asked, after=self._next))
            now = self.session.clock.now()
            for row, key, place in zip(page.rows, page.keys, page.places, strict=True):
                if row.ref.id not in self._taken:
                    self.session.meters[self.source].aged((now - row.fetched_at).total_seconds())
                    self._records.append(record_of(self._source, row))
                    self._keys.append(as_text(key))
                    self._places.append(place)
            self._next, self._ended = page.next, page.next is None
            self._total = page.total
        return self._at < len(self._records)

    def take(self) -> Record:
        """The next record, of which there must be one waiting."""
        self._at += 1
        return self._records[self._at - 1]

    def key(self, record: Record) -> tuple[bool, str]:
        """What a merge sorts by: the order's value as text, those without one last."""
        key = self._keys[self._records.index(record)]
        return key is None, key or ""


def is_kept(standing: Mapping[str, Any]) -> bool:
    """Whether a cursor's standing is that of a list out of the replica."""
    return MARK in standing


def as_text(key: str | datetime | None) -> str | None:
    """A sort key as live lists write it, so that both can be merged."""
    return key.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(key, datetime) else key
