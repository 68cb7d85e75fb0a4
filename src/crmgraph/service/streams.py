"""One source's list, read on from where a cursor left it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from math import ceil
from typing import Any

from crmgraph.connectors.flows import page_size
from crmgraph.connectors.pagination import Page, Position, goes_round
from crmgraph.connectors.spec import Listing
from crmgraph.domain.errors import BadReply
from crmgraph.domain.records import Record
from crmgraph.service.choosing import Choice
from crmgraph.service.session import Session

STEPS_BACK = 5
"""In how many steps resuming goes back, each twice as far as the one before and the last to the very start."""

REMEMBERED = 5
"""How many of the last ids a standing keeps: should the last record go, the one before it still tells the place."""


class PageEnds(Exception):
    """The page of an answer ends here and its cursor goes on: its calls are used up, a source failed that must not, or
    a list moved while it was read.
    """


@dataclass(slots=True)
class Standing:
    """Where a stream stands: the page by position and size, how many of its records are taken, the ids taken last and
    the sort key of the very last.

    `tries` counts the answers in a row in which the source failed and nobody came.
    """

    position: Position = None
    size: int | None = None
    index: int = 0
    last_ids: tuple[str, ...] = ()
    last_key: str | None = None
    done: bool = False
    tries: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, without what is at its default."""
        said = {
            "p": self.position,
            "n": self.size,
            "i": self.index,
            "l": list(self.last_ids) or None,
            "k": self.last_key,
            "d": self.done,
            "t": self.tries,
        }
        return {name: value for name, value in said.items() if value not in (None, 0, False)}

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "Standing":
        return cls(
            said.get("p"),
            said.get("n"),
            said.get("i", 0),
            tuple(said.get("l", ())),
            said.get("k"),
            said.get("d", False),
            said.get("t", 0),
        )


class Stream:
    """The records of one list of one source, in the source's order, from a standing on."""

    def __init__(self, session: Session, choice: Choice, fields: Collection[str], standing: Standing) -> None:
        self.session = session
        self.choice = choice
        self.fields = fields
        self.standing = standing
        self.order = choice.wanted.order or _natural(choice.listing)
        self.failed = False
        self._position: Position = None
        self._size: int | None = None
        self._page: Page | None = None
        self._records: Sequence[Record] = ()
        self._at = 0
        self._pages = 0

    @property
    def name(self) -> str:
        return self.choice.name

    @property
    def source(self) -> str:
        return self.choice.source.name

    @property
    def total(self) -> int | None:
        """How many records the list holds, where the source says so and counts no others in."""
        return None if self._page is None or self.choice.resource.spec.only is not None else self._page.total

    @property
    def waiting(self) -> Sequence[Record]:
        """The records that are read and not yet taken."""
        return self._records[self._at :]

    async def fill(self, needed: int = 1) -> bool:
        """Have at least one record waiting, if there is one; raises SourceError and PageEnds.

        `needed` is how many the page cannot do without: what they surely take is asked for at once.
        """
        if self.standing.done or self.failed:
            return False
        if self._page is None:
            await self._resume()
        while not self.waiting:
            if self._page is None or self._page.next is None:
                self.standing.done = True
                return False
            await self._go_on(self._page.next, needed)
        return True

    def take(self) -> Record:
        """The next record; the standing moves behind it."""
        record, standing = self.waiting[0], self.standing
        self._at += 1
        self._stand()
        standing.last_ids = (*standing.last_ids, record.ref.id)[-REMEMBERED:]
        standing.last_key = self._key_text(record)
        return record

    def _stand(self) -> None:
        """Put the standing behind what is taken, so that resuming reads as little as possible over again."""
        page, pages, standing = self._page, self.choice.listing.pages, self.standing
        standing.position, standing.size, standing.index = self._position, self._size, self._at
        if page is None or pages is None:
            standing.done = not self.waiting
        elif not self.waiting and page.next is None:
            standing.done = True
        elif pages.style == "cursor" and not self.waiting:
            standing.position, standing.size, standing.index = page.next, None, 0
        elif pages.style == "offset" and self._at > 0:
            # From the last record taken on: one overlaps, which tells whether anything moved.
            at = self._position if isinstance(self._position, int) else 0
            standing.position, standing.size, standing.index = at + self._places()[self._at - 1], None, 1

    def _places(self) -> Sequence[int]:
        """Where on the page its records stand, for not every item need belong to the resource."""
        items = self._page.items if self._page is not None else ()
        return [at for at, item in enumerate(items) if self.choice.resource.belongs(item)]

    def key(self, record: Record) -> Any:
        """What the merge sorts by: the order's value as text, those without one last."""
        key = self._key_text(record)
        return (key is None, key or "")

    def _key_text(self, record: Record) -> str | None:
        return None if self.order is None else _as_text(record.peek(self.order[0]))

    async def _go_on(self, position: Position, needed: int) -> None:
        """Read the next page; what an insertion pushed over from the page before is not given twice."""
        if self._pages >= self.choice.calls:
            raise PageEnds
        self._pages += 1
        before = self._page
        page, records = await self._read(position, None, self._beyond(needed))
        if before is not None and goes_round(position, page, before.items):
            raise BadReply(self.source, f"{self.source} gives the same page again and again.")
        if before is not None and self.order and isinstance(position, int) and page.total != before.total:
            # Something came or went between the two pages, so the place of this one is no longer known.
            raise PageEnds
        self._open(position, None, page, records)
        self._at = self._taken()
        self._stand()

    async def _resume(self) -> None:
        """Read the page the standing names, and find in it (or before it) the last record that was taken."""
        was = replace(self.standing)
        self._open(was.position, was.size, *await self._read(was.position, was.size))
        if not was.last_ids:
            self._pages = 1  # Of a page that is resumed, all may be taken: then only the next one leads on.
            return
        for step in range(STEPS_BACK if self.order else 1):
            position = self._before(self._position, 2**step if step < STEPS_BACK - 1 else None)
            if self._taken() or position == self._position:
                break
            self._open(position, None, *await self._read(position, None))
        self._at = self._taken()
        if self._at == 0 and (self.order is None or was.last_key is None):
            # Without an order there is no telling where the lost record stood; the old place is the best there is, or
            # the page's beginning where all that were taken from it are gone.
            self._open(was.position, was.size, *await self._read(was.position, was.size))
            self._at = min(was.index, len(self._records)) if was.index > len(was.last_ids) else 0

    def _beyond(self, needed: int) -> Sequence[int]:
        """Where the pages begin that are needed behind the next one, within what may be read."""
        page = self._page
        if page is None or not page.items:
            return ()
        most = self.choice.calls - self._pages
        return page.beyond[: min(most, ceil(needed / len(page.items)) - 1)]

    async def _read(
        self, position: Position, size: int | None, then: Sequence[int] = ()
    ) -> tuple[Page, Sequence[Record]]:
        choice = self.choice
        self.session.meters[self.source].asked += 1
        wanted = replace(choice.wanted, size=size or choice.wanted.size)
        page = await self.session.run(
            choice.source, choice.source.reader.page(choice.listing, wanted, position, choice.resource, then)
        )
        omits = frozenset(choice.listing.omits)
        return page, await self.session.records(choice.source, choice.resource, page.items, self.fields, omits)

    def _open(self, position: Position, size: int | None, page: Page, records: Sequence[Record]) -> None:
        pages = self.choice.listing.pages
        if size is None and pages is not None and pages.style == "cursor":
            # A cursor tells where its page begins, not how long it was: read again, it must hold the same records.
            size = self.choice.wanted.size
        self._position, self._size, self._page, self._records, self._at = position, size, page, records, 0

    def _taken(self) -> int:
        """How many of the page's records are not after the last one that was taken.

        In an order, an id counts only where its key is still the last one's: a record that moved tells no place.
        """
        last = self.standing.last_key
        return max((at + 1 for at, one in enumerate(self._records) if self._is_taken(one, last)), default=0)

    def _is_taken(self, record: Record, last: str | None) -> bool:
        key = self._key_text(record)
        if self.order is None or last is None or key is None or key == last:
            return record.ref.id in self.standing.last_ids
        return key > last if self.order[1] else key < last

    def _before(self, position: Position, pages: int | None) -> Position:
        """The position some pages back, or at the start; the same where there is none or the style cannot go back."""
        spec = self.choice.listing.pages
        if spec is None or not isinstance(position, int):
            return position
        by_page = spec.style == "page"
        size = 1 if by_page else page_size(self.choice.listing, self.choice.wanted)
        return max(spec.first if by_page else 0, position - pages * size if pages is not None else 0)


def _natural(listing: Listing) -> tuple[str, bool] | None:
    if listing.natural is None:
        return None
    name, _, direction = listing.natural.partition(" ")
    return (name, direction == "desc")


def _as_text(value: Any) -> str | None:
    """A sort key as text that sorts alike: instants in UTC with all their digits."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value).casefold()
