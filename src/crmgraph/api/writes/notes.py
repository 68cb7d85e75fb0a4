"""The mutations of notes."""

from collections.abc import Sequence

import strawberry
from strawberry import Maybe

from crmgraph.api.context import Asking
from crmgraph.api.entities import Note
from crmgraph.api.fields import plain
from crmgraph.api.writes.outcomes import Payload
from crmgraph.api.writes.requests import Changing, Naming, Request
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import Desk, written
from crmgraph.domain.model import Kind
from crmgraph.service.writing.changes import Change


@strawberry.input(description="A new note. Where a CRM keeps one text for a person, it is added to that.")
class CreateNoteInput(Request):
    body: str = plain("What is to be remembered.")
    title: Maybe[str | None] = plain("Its heading.")
    pinned: Maybe[bool | None] = plain("Whether it is kept on top.")
    contact: Maybe[strawberry.ID | None] = plain("The person it is about.")
    contacts: Maybe[list[strawberry.ID] | None] = plain("The people it is about; where a CRM keeps one, the first.")
    company: Maybe[strawberry.ID | None] = plain("The company it is about.")
    opportunity: Maybe[strawberry.ID | None] = plain("The opportunity it is about.")


@strawberry.input(description="A change of a note. What is left out stays; null clears.")
class UpdateNoteInput(Changing):
    body: Maybe[str | None] = plain("What is to be remembered.")
    title: Maybe[str | None] = plain("Its heading.")
    pinned: Maybe[bool | None] = plain("Whether it is kept on top.")


@strawberry.input(description="A note to be deleted.")
class DeleteNoteInput(Naming): ...


@strawberry.type
class NotePayload(Payload):
    """What mutations of a note answer."""

    @strawberry.field(description="The note as it is now; null when nothing was written or it is gone.")
    async def note(self, info: Asking) -> Note | None:
        found = await self.written(info)
        return None if found is None else Note(entity=found)


@strawberry.type(description="What became of createNote.")
class CreateNotePayload(NotePayload): ...


@strawberry.type(description="What became of updateNote.")
class UpdateNotePayload(NotePayload): ...


@strawberry.type(description="What became of deleteNote.")
class DeleteNotePayload(NotePayload): ...


@strawberry.type
class NoteMutations:
    @strawberry.mutation(
        description="Write a note: in the sources that are named, or in the most trusted one that can and knows what"
        " it is about."
    )
    async def create_note(self, info: Asking, input: CreateNoteInput) -> CreateNotePayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.NOTE)
            return desk.things.created(Kind.NOTE, values, names_of(input.sources))

        return await written(info, "createNote", input, CreateNotePayload, decide)

    @strawberry.mutation(description="Change a note.")
    async def update_note(self, info: Asking, input: UpdateNoteInput) -> UpdateNotePayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.NOTE)
            return await desk.things.updated(Kind.NOTE, str(input.id), values, input.condition())

        return await written(info, "updateNote", input, UpdateNotePayload, decide)

    @strawberry.mutation(description="Delete a note.")
    async def delete_note(self, info: Asking, input: DeleteNoteInput) -> DeleteNotePayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            return await desk.things.deleted(Kind.NOTE, str(input.id))

        return await written(info, "deleteNote", input, DeleteNotePayload, decide)
