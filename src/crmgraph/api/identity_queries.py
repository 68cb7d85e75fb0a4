"""The questions about who is who."""

import strawberry

from crmgraph.api.connections import Connection
from crmgraph.api.context import Asking
from crmgraph.api.identity import WhyNot, why_not
from crmgraph.api.judgements import Judgement, history
from crmgraph.api.nodes import FIRST


@strawberry.type
class IdentityQueries:
    @strawberry.field(
        description="Why the people or records that two ids name are two people, or one: their two records that are"
        " most alike, the evidence, and what stands in the way."
    )
    async def why_not(self, info: Asking, a: strawberry.ID, b: strawberry.ID) -> WhyNot | None:
        return await why_not(info, str(a), str(b))

    @strawberry.field(
        description="What people decided about who is who, the newest first, undone or not: all of it, or what concerns"
        " one person."
    )
    async def judgements(
        self, info: Asking, contact: strawberry.ID | None = None, first: int = FIRST, after: str | None = None
    ) -> Connection[Judgement]:
        return await history(info, None if contact is None else str(contact), first, after)
