"""The mutations of associations: what is attached to what."""

from collections.abc import Mapping, Sequence

import strawberry
from strawberry import Maybe

from crmgraph.api.context import Asking
from crmgraph.api.entities import node_of
from crmgraph.api.fields import plain
from crmgraph.api.nodes import Node, have_ids
from crmgraph.api.writes.outcomes import Payload
from crmgraph.api.writes.requests import Request
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import Desk, P, written
from crmgraph.service.writing.changes import Action, Change
from crmgraph.service.writing.linking import KIND_OF

Ids = Maybe[list[strawberry.ID]]


@strawberry.input(description="What is linked with a thing. Links are within one source; each goes to its own.")
class AssociationsInput(Request):
    id: strawberry.ID = plain("A person, company, opportunity, task or activity.")
    contacts: Ids = plain("People.")
    companies: Ids = plain("Companies.")
    opportunities: Ids = plain("Opportunities.")
    tasks: Ids = plain("Tasks.")
    activities: Ids = plain("Activities.")

    def others(self) -> Mapping[str, Sequence[str]]:
        given = {name: getattr(self, name) for name in KIND_OF}
        return {name: [str(one) for one in said.value] for name, said in given.items() if said is not None}


@strawberry.type
class AssociationsPayload(Payload):
    """What mutations of associations answer."""

    @strawberry.field(description="The thing as it is now; null where no source could link it.")
    async def node(self, info: Asking) -> Node | None:
        found = await self.written(info)
        await have_ids(info, [found] if found else [])
        return None if found is None else node_of(found)


@strawberry.type(description="What became of attachAssociations.")
class AttachAssociationsPayload(AssociationsPayload): ...


@strawberry.type(description="What became of detachAssociations.")
class DetachAssociationsPayload(AssociationsPayload): ...


@strawberry.type(description="What became of syncAssociations.")
class SyncAssociationsPayload(AssociationsPayload): ...


@strawberry.type
class AssociationMutations:
    @strawberry.mutation(description="Link a thing with others; its other links stay.")
    async def attach_associations(self, info: Asking, input: AssociationsInput) -> AttachAssociationsPayload:
        return await _linked(info, "attachAssociations", Action.ATTACH, input, AttachAssociationsPayload)

    @strawberry.mutation(description="Take links of a thing away; its other links stay.")
    async def detach_associations(self, info: Asking, input: AssociationsInput) -> DetachAssociationsPayload:
        return await _linked(info, "detachAssociations", Action.DETACH, input, DetachAssociationsPayload)

    @strawberry.mutation(
        description="Make a thing's links to a kind exactly these: an empty list takes all away, links to a kind that"
        " is left out stay."
    )
    async def sync_associations(self, info: Asking, input: AssociationsInput) -> SyncAssociationsPayload:
        return await _linked(info, "syncAssociations", Action.SYNC, input, SyncAssociationsPayload)


async def _linked(info: Asking, name: str, action: Action, given: AssociationsInput, payload: type[P]) -> P:
    async def decide(desk: Desk) -> Sequence[Change]:
        return await desk.linking.changed(action, str(given.id), given.others(), names_of(given.sources))

    return await written(info, name, given, payload, decide)
