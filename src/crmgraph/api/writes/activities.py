"""The mutations of activities: calls, meetings, appointments and what else happens with people."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import Maybe

from crmgraph.api.context import Asking
from crmgraph.api.entities import Activity, activity
from crmgraph.api.fields import plain
from crmgraph.api.writes.outcomes import Payload
from crmgraph.api.writes.parts import UserRefInput
from crmgraph.api.writes.requests import Changing, Naming, Request
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import Desk, written
from crmgraph.domain.model import Kind
from crmgraph.domain.words import ActivityKind, AppointmentStatus
from crmgraph.service.writing.changes import Change


@strawberry.input
class ActivityValues:
    """What can be written of an activity. What is left out stays; null clears."""

    kind_original: Maybe[str | None] = plain("The CRM's own word for what sort it is, or for what became of a call.")
    subject: Maybe[str | None] = plain("What it is about.")
    body: Maybe[str | None] = plain("More about it.")
    starts_at: Maybe[datetime | None] = plain("When it begins.")
    ends_at: Maybe[datetime | None] = plain("When it ends.")
    status: Maybe[AppointmentStatus | None] = plain("What became of an appointment.")
    location: Maybe[str | None] = plain("Where it is.")
    calendar: Maybe[str | None] = plain("The calendar that it is booked in, by the CRM's id.")
    owner: Maybe[UserRefInput | None] = plain("Whose it is.")
    contact: Maybe[strawberry.ID | None] = plain("The person it is with.")
    contacts: Maybe[list[strawberry.ID] | None] = plain("The people it is with; where a CRM keeps one, the first.")
    company: Maybe[strawberry.ID | None] = plain("The company it is with.")
    opportunity: Maybe[strawberry.ID | None] = plain("The opportunity it is about.")


@strawberry.input(description="A new activity.")
class CreateActivityInput(ActivityValues, Request):
    kind: ActivityKind = plain("What sort it is; a note is made by `createNote`.")


@strawberry.input(description="A change of an activity.")
class UpdateActivityInput(ActivityValues, Changing): ...


@strawberry.input(description="An activity to be deleted.")
class DeleteActivityInput(Naming): ...


@strawberry.type
class ActivityPayload(Payload):
    """What mutations of an activity answer."""

    @strawberry.field(description="The activity as it is now; null when nothing was written or it is gone.")
    async def activity(self, info: Asking) -> Activity | None:
        found = await self.written(info)
        return None if found is None else activity(found)


@strawberry.type(description="What became of createActivity.")
class CreateActivityPayload(ActivityPayload): ...


@strawberry.type(description="What became of updateActivity.")
class UpdateActivityPayload(ActivityPayload): ...


@strawberry.type(description="What became of deleteActivity.")
class DeleteActivityPayload(ActivityPayload): ...


@strawberry.type
class ActivityMutations:
    @strawberry.mutation(
        description="Make an activity: in the sources that are named, or in the most trusted one that can and knows"
        " what it is about. Each source keeps it where it keeps that sort."
    )
    async def create_activity(self, info: Asking, input: CreateActivityInput) -> CreateActivityPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            if input.kind is ActivityKind.NOTE:
                desk.checking.wrong("kind", "A note is made by `createNote`.")
            values = await desk.values.of(input, Kind.ACTIVITY)
            return desk.things.created(Kind.ACTIVITY, values, names_of(input.sources))

        return await written(info, "createActivity", input, CreateActivityPayload, decide)

    @strawberry.mutation(description="Change an activity; what sort it is stays.")
    async def update_activity(self, info: Asking, input: UpdateActivityInput) -> UpdateActivityPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.ACTIVITY)
            return await desk.things.updated(Kind.ACTIVITY, str(input.id), values, input.condition())

        return await written(info, "updateActivity", input, UpdateActivityPayload, decide)

    @strawberry.mutation(description="Delete an activity.")
    async def delete_activity(self, info: Asking, input: DeleteActivityInput) -> DeleteActivityPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            return await desk.things.deleted(Kind.ACTIVITY, str(input.id))

        return await written(info, "deleteActivity", input, DeleteActivityPayload, decide)
