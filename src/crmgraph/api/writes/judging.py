"""The mutations by which people decide who is who. Nothing is written to a CRM."""

from collections.abc import Awaitable, Callable

import strawberry
from strawberry.scalars import JSON

from crmgraph.api.context import Asking
from crmgraph.api.entities import Contact
from crmgraph.api.fields import plain
from crmgraph.api.inputs import RecordRefInput
from crmgraph.api.judgements import Contradiction, Judgement
from crmgraph.api.nodes import reading
from crmgraph.api.selection import fields_below, selects
from crmgraph.api.writes.outcomes import UserError, told_mistakes
from crmgraph.api.writes.writing import code_of
from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Kind
from crmgraph.service.deciding import Decided, Deciding, Decision
from crmgraph.service.entity import Entity
from crmgraph.service.ids import encode
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.mistakes import Mistake, Mistaken

WHY = "Why, for whoever looks at it later."
DRY = "Tell what would be, and keep nothing."


@strawberry.input
class Deliberate:
    """What every decision takes. To say again what holds already changes nothing, so each is safe to repeat."""

    why: str | None = strawberry.field(default=None, description=WHY)
    dry_run: bool = strawberry.field(default=False, description=DRY)


@strawberry.input(description="Two people who are one.")
class LinkContactsInput(Deliberate):
    a: strawberry.ID = plain("The one, by the id of the person or of one of their records.")
    b: strawberry.ID = plain("The other.")


@strawberry.input(description="Records that are not of the person who has them.")
class UnlinkContactsInput(Deliberate):
    contact: strawberry.ID = plain("The person who has them.")
    records: list[RecordRefInput] = plain(
        "The records that leave. Whether the others are one person without them, `contacts` in the answer tells."
    )


@strawberry.input(description="Two records, and whether they are one person.")
class JudgePairInput(Deliberate):
    a: strawberry.ID = plain("The one, by its id, as suggestions and `reviewPairs` give it.")
    b: strawberry.ID = plain("The other.")
    same: bool = plain("Whether they are one person.")


@strawberry.input(description="A value that holds whatever the CRMs say.")
class PinFieldInput(Deliberate):
    contact: strawberry.ID = plain("Whose value it is.")
    field: str = plain("The field's name in the graph, such as `jobTitle`.")
    value: JSON = plain("The value: a text, true or false, a number, a day or a time, as the field has it.")


@strawberry.input(description="What was decided and does not hold any more.")
class UndoJudgementInput(Deliberate):
    numbers: list[int] = plain("The judgements, by their numbers; all are undone, or none.")


@strawberry.type(description="What became of a decision.")
class JudgingPayload:
    decided: strawberry.Private[Decided | None]
    mistakes: strawberry.Private[list[Mistake]]

    @strawberry.field(description="What was kept, or held already; in a dry run what would be. Empty on wrong input.")
    def judgements(self) -> list[Judgement]:
        return [] if self.decided is None else [Judgement(held=one) for one in self.decided.judgements]

    @strawberry.field(description="The people it is about, as they are now; in a dry run as they would be.")
    async def contacts(self, info: Asking) -> list[Contact]:
        if self.decided is None:
            return []
        read, fields = self.decided.reading, fields_below(info, Kind.CONTACT, ())
        found = [await read.node(encode(Kind.CONTACT, one), fields) for one in self.decided.about]
        people = list({one.key: one for one in found if isinstance(one, Entity)}.values())
        if selects(info, "id", ()):
            await read.have_ids(people)
        return [Contact(entity=one, read_by=read) for one in people]

    @strawberry.field(
        description="The earlier judgements that it contradicts, with the way round: the newest word holds, the oldest"
        " yields."
    )
    def contradictions(self, info: Asking) -> list[Contradiction]:
        shown = reading(info).session.sources
        found = () if self.decided is None else self.decided.contradictions
        return [Contradiction(held=one) for one in found if all(ref.source in shown for ref in one.cycle)]

    @strawberry.field(description="What is wrong with the input; then nothing was kept.")
    def user_errors(self) -> list[UserError]:
        return told_mistakes(self.mistakes)


Decide = Callable[[Deciding], Awaitable[Decision]]


async def _decided(info: Asking, given: Deliberate, decide: Decide) -> JudgingPayload:
    """The payload of a decision; nothing is kept on wrong input."""
    read, kept = reading(info), info.context.stores.judgements
    checking = Checking(read, "Nothing was decided.")
    deciding = Deciding(read, kept, checking)
    try:
        decision = await decide(deciding)
        checking.done()
        found = await deciding.kept(decision, info.context.caller.name, given.why, given.dry_run)
    except Mistaken as wrong:
        return JudgingPayload(decided=None, mistakes=list(wrong.mistakes))
    except CrmGraphError as error:
        return JudgingPayload(decided=None, mistakes=[Mistake((), error.message, code_of(error))])
    return JudgingPayload(decided=found, mistakes=[])


@strawberry.type
class JudgingMutations:
    @strawberry.mutation(
        description="Decide that two people are one, whatever the evidence says. It holds until it is undone, also for"
        " records that go and come back."
    )
    async def link_contacts(self, info: Asking, input: LinkContactsInput) -> JudgingPayload:
        return await _decided(info, input, lambda desk: desk.linked(str(input.a), str(input.b)))

    @strawberry.mutation(description="Decide that records are not of the person who has them.")
    async def unlink_contacts(self, info: Asking, input: UnlinkContactsInput) -> JudgingPayload:
        records = [(one.source, one.id) for one in input.records]
        return await _decided(info, input, lambda desk: desk.unlinked(str(input.contact), records))

    @strawberry.mutation(description="Decide of two records whether they are one person: an answer to a suggestion.")
    async def judge_pair(self, info: Asking, input: JudgePairInput) -> JudgingPayload:
        return await _decided(info, input, lambda desk: desk.judged(str(input.a), str(input.b), input.same))

    @strawberry.mutation(
        description="Decide the value of a person's field, whatever their records say. No CRM is told: `updateContact`"
        " does that."
    )
    async def pin_field(self, info: Asking, input: PinFieldInput) -> JudgingPayload:
        return await _decided(info, input, lambda desk: desk.pinned(str(input.contact), input.field, input.value))

    @strawberry.mutation(description="Take judgements back: everything is as if they had never been said.")
    async def undo_judgement(self, info: Asking, input: UndoJudgementInput) -> JudgingPayload:
        return await _decided(info, input, lambda desk: desk.undone(input.numbers))
