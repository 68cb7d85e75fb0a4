"""The questions about who is who."""

import strawberry

from crmgraph.api.context import Asking
from crmgraph.api.identity import WhyNot, why_not


@strawberry.type
class IdentityQueries:
    @strawberry.field(
        description="Why the people or records that two ids name are two people, or one: their two records that are most"
        " alike, the evidence, and what stands in the way."
    )
    async def why_not(self, info: Asking, a: strawberry.ID, b: strawberry.ID) -> WhyNot | None:
        return await why_not(info, str(a), str(b))
