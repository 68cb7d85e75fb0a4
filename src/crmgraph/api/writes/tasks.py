"""The mutations of tasks."""

from collections.abc import Mapping, Sequence
from datetime import date as Day
from datetime import datetime
from typing import Any

import strawberry
from strawberry import Maybe

from crmgraph.api.context import Asking
from crmgraph.api.entities import Task
from crmgraph.api.fields import plain
from crmgraph.api.writes.outcomes import Payload
from crmgraph.api.writes.parts import UserRefInput
from crmgraph.api.writes.requests import Changing, Naming, Request
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import Desk, P, written
from crmgraph.domain.model import Kind
from crmgraph.domain.words import Priority, TaskStatus
from crmgraph.service.writing.changes import Change


@strawberry.input
class TaskValues:
    """What can be written of a task beside its title. What is left out stays; null clears."""

    body: Maybe[str | None] = plain("More about it.")
    status: Maybe[TaskStatus | None] = plain("How far it is.")
    priority: Maybe[Priority | None] = plain("How pressing it is.")
    due_at: Maybe[datetime | None] = plain("When it is due. A CRM that keeps days gets the day, in UTC.")
    due_date: Maybe[Day | None] = plain("The day it is due. A CRM that wants a time gets midnight, in UTC.")
    start_date: Maybe[Day | None] = plain("The day it begins.")
    completed: Maybe[bool | None] = plain("Whether it is done.")
    is_todo: Maybe[bool | None] = plain("Whether it counts as a to-do.")
    assignees: Maybe[list[UserRefInput] | None] = plain("Who is to do it; where a CRM keeps one, the first.")
    contact: Maybe[strawberry.ID | None] = plain("The person it is about.")
    contacts: Maybe[list[strawberry.ID] | None] = plain("The people it is about; where a CRM keeps one, the first.")
    company: Maybe[strawberry.ID | None] = plain("The company it is about.")
    opportunity: Maybe[strawberry.ID | None] = plain("The opportunity it is about.")


@strawberry.input(description="A new task.")
class CreateTaskInput(TaskValues, Request):
    title: str = plain("What is to be done.")


@strawberry.input(description="A change of a task.")
class UpdateTaskInput(TaskValues, Changing):
    title: Maybe[str | None] = plain("What is to be done.")


@strawberry.input(description="A task that is done.")
class CompleteTaskInput(Changing): ...


@strawberry.input(description="A task that is to be done again.")
class ReopenTaskInput(Changing): ...


@strawberry.input(description="A task to be deleted.")
class DeleteTaskInput(Naming): ...


@strawberry.type
class TaskPayload(Payload):
    """What mutations of a task answer."""

    @strawberry.field(description="The task as it is now; null when nothing was written or it is gone.")
    async def task(self, info: Asking) -> Task | None:
        found = await self.written(info)
        return None if found is None else Task(entity=found)


@strawberry.type(description="What became of createTask.")
class CreateTaskPayload(TaskPayload): ...


@strawberry.type(description="What became of updateTask.")
class UpdateTaskPayload(TaskPayload): ...


@strawberry.type(description="What became of completeTask.")
class CompleteTaskPayload(TaskPayload): ...


@strawberry.type(description="What became of reopenTask.")
class ReopenTaskPayload(TaskPayload): ...


@strawberry.type(description="What became of deleteTask.")
class DeleteTaskPayload(TaskPayload): ...


@strawberry.type
class TaskMutations:
    @strawberry.mutation(
        description="Make a task: in the sources that are named, or in the most trusted one that can and knows what"
        " it is about."
    )
    async def create_task(self, info: Asking, input: CreateTaskInput) -> CreateTaskPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.TASK)
            return desk.things.created(Kind.TASK, values, names_of(input.sources))

        return await written(info, "createTask", input, CreateTaskPayload, decide)

    @strawberry.mutation(description="Change a task.")
    async def update_task(self, info: Asking, input: UpdateTaskInput) -> UpdateTaskPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.TASK)
            return await desk.things.updated(Kind.TASK, str(input.id), values, input.condition())

        return await written(info, "updateTask", input, UpdateTaskPayload, decide)

    @strawberry.mutation(description="Say that a task is done.")
    async def complete_task(self, info: Asking, input: CompleteTaskInput) -> CompleteTaskPayload:
        return await _set(info, "completeTask", input, CompleteTaskPayload, {"completed": True})

    @strawberry.mutation(description="Say that a task is to be done again.")
    async def reopen_task(self, info: Asking, input: ReopenTaskInput) -> ReopenTaskPayload:
        return await _set(info, "reopenTask", input, ReopenTaskPayload, {"completed": False})

    @strawberry.mutation(description="Delete a task.")
    async def delete_task(self, info: Asking, input: DeleteTaskInput) -> DeleteTaskPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            return await desk.things.deleted(Kind.TASK, str(input.id))

        return await written(info, "deleteTask", input, DeleteTaskPayload, decide)


async def _set(info: Asking, name: str, given: Changing, payload: type[P], values: Mapping[str, Any]) -> P:
    async def decide(desk: Desk) -> Sequence[Change]:
        return await desk.things.updated(Kind.TASK, str(given.id), values, given.condition())

    return await written(info, name, given, payload, decide)
