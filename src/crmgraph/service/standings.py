"""Where a stream stands in its source's list: a value small enough for a cursor, told from the page that was read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crmgraph.connectors.pagination import Page, Position
from crmgraph.domain.records import Record

REMEMBERED = 5
"""How many of the last ids a standing keeps: should the last record go, the one before it still tells the place."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A page of a list as it was read: its place, and what of it was taken before (`start`, and `before` where the
    stream stood then).

    `resumed` says that it was read to find the place of a cursor again. `style` is how the list goes on.
    """

    before: Standing
    position: Position
    size: int | None
    page: Page
    records: Sequence[Record]
    start: int
    resumed: bool
    style: str | None
    places: Callable[[], Sequence[int]]
    """Where on the page its records stand, for not every item need belong to the resource."""

    def is_done(self, at: int) -> bool:
        """Whether the list ends behind so many records of the page."""
        return at >= len(self.records) and self.page.next is None

    def behind(self, at: int, key: Callable[[Record], str | None], tries: int) -> Standing:
        """Where the stream stands behind so many records, so that resuming reads as little as possible over again."""
        before, done = self.before, self.is_done(at)
        if self.resumed and at == self.start and not done:
            return replace(before, tries=tries)
        taken = self.records[self.start : at]
        ids = (*before.last_ids, *(one.ref.id for one in taken[-REMEMBERED:]))[-REMEMBERED:]
        return Standing(*self._place(at), ids, key(taken[-1]) if taken else before.last_key, done, tries)

    def _place(self, at: int) -> tuple[Position, int | None, int]:
        if self.style == "cursor" and at >= len(self.records) and self.page.next is not None:
            return self.page.next, None, 0
        if self.style == "offset" and at > 0 and not self.is_done(at):
            # From the last record taken on: one overlaps, which tells whether anything moved.
            first = self.position if isinstance(self.position, int) else 0
            return first + self.places()[at - 1], None, 1
        return self.position, self.size, at
