"""A small schema that fails in every kind of place: leaves, things, lists and their elements, at once and late, where
null may stand and where it may not, behind an interface and a union too.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from crmgraph.api.fields import relation
from crmgraph.domain.errors import InputError


class Source:
    """A thing that knows how often it was reached from others."""

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth

    def next(self) -> "Thing":
        return Thing(held=Source(self.depth + 1))

    def beings(self) -> "list[Any]":
        return [Cat(held=self), Dog(held=self), Cat(held=Source(self.depth + 1))]


async def _beside(things: Sequence["Thing"], info: strawberry.Info) -> list[Any]:
    """One of three cannot be told."""
    return [InputError("Not this one.") if at % 3 == 1 else one.held.next() for at, one in enumerate(things)]


async def _friends(things: Sequence["Thing"], info: strawberry.Info, several: int = 1) -> list[Any]:
    return [one.held.beings()[:several] if one.held.depth % 4 != 3 else None for one in things]


@strawberry.enum
class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


@strawberry.interface
class Being:
    held: strawberry.Private[Source]

    @strawberry.field
    def called(self) -> str:
        return f"being {self.held.depth}"

    @strawberry.field
    def mood(self) -> Mood:
        return Mood.GOOD if self.held.depth % 2 else Mood.BAD

    @strawberry.field
    async def owner(self) -> "Thing | None":
        return self.held.next()


@strawberry.type
class Cat(Being):
    @strawberry.field
    def lives(self) -> int | None:
        return 9 - self.held.depth

    @strawberry.field
    def refuses(self) -> str:
        raise InputError("Cats do.")


@strawberry.type
class Dog(Being):
    @strawberry.field
    async def fetches(self) -> "list[Thing] | None":
        return [self.held.next()]


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]


@strawberry.type
class Thing:
    held: strawberry.Private[Source]

    beside: "Thing | None" = relation("Told for many at once.", _beside)

    friends: "list[Being | None] | None" = relation("Told for many at once.", _friends)

    @strawberry.field
    def name(self) -> str:
        return f"thing {self.held.depth}"

    @strawberry.field
    def born(self) -> datetime:
        return datetime(2026, 1, 1 + self.held.depth, tzinfo=UTC)

    @strawberry.field
    def day(self) -> date | None:
        return date(2026, 1, 1 + self.held.depth)

    @strawberry.field
    def words(self) -> list[str | None]:
        return ["a", None, "b"]

    @strawberry.field
    def lacking_words(self) -> list[str] | None:
        return ["a", None]  # type: ignore[list-item]

    @strawberry.field
    def table(self) -> list[list[int]] | None:
        return [[1, 2], [], [3]]

    @strawberry.field
    def wrong_number(self) -> int | None:
        return "no number"  # type: ignore[return-value]

    @strawberry.field
    def maybe(self) -> str | None:
        return None

    @strawberry.field
    def fails(self) -> str | None:
        raise InputError("It may be null.")

    @strawberry.field
    def fails_hard(self) -> str:
        raise InputError("It may not be null.")

    @strawberry.field
    def lacks(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    async def late(self, by: int = 1) -> int:
        return self.held.depth + by

    @strawberry.field
    async def late_fails(self) -> str | None:
        raise InputError("Late, and it may be null.")

    @strawberry.field
    async def late_fails_hard(self) -> str:
        raise InputError("Late, and it may not be null.")

    @strawberry.field
    def one(self) -> "Thing | None":
        return self.held.next()

    @strawberry.field
    async def late_one(self) -> "Thing | None":
        return self.held.next()

    @strawberry.field
    async def strict_one(self) -> "Thing":
        return self.held.next()

    @strawberry.field
    def several(self) -> "list[Thing]":
        return [self.held.next() for _ in range(3)]

    @strawberry.field
    async def late_several(self) -> "list[Thing | None] | None":
        return [self.held.next(), None, self.held.next()]

    @strawberry.field
    async def mixed(self) -> "list[Thing | None] | None":
        return [self.held.next(), InputError("This element cannot be told."), None]  # type: ignore[list-item]

    @strawberry.field
    def pet(self) -> Pet | None:
        return Dog(held=self.held) if self.held.depth % 2 else Cat(held=self.held)

    @strawberry.field
    async def pets(self) -> list[Pet]:
        return self.held.beings()

    @strawberry.field
    def beings(self) -> list[Being]:
        return self.held.beings()


@strawberry.type(name="Query")
class FailingQuery:
    @strawberry.field
    async def thing(self) -> Thing | None:
        return Source().next()

    @strawberry.field
    async def things(self) -> list[Thing] | None:
        return [Source().next() for _ in range(4)]
