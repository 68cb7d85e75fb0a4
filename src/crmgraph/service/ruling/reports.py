"""What a run of a rule did, record by record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.writing.results import Result, WriteOutcome


class RuleOutcome(StrEnum):
    """What a rule came to for one record."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    SKIPPED = "SKIPPED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


class RunState(StrEnum):
    """Whether a run came to its end: it did, its limit did first, or a source failed."""

    COMPLETE = "COMPLETE"
    MORE = "MORE"
    STOPPED = "STOPPED"


OPEN = frozenset({RuleOutcome.SKIPPED, RuleOutcome.REJECTED, RuleOutcome.FAILED, RuleOutcome.UNKNOWN})
"""The outcomes after which a record is to be looked at again, changed or not."""


@dataclass(frozen=True, slots=True)
class Treated:
    """What a rule did for one record: `to` is the record of the target, None where there is none (yet)."""

    kind: Kind
    of: Ref
    to: Ref | None
    outcome: RuleOutcome
    results: tuple[Result, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RuleRun:
    """One run; `reason` says where and why it stopped."""

    rule: str
    state: RunState
    records: tuple[Treated, ...] = ()
    reason: str | None = None
    dry: bool = False

    @property
    def counts(self) -> dict[RuleOutcome, int]:
        """How many records came to each outcome."""
        counted = Counter(one.outcome for one in self.records)
        return {outcome: counted[outcome] for outcome in RuleOutcome}


_WORST = (
    (WriteOutcome.UNKNOWN, RuleOutcome.UNKNOWN),
    (WriteOutcome.FAILED, RuleOutcome.FAILED),
    (WriteOutcome.REJECTED, RuleOutcome.REJECTED),
    (WriteOutcome.UNSUPPORTED, RuleOutcome.REJECTED),
)


def outcome_of(results: Sequence[Result], created: bool) -> RuleOutcome:
    """What the changes of one record came to together: the worst of them."""
    outcomes = {one.outcome for one in results}
    for found, told in _WORST:
        if found in outcomes:
            return told
    if WriteOutcome.DONE in outcomes:
        return RuleOutcome.CREATED if created else RuleOutcome.UPDATED
    return RuleOutcome.UNCHANGED


def reason_of(results: Sequence[Result]) -> str | None:
    """What the sources said of what was not done."""
    return " ".join(one.error.message for one in results if one.error is not None) or None
