"""Rules between CRMs, run from the graph."""

from datetime import datetime

import strawberry

from crmgraph.api.context import Asking
from crmgraph.api.fields import plain
from crmgraph.api.nodes import reading
from crmgraph.api.values import RecordRef, ref
from crmgraph.api.writes.outcomes import SourceResult, UserError
from crmgraph.api.writes.requests import DRY, KEY
from crmgraph.domain.errors import CrmGraphError
from crmgraph.domain.model import Kind
from crmgraph.service.ruling.asking import MOST, Asked, run_asked
from crmgraph.service.ruling.reports import RuleOutcome, RuleRun, RunState, Treated
from crmgraph.service.writing.mistakes import Mistake, MistakeCode, Mistaken

strawberry.enum(RuleOutcome, description="What a rule came to for one record.")
strawberry.enum(RunState, name="RuleRunState", description="Whether a run came to its end.")

FIRST = 100
"""How many records of a run are told where nothing is said."""


@strawberry.input(description="Which rule is run, and how.")
class RunRuleInput:
    name: str = plain("The rule's name in the configuration.")
    limit: int = strawberry.field(
        default=FIRST, description=f"How many people to go through at the most, 1 to {MOST}; the next run goes on."
    )
    since: datetime | None = strawberry.field(
        default=None, description="Only who changed after this time; without it, on from the run before."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
    dry_run: bool = strawberry.field(default=False, description=DRY)


@strawberry.type(description="How many records of a run came to each outcome.")
class RuleCounts:
    created: int = plain("Made.")
    updated: int = plain("Changed.")
    unchanged: int = plain("So already.")
    skipped: int = plain("Left alone, for a reason that is told.")
    rejected: int = plain("Refused by the CRM.")
    failed: int = plain("Not done; nothing happened.")
    unknown: int = plain("Perhaps done.")


@strawberry.type(description="What a rule did for one record.")
class RuleRecord:
    told: strawberry.Private[Treated]

    @strawberry.field(description="What the record is.")
    def kind(self) -> Kind:
        return self.told.kind

    @strawberry.field(name="from", description="The record that was read.")
    def of(self) -> RecordRef:
        return ref(self.told.of)

    @strawberry.field(description="The record that is kept like it; null where there is none.")
    def to(self) -> RecordRef | None:
        return None if self.told.to is None else ref(self.told.to)

    @strawberry.field(description="What became of it; in a dry run, what would.")
    def outcome(self) -> RuleOutcome:
        return self.told.outcome

    @strawberry.field(description="The writes, as every mutation tells them; none where nothing differed.")
    def results(self) -> list[SourceResult]:
        return [SourceResult(told=one) for one in self.told.results]

    @strawberry.field(description="Why it was not done.")
    def reason(self) -> str | None:
        return self.told.reason


@strawberry.type(name="RuleRun", description="One run of a rule between two CRMs.")
class RunOfRule:
    told: strawberry.Private[RuleRun]

    @strawberry.field(description="The rule's name.")
    def rule(self) -> str:
        return self.told.rule

    @strawberry.field(description="Whether it came to its end.")
    def state(self) -> RunState:
        return self.told.state

    @strawberry.field(description="Where and why it stopped.")
    def reason(self) -> str | None:
        return self.told.reason

    @strawberry.field(description="How many records came to each outcome.")
    def counts(self) -> RuleCounts:
        return RuleCounts(**{outcome.value.lower(): count for outcome, count in self.told.counts.items()})

    @strawberry.field(description="What was done, record by record, in the order it was done.")
    def records(self, first: int = FIRST, skip: int = 0, outcomes: list[RuleOutcome] | None = None) -> list[RuleRecord]:
        chosen = [one for one in self.told.records if outcomes is None or one.outcome in outcomes]
        return [RuleRecord(told=one) for one in chosen[max(skip, 0) :][: max(0, min(first, FIRST))]]


@strawberry.type(description="What became of runRule.")
class RunRulePayload:
    run: RunOfRule | None = plain("The run; null when the input was wrong.")
    user_errors: list[UserError] = plain("What is wrong with the input; then nothing was sent.")


@strawberry.type
class RuleMutations:
    @strawberry.mutation(
        description="Run a rule of the configuration: who appears or changes in one CRM is made or changed in another."
        " It goes on where the run before ended, and does nothing twice."
    )
    async def run_rule(self, info: Asking, input: RunRuleInput) -> RunRulePayload:
        asked = Asked(input.name, input.limit, input.since, input.dry_run, input.idempotency_key)
        try:
            run = await run_asked(reading(info), info.context.stores, info.context.caller.name, asked)
        except Mistaken as wrong:
            return RunRulePayload(run=None, user_errors=[_told(one) for one in wrong.mistakes])
        except CrmGraphError as error:
            code = MistakeCode.UNAVAILABLE if getattr(error, "retryable", True) else MistakeCode.INVALID
            return RunRulePayload(run=None, user_errors=[_told(Mistake((), error.message, code))])
        return RunRulePayload(run=RunOfRule(told=run), user_errors=[])


def _told(one: Mistake) -> UserError:
    return UserError(field=list(one.field) or None, message=one.message, code=one.code)
