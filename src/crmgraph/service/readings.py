"""How far one reading of a whole list, or of what changed in it, has come: it goes on from here after a failure, and
after a kill.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from crmgraph.connectors.pagination import Page
from crmgraph.domain.records import Record


class Reading(Struct, frozen=True):
    """`since` is from when on changes are read; None reads everything. `began` is when it began, over all rounds.

    `falling` says that the list comes by its changes, the last one first: then the first older one ends it. `total` is
    how many records the list holds, where it says so.
    """

    began: datetime
    since: datetime | None = None
    falling: bool = False
    position: Any = None
    ended: bool = False
    count: int = 0
    total: int | None = None
    totals: frozenset[int] = frozenset()
    counted: bool = False
    round: int = 1

    def after(self, page: Page, records: Collection[Record]) -> "Reading":
        """How far it is with what a page brought."""
        return replace(
            self,
            position=page.next,
            ended=page.next is None or self._has_passed(records),
            count=self.count + len(records),
            total=page.total,
            totals=self.totals | ({page.total} if page.total is not None else set()),
            # Only a place that is counted from the start shifts when a record before it goes.
            counted=self.counted or isinstance(page.next, int),
        )

    def again(self) -> "Reading":
        """Another round: what was seen in the ones before counts as seen."""
        return Reading(self.began, self.since, self.falling, round=self.round + 1)

    @property
    def shifted(self) -> bool:
        """Whether the list changed in a way that may have hidden a record between two pages."""
        return self.counted and len(self.totals) > 1

    def _has_passed(self, records: Collection[Record]) -> bool:
        """Whether what follows was changed before what is asked for."""
        if not self.falling or self.since is None:
            return False
        times = [one.peek("updatedAt") for one in records]
        return any(time is not None and time < self.since for time in times)

    def as_json(self) -> bytes:
        return msgspec.json.encode(self)


def reading_of(kept: bytes) -> Reading:
    """The reading that `as_json` wrote."""
    return msgspec.json.decode(kept, type=Reading)
