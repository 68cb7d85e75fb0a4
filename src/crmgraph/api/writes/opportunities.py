"""The mutations of opportunities."""

from collections.abc import Sequence
from datetime import date as Day

import strawberry
from strawberry import Maybe

from crmgraph.api.context import Asking
from crmgraph.api.entities import Opportunity
from crmgraph.api.fields import plain
from crmgraph.api.writes.outcomes import Payload
from crmgraph.api.writes.parts import CustomValueInput, MoneyInput, NamedRefInput, UserRefInput
from crmgraph.api.writes.requests import Changing, Naming, Request
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import Desk, written
from crmgraph.domain.model import Kind
from crmgraph.domain.words import OpportunityStatus
from crmgraph.service.writing.changes import Change


@strawberry.input
class OpportunityValues:
    """What can be written of an opportunity beside its name. What is left out stays; null clears."""

    amount: Maybe[MoneyInput | None] = plain("What it is worth.")
    status: Maybe[OpportunityStatus | None] = plain("What became of it.")
    lost_reason: Maybe[str | None] = plain("Why it was lost; by name where the CRM keeps a list of reasons.")
    pipeline: Maybe[NamedRefInput | None] = plain("The pipeline it is in.")
    stage: Maybe[NamedRefInput | None] = plain("The stage it stands in, of its pipeline where several have its name.")
    expected_close_date: Maybe[Day | None] = plain("When it should close.")
    contact: Maybe[strawberry.ID | None] = plain("The person it is with.")
    contacts: Maybe[list[strawberry.ID] | None] = plain("The people it is with; where a CRM keeps one, the first.")
    company: Maybe[strawberry.ID | None] = plain("The company it is with.")
    owner: Maybe[UserRefInput | None] = plain("Whose it is.")
    lead_source: Maybe[str | None] = plain("Where it came from.")
    custom_fields: Maybe[list[CustomValueInput] | None] = plain("Custom fields; those that are left out stay.")


@strawberry.input(description="A new opportunity.")
class CreateOpportunityInput(OpportunityValues, Request):
    name: str = plain("Its name.")


@strawberry.input(description="A change of an opportunity.")
class UpdateOpportunityInput(OpportunityValues, Changing):
    name: Maybe[str | None] = plain("Its name.")


@strawberry.input(description="An opportunity to be deleted.")
class DeleteOpportunityInput(Naming): ...


@strawberry.type
class OpportunityPayload(Payload):
    """What mutations of an opportunity answer."""

    @strawberry.field(description="The opportunity as it is now; null when nothing was written or it is gone.")
    async def opportunity(self, info: Asking) -> Opportunity | None:
        found = await self.written(info)
        return None if found is None else Opportunity(entity=found)


@strawberry.type(description="What became of createOpportunity.")
class CreateOpportunityPayload(OpportunityPayload): ...


@strawberry.type(description="What became of updateOpportunity.")
class UpdateOpportunityPayload(OpportunityPayload): ...


@strawberry.type(description="What became of deleteOpportunity.")
class DeleteOpportunityPayload(OpportunityPayload): ...


@strawberry.type
class OpportunityMutations:
    @strawberry.mutation(
        description="Make an opportunity: in the sources that are named, or in the most trusted one that can and"
        " knows what it is with."
    )
    async def create_opportunity(self, info: Asking, input: CreateOpportunityInput) -> CreateOpportunityPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.OPPORTUNITY)
            return desk.things.created(Kind.OPPORTUNITY, values, names_of(input.sources))

        return await written(info, "createOpportunity", input, CreateOpportunityPayload, decide)

    @strawberry.mutation(description="Change an opportunity: its stage and status too.")
    async def update_opportunity(self, info: Asking, input: UpdateOpportunityInput) -> UpdateOpportunityPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.OPPORTUNITY)
            return await desk.things.updated(Kind.OPPORTUNITY, str(input.id), values, input.condition())

        return await written(info, "updateOpportunity", input, UpdateOpportunityPayload, decide)

    @strawberry.mutation(description="Delete an opportunity.")
    async def delete_opportunity(self, info: Asking, input: DeleteOpportunityInput) -> DeleteOpportunityPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            return await desk.things.deleted(Kind.OPPORTUNITY, str(input.id))

        return await written(info, "deleteOpportunity", input, DeleteOpportunityPayload, decide)
