"""One source's list, read on from where a cursor left it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.flows import Wanted, page_size
from crmgraph.connectors.pagination import Page, Position, goes_round
from crmgraph.connectors.spec import Listing
from crmgraph.domain.errors import BadReply
from crmgraph.domain.records import Record
from crmgraph.service.ports import Source
from crmgraph.service.session import Session

STEPS_BACK = 5
"""How many pages resuming goes back to find where it was."""


class BudgetSpent(Exception):
    """The calls that one page of an answer may cost are used up; the page ends here and its cursor goes on."""


@dataclass(slots=True)
class Standing:
    """Where a stream stands: the page, how many of its records are taken, and the last one by key and id.

    `tries` counts the answers in a row in which the source failed.
    """

    position: Position = None
    index: int = 0
    last_id: str | None = None
    last_key: str | None = None
    done: bool = False
    tries: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, without what is at its default."""
        said = {
            "p": self.position,
            "i": self.index,
            "l": self.last_id,
            "k": self.last_key,
            "d": self.done,
            "t": self.tries,
        }
        return {name: value for name, value in said.items() if value not in (None, 0, False)}

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "Standing":
        return cls(
            said.get("p"), said.get("i", 0), said.get("l"), said.get("k"), said.get("d", False), said.get("t", 0)
        )


class Stream:
    """The records of one list of one source, in the source's order, from a standing on."""

    def __init__(
        self,
        session: Session,
        source: Source,
        resource: Resource,
        listing: Listing,
        wanted: Wanted,
        standing: Standing,
        fields: Collection[str],
        budget: int,
    ) -> None:
        self.session = session
        self.source = source
        self.resource = resource
        self.listing = listing
        self.wanted = wanted
        self.standing = standing
        self.fields = fields
        self.budget = budget
        self.order = wanted.order or _natural(listing)
        self.failed = False
        self.total: int | None = None
        self._records: Sequence[Record] = ()
        self._page: Page | None = None
        self._pages = 0

    @property
    def name(self) -> str:
        return f"{self.source.name}/{self.resource.name}"

    @property
    def waiting(self) -> Sequence[Record]:
        """The records that are read and not yet taken."""
        return self._records[self.standing.index :] if self._page is not None else ()

    async def fill(self) -> bool:
        """Have at least one record waiting, if there is one; raises SourceError and BudgetSpent."""
        if self.standing.done or self.failed:
            return False
        if self._page is None:
            await self._resume()
        while not self.waiting:
            page = self._page
            if page is None or page.next is None:
                self.standing.done = True
                return False
            await self._read(page.next)
            # What an insertion pushed over from the page before is not given twice.
            self.standing.index = self._taken()
        return True

    def take(self) -> Record:
        """The next record; the standing moves behind it."""
        record = self.waiting[0]
        self.standing.index += 1
        self.standing.last_id = record.ref.id
        self.standing.last_key = _as_text(self._key(record)) if self.order else None
        self.standing.tries = 0
        if not self.waiting and self._page is not None and self._page.next is None:
            self.standing.done = True
        return record

    def key(self, record: Record) -> Any:
        """What the merge sorts by: the order's value, those without one last."""
        value = self._key(record)
        return (value is None, value if value is not None else 0)

    def _key(self, record: Record) -> Any:
        return None if self.order is None else record.get(self.order[0])

    async def _read(self, position: Position) -> None:
        if self._pages >= self.budget:
            raise BudgetSpent
        self._pages += 1
        self.session.meters[self.source.name].asked += 1
        flow = self.source.reader.page(self.listing, self.wanted, position, self.resource)
        page = await self.session.run(self.source, flow)
        if self._page is not None and goes_round(position, page, self._page.items):
            raise BadReply(self.source.name, f"{self.source.name} gives the same page again and again.")
        omits = frozenset(self.listing.omits)
        self._records = await self.session.records(self.source, self.resource, page.items, self.fields, omits)
        self._page, self.total = page, page.total if page.total is not None else self.total
        self.standing.position = position

    async def _resume(self) -> None:
        """Read the page the standing names, and find in it (or before it) the last record that was taken."""
        position, index = self.standing.position, self.standing.index
        await self._read(position)
        if self.standing.last_id is None:
            return
        steps = STEPS_BACK if self.order is not None else 1 if index == 0 else 0
        for _ in range(steps):
            if self._taken() > 0 or self._before(self.standing.position) == self.standing.position:
                break
            await self._read(self._before(self.standing.position))
        if self._taken() == 0 and self.order is None:
            # Without an order there is no telling where the lost record stood; the old place is the best there is.
            if self.standing.position != position:
                await self._read(position)
            self.standing.index = min(index, len(self._records))
        else:
            self.standing.index = self._taken()

    def _taken(self) -> int:
        """How many of the page's records are not after the last one that was taken."""
        ids = [record.ref.id for record in self._records]
        if self.standing.last_id in ids:
            return ids.index(self.standing.last_id) + 1
        if self.order is None or self.standing.last_key is None:
            return 0
        descending = self.order[1]
        last = self.standing.last_key
        keys = [_as_text(self._key(record)) for record in self._records]
        return sum(1 for key in keys if key is not None and (key > last if descending else key < last))

    def _before(self, position: Position) -> Position:
        """The position one page back; the same where there is none or the style cannot go back."""
        pages = self.listing.pages
        if pages is None or not isinstance(position, int):
            return position
        if pages.style == "page":
            return max(pages.first, position - 1)
        return max(0, position - page_size(self.listing, self.wanted))


def _natural(listing: Listing) -> tuple[str, bool] | None:
    if listing.natural is None:
        return None
    name, _, direction = listing.natural.partition(" ")
    return (name, direction == "desc")


def _as_text(value: Any) -> str | None:
    """A sort key as text that sorts alike: instants in UTC with all their digits."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value).casefold()
