"""One source's list, read on from where a cursor left it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
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
from crmgraph.service.standings import Frame, Standing

STEPS_BACK = 5
"""In how many steps resuming goes back, each twice as far as the one before and the last to the very start."""

Mark = tuple[Frame | None, int]
"""A place in a stream: a page, and how many of its records are taken."""


class PageEnds(Exception):
    """The page of an answer ends here and its cursor goes on: its calls are used up, a source failed that must not, or
    a list moved while it was read.
    """


class Stream:
    """The records of one list of one source, in the source's order, from a standing on."""

    def __init__(self, session: Session, choice: Choice, fields: Collection[str], standing: Standing) -> None:
        self.session = session
        self.choice = choice
        self.fields = fields
        self.order = choice.wanted.order or _natural(choice.listing)
        self.failed = False
        self.tries = standing.tries
        self._began = standing
        self._frame: Frame | None = None
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
        frame = self._frame
        return None if frame is None or self.choice.resource.spec.only is not None else frame.page.total

    @property
    def waiting(self) -> Sequence[Record]:
        """The records that are read and not yet taken."""
        return () if self._frame is None else self._frame.records[self._at :]

    @property
    def mark(self) -> Mark:
        """A place to ask for the standing at, also when the stream has gone on."""
        return self._frame, self._at

    def standing_at(self, mark: Mark) -> Standing:
        """Where the stream stood, or stands, at a mark."""
        frame, at = mark
        return replace(self._began, tries=self.tries) if frame is None else frame.behind(at, self._key_text, self.tries)

    @property
    def standing(self) -> Standing:
        """Where the stream stands."""
        return self.standing_at(self.mark)

    @property
    def done(self) -> bool:
        """Whether the list is read to its end."""
        return self._began.done if self._frame is None else self._frame.is_done(self._at)

    async def fill(self, needed: int = 1) -> bool:
        """Have at least one record waiting, if there is one; raises SourceError and PageEnds.

        `needed` is how many the page cannot do without: what they surely take is asked for at once.
        """
        if self.done or self.failed:
            return False
        frame = self._frame or await self._resume()
        while self._at >= len(frame.records):
            if frame.page.next is None:
                return False
            frame = await self._go_on(frame, frame.page.next, needed)
        return True

    def take(self) -> Record:
        """The next record, of which there must be one waiting; the stream stands behind it."""
        assert self._frame is not None
        self._at += 1
        return self._frame.records[self._at - 1]

    def key(self, record: Record) -> Any:
        """What the merge sorts by: the order's value as text, those without one last."""
        key = self._key_text(record)
        return (key is None, key or "")

    def _key_text(self, record: Record) -> str | None:
        return None if self.order is None else _as_text(record.peek(self.order[0]))

    async def _go_on(self, before: Frame, position: Position, needed: int) -> Frame:
        """Read the next page; what an insertion pushed over from the page before is not given twice."""
        if self._pages >= self.choice.calls:
            raise PageEnds
        self._pages += 1
        page, records = await self._read(position, None, self._beyond(before, needed))
        if goes_round(position, page, before.page.items):
            raise BadReply(self.source, f"{self.source} gives the same page again and again.")
        if self.order and isinstance(position, int) and page.total != before.page.total:
            # Something came or went between the two pages, so the place of this one is no longer known.
            raise PageEnds
        standing = self.standing
        frame = self._framed(standing, position, None, page, records, resumed=False)
        return self._open(replace(frame, start=self._taken(records, standing)))

    async def _resume(self) -> Frame:
        """Read the page the standing names, and find in it (or before it) the last record that was taken."""
        was = self._began
        frame = await self._again(was.position, was.size, self._following(was))
        if not was.last_ids:
            self._pages = 1  # Of a page that is resumed, all may be taken: then only the next one leads on.
            return self._open(frame)
        for step in range(STEPS_BACK if self.order else 1):
            position = self._before(frame.position, 2**step if step < STEPS_BACK - 1 else None)
            if self._taken(frame.records, was) or position == frame.position:
                break
            frame = await self._again(position, None)
        start = self._taken(frame.records, was)
        if start == 0 and (self.order is None or was.last_key is None):
            # Without an order there is no telling where the lost record stood; the old place is the best there is, or
            # the page's beginning where all that were taken from it are gone.
            frame = await self._again(was.position, was.size)
            start = min(was.index, len(frame.records)) if was.index > len(was.last_ids) else 0
        return self._open(replace(frame, start=start))

    async def _again(self, position: Position, size: int | None, then: Sequence[int] = ()) -> Frame:
        """The page at a position, read to find the place of the standing."""
        return self._framed(self._began, position, size, *await self._read(position, size, then), resumed=True)

    def _following(self, standing: Standing) -> Sequence[int]:
        """Where the page begins behind a numbered one that was taken whole: unless something moved, it comes next."""
        pages, full = self.choice.listing.pages, page_size(self.choice.listing, self.choice.wanted)
        if pages is None or pages.style != "page" or standing.index < full or standing.size not in (None, full):
            return ()
        at = standing.position if isinstance(standing.position, int) else pages.first
        return (at + 1,)

    def _beyond(self, before: Frame, needed: int) -> Sequence[int]:
        """Where the pages begin that are needed behind the next one, within what may be read."""
        page = before.page
        if not page.items:
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
        omits, whole = frozenset(choice.listing.omits), wanted.fields is None or choice.listing.select is None
        records = await self.session.records(
            choice.source, choice.resource, page.items, self.fields, omits, whole=whole
        )
        return page, records

    def _framed(
        self,
        before: Standing,
        position: Position,
        size: int | None,
        page: Page,
        records: Sequence[Record],
        resumed: bool,
    ) -> Frame:
        pages = self.choice.listing.pages
        style = None if pages is None else pages.style
        if size is None and style == "cursor":
            # A cursor tells where its page begins, not how long it was: read again, it must hold the same records.
            size = self.choice.wanted.size

        def places() -> Sequence[int]:
            return [at for at, item in enumerate(page.items) if self.choice.resource.belongs(item)]

        return Frame(before, position, size, page, records, 0, resumed, style, places)

    def _open(self, frame: Frame) -> Frame:
        self._frame, self._at = frame, frame.start
        return frame

    def _taken(self, records: Sequence[Record], standing: Standing) -> int:
        """How many of a page's records are not after the last one that was taken.

        In an order, an id counts only where its key is still the last one's: a record that moved tells no place.
        """
        taken = (at + 1 for at, one in enumerate(records) if self._is_taken(one, standing))
        return max(taken, default=0) if standing.last_ids else 0

    def _is_taken(self, record: Record, standing: Standing) -> bool:
        key, last = self._key_text(record), standing.last_key
        if self.order is None or last is None or key is None or key == last:
            return record.ref.id in standing.last_ids
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
