"""Writes whose outcome nobody knows yet, or nobody could find out."""

from collections.abc import Sequence
from datetime import datetime

import orjson
import strawberry
from strawberry.scalars import JSON

from crmgraph.api.accounts import Source, source_of
from crmgraph.api.context import Asking
from crmgraph.api.fields import plain
from crmgraph.api.nodes import reading
from crmgraph.service.intents import Intent, Step, StepState
from crmgraph.service.sights import Sight

strawberry.enum(StepState, name="WriteState", description="How far a write at one source has come.")


@strawberry.type(description="What of a pending write is meant for one source.")
class PendingStep:
    told: strawberry.Private[Step]

    @strawberry.field(description="The source's name in the configuration.")
    def source(self) -> str:
        return self.told.plan.source

    @strawberry.field(description="The source itself; null when it is configured no more.")
    def account(self, info: Asking) -> Source | None:
        known = self.told.plan.source in reading(info).session.sources
        return source_of(info, self.told.plan.source) if known else None

    @strawberry.field(description="What was to be done: CREATE, UPDATE, DELETE, TAG and their like.")
    def action(self) -> str:
        return self.told.plan.action

    @strawberry.field(description="How far it has come.")
    def state(self) -> StepState:
        return self.told.state

    @strawberry.field(description="The id of the record in that CRM, where it is known.")
    def record_id(self) -> str | None:
        return self.told.record

    @strawberry.field(description="Why nobody knows, in a sentence.")
    def reason(self) -> str | None:
        return self.told.reason

    @strawberry.field(description="How often it was sent.")
    def attempts(self) -> int:
        return self.told.attempts

    @strawberry.field(description="When its state last changed.")
    def changed_at(self) -> datetime:
        return self.told.changed_at


@strawberry.type(description="A mutation of which a source did not tell what became of it.")
class PendingWrite:
    id: strawberry.ID = plain("The journal's id of it.")
    mutation: str = plain("The mutation's name.")
    created_at: datetime = plain("When it was asked for.")
    idempotency_key: str | None = plain("The key that it was asked with.")
    input: JSON = plain("What it was asked with.")
    steps: list[PendingStep] = plain("What was meant for each source, settled or not.")


async def pending_writes(info: Asking) -> list[PendingWrite]:
    """The intents that a person should see, the oldest first."""
    sight = reading(info).gateway.sight
    told = [(one, _steps(one, sight)) for one in await info.context.stores.journal.pending()]
    return [_told(one, steps) for one, steps in told if steps]


def _steps(intent: Intent, sight: Sight) -> Sequence[PendingStep]:
    return [PendingStep(told=one) for one in intent.steps if sight.shows(one.plan.source)]


def _told(intent: Intent, steps: Sequence[PendingStep]) -> PendingWrite:
    return PendingWrite(
        id=strawberry.ID(intent.id),
        mutation=intent.mutation,
        created_at=intent.created_at,
        idempotency_key=intent.key,
        input=JSON(orjson.loads(intent.input)),
        steps=list(steps),
    )
