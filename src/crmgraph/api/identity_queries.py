"""The questions about who is who."""

from typing import Annotated

import strawberry

from crmgraph.api.conflicts import PersonConflict, person_conflicts
from crmgraph.api.connections import Connection
from crmgraph.api.context import Asking
from crmgraph.api.identity import WhyNot, why_not
from crmgraph.api.judgements import Judgement, history
from crmgraph.api.merging import MergePreview, merge_preview
from crmgraph.api.nodes import FIRST
from crmgraph.api.population import (
    DuplicateGroup,
    KnownPeople,
    KnownPerson,
    ReviewPair,
    duplicate_groups,
    known_people,
    missing_people,
    review_pairs,
)
from crmgraph.service.conflicts import COMPARABLE, USUAL

_COMPARED = f"The fields to compare, of {', '.join(COMPARABLE)}; without it {', '.join(USUAL)}."


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

    @strawberry.field(
        description="Groups of records of one source that are one person, over everybody who is known. No CRM is"
        " called, unless a `contact` is selected."
    )
    async def duplicates(
        self, info: Asking, source: str, first: int = FIRST, after: str | None = None
    ) -> Connection[DuplicateGroup]:
        return await duplicate_groups(info, source, first, after)

    @strawberry.field(
        description="People who have no record in a source, over everybody who is known. No CRM is called, unless a"
        " `contact` is selected."
    )
    async def missing_in(
        self, info: Asking, source: str, first: int = FIRST, after: str | None = None
    ) -> Connection[KnownPerson]:
        return await missing_people(info, source, first, after)

    @strawberry.field(
        description="Pairs of records that evidence does not settle, the most valuable first: nearest to the line, and"
        " with the most records hanging on them. What was answered is gone. No CRM is called, unless a `contact` is"
        " selected."
    )
    async def review_pairs(self, info: Asking, first: int = FIRST, after: str | None = None) -> Connection[ReviewPair]:
        return await review_pairs(info, first, after)

    @strawberry.field(
        description="People whose records disagree about a field, beyond its spelling: the value that survived, by"
        " which rule, and the others. What was pinned is settled. It is read off the replica, as old as `extensions`"
        " says; a page may be short and yet have a next. No CRM is called, unless a `contact` is selected."
    )
    async def conflicts(
        self,
        info: Asking,
        fields: Annotated[list[str] | None, strawberry.argument(description=_COMPARED)] = None,
        first: int = FIRST,
        after: str | None = None,
    ) -> Connection[PersonConflict]:
        return await person_conflicts(info, fields, first, after)

    @strawberry.field(description="What `duplicates`, `missingIn`, `reviewPairs` and `conflicts` are read off.")
    async def known_people(self, info: Asking) -> KnownPeople | None:
        return await known_people(info)

    @strawberry.field(
        description="What 2 to 10 people would be as one: each field that would change, before and after. Nothing is"
        " decided by it; `linkContacts` does that."
    )
    async def merge_preview(self, info: Asking, contacts: list[strawberry.ID]) -> MergePreview | None:
        return await merge_preview(info, [str(one) for one in contacts])
