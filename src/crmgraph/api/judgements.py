"""What people decided about who is who, as the graph tells it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import strawberry
from strawberry.scalars import JSON

from crmgraph.api.connections import Connection, slice_of
from crmgraph.api.context import Asking
from crmgraph.api.nodes import reading
from crmgraph.api.values import RecordRef, ref
from crmgraph.domain import judgements
from crmgraph.domain.agreeing import Contradiction as Against
from crmgraph.domain.articles import with_article
from crmgraph.domain.errors import InputError
from crmgraph.domain.judgements import Different, Pin, Same, Undo, about, told, undoings
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.deciding import is_seen
from crmgraph.service.entity import Entity
from crmgraph.service.ids import decode


@strawberry.enum(description="What a judgement says.")
class JudgementKind(StrEnum):
    """What a judgement says."""

    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    PIN = "PIN"
    UNDO = "UNDO"


@strawberry.type(description="Something that somebody decided. It is never deleted: an undo is a judgement of its own.")
class Judgement:
    held: strawberry.Private[judgements.Judgement]
    undone: strawberry.Private[int | None] = None

    @strawberry.field(description="Its number; `undoJudgement` takes it. Later ones have higher numbers.")
    def number(self) -> int:
        return self.held.number

    @strawberry.field(description="What it says.")
    def kind(self) -> JudgementKind:
        return _KINDS[type(self.held.saying)]

    @strawberry.field(description="The records it is about; of an undo, those of what it undoes.")
    def records(self) -> list[RecordRef]:
        return [ref(one) for one in self.held.refs]

    @strawberry.field(description="The field that is pinned.")
    def field(self) -> str | None:
        return self.held.saying.field if isinstance(self.held.saying, Pin) else None

    @strawberry.field(description="The value that is pinned.")
    def value(self) -> JSON | None:
        return JSON(self.held.saying.value) if isinstance(self.held.saying, Pin) else None

    @strawberry.field(description="The number of the judgement that this one undoes.")
    def undoes(self) -> int | None:
        return self.held.saying.number if isinstance(self.held.saying, Undo) else None

    @strawberry.field(description="The number of the judgement that undid this one; null where it was not undone.")
    def undone_by(self) -> int | None:
        return self.undone

    @strawberry.field(description="Who decided it: the caller's name.")
    def by(self) -> str:
        return self.held.by

    @strawberry.field(description="When it was decided.")
    def at(self) -> datetime:
        return self.held.at

    @strawberry.field(description="Why, if they said.")
    def why(self) -> str | None:
        return self.held.why


_KINDS = {
    Same: JudgementKind.SAME,
    Different: JudgementKind.DIFFERENT,
    Pin: JudgementKind.PIN,
    Undo: JudgementKind.UNDO,
}


@strawberry.type(description="Judgements that cannot all be true. The oldest of them does not hold.")
class Contradiction:
    held: strawberry.Private[Against]

    @strawberry.field(description="What contradicts what, in a sentence.")
    def message(self) -> str:
        return told(self.held)

    @strawberry.field(
        description="The records: each was said to be the same as the next, and the last not to be the first."
    )
    def cycle(self) -> list[RecordRef]:
        return [ref(one) for one in self.held.cycle]

    @strawberry.field(description="The numbers of the judgements, in that order.")
    def numbers(self) -> list[int]:
        return list(self.held.numbers)

    @strawberry.field(description="The number of the one that does not hold.")
    def overruled(self) -> int:
        return self.held.overruled


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A judgement as an element of a list."""

    held: judgements.Judgement
    key: str


async def history(info: Asking, contact: str | None, first: int, after: str | None) -> Connection[Judgement]:
    """Everything that was decided, or what concerns one person, the newest first."""
    read = reading(info)
    known = [one for one in await info.context.stores.judgements.all() if is_seen(one, read)]
    undone = undoings(known)
    wanted = known if contact is None else about(known, await _refs(info, contact))
    newest = [_Numbered(one, str(one.number)) for one in sorted(wanted, key=lambda one: -one.number)]
    return slice_of(newest, lambda one: Judgement(held=one.held, undone=undone.get(one.held.number)), first, after)


async def _refs(info: Asking, contact: str) -> set[Ref]:
    """The records of a person; those that the id names where they are gone."""
    kind, read = decode(contact).kind, reading(info)
    if kind is not Kind.CONTACT:
        raise InputError(f"This is the id of {with_article(kind)}; judgements are about people.")
    found = await read.node(contact, ())
    return {*await read.leading.records(contact), *(found.person.refs if isinstance(found, Entity) else ())}
