"""Relay connections: pages of nodes with a cursor behind each."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

import strawberry

from crmgraph.api.fields import plain
from crmgraph.domain.errors import InputError
from crmgraph.service.cursors import Cursor
from crmgraph.service.pages import Listed


class Keyed(Protocol):
    """What a cursor can name."""

    @property
    def key(self) -> str:
        """What tells it from the others, whenever it is asked."""


T = TypeVar("T")
E = TypeVar("E", bound=Keyed)

MOST = 100
"""The largest page."""


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    start: strawberry.Private[Cursor | None]
    end: strawberry.Private[Cursor | None]
    has_next_page: bool = plain(
        "Whether `after: endCursor` may give more. A page may be short or empty and yet have a next."
    )
    has_previous_page: bool = plain("Whether there is a page before this one.")

    @strawberry.field(description="The cursor behind the first node.")
    def start_cursor(self) -> str | None:
        return None if self.start is None else self.start.text

    @strawberry.field(description="The cursor to go on from.")
    def end_cursor(self) -> str | None:
        return None if self.end is None else self.end.text


@strawberry.type(description="A node and the cursor behind it.")
class Edge(Generic[T]):
    place: strawberry.Private[Cursor]
    node: T = plain("The node.")

    @strawberry.field(description="Go on behind this node with `after`.")
    def cursor(self) -> str:
        return self.place.text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: `cursors` gives those behind each of its nodes, `end` goes on where there is no last one."""

    cursors: Callable[[], Sequence[Cursor]]
    has_next: bool
    began: bool
    end: Cursor | None = None

    def info(self) -> PageInfo:
        """The same in the graph's words."""
        cursors = self.cursors()
        return PageInfo(
            has_next_page=self.has_next,
            has_previous_page=self.began,
            start=cursors[0] if cursors else None,
            end=self.end if self.end is not None else (cursors[-1] if cursors else None),
        )


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    place: strawberry.Private[Place]

    @strawberry.field(description="The nodes with their cursors.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(node=node, place=one) for node, one in zip(self.nodes, self.place.cursors(), strict=True)]

    nodes: list[T] = plain("The nodes alone.")

    @strawberry.field(description="Where the page stands.")
    def page_info(self) -> PageInfo:
        return self.place.info()

    total_count: int | None = plain(
        "How many there are in all; null where no one can tell, as over several live sources."
    )


def page_of(nodes: Sequence[T], listed: Listed, began: bool) -> Connection[T]:
    """A connection of nodes that are the page already."""
    place = Place(lambda: listed.cursors, listed.has_next, began, listed.end)
    return Connection(nodes=list(nodes), place=place, total_count=listed.total)


def slice_of(
    entities: Sequence[E], make: Callable[[E], T], first: int, after: str | None, whole: bool = True
) -> Connection[T]:
    """A page of a list that is known whole; its cursor names the node before, so that what is inserted moves
    nothing.
    """
    if not 1 <= first <= MOST:
        raise InputError(f"`first` is {first}; it must be from 1 to {MOST}.")
    start = 0 if after is None else _behind(entities, after)
    part = entities[start : start + first]

    def cursors() -> list[Cursor]:
        return [Cursor(partial(_cursor, start + at, one)) for at, one in enumerate(part)]

    place = Place(cursors, start + first < len(entities), start > 0)
    return Connection(nodes=[make(one) for one in part], place=place, total_count=len(entities) if whole else None)


def _cursor(at: int, entity: Keyed) -> str:
    return base64.urlsafe_b64encode(f"{at}:{entity.key}".encode()).decode().rstrip("=")


def _behind(entities: Sequence[Keyed], after: str) -> int:
    """Where to go on: behind the node that the cursor names, or where it stood if it is gone."""
    try:
        at, _, key = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().partition(":")
        place = int(at)
    except ValueError:
        raise InputError(
            "The cursor in `after` was not given by this list; take `pageInfo.endCursor` unchanged."
        ) from None
    return next((n + 1 for n, one in enumerate(entities) if one.key == key), max(0, place))
