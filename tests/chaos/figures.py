"""A run in figures, for people."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.history import UNKNOWN, Evidence
from tests.chaos.judging import Verdict
from tests.chaos.running import Outcome, Size

EXAMPLES = 5
"""How many breaches of a rule are told in full."""


def breaches(verdict: Verdict) -> Iterator[str]:
    """The first breaches of each rule."""
    for rule, found in verdict.breaches.items():
        for one in found[:EXAMPLES]:
            yield f"{rule}: {one}"
        if len(found) > EXAMPLES:
            yield f"{rule}: and {len(found) - EXAMPLES:,} more"


def figures(size: Size, outcome: Outcome, verdict: Verdict) -> Iterator[str]:
    """What was done, what became of it, and how often each rule was broken."""
    evidence = outcome.evidence
    mutations = Counter(heard.asked.mutation for heard in evidence.heard)
    keyed = sum(heard.asked.key is not None for heard in evidence.heard)
    yield f"{len(evidence.heard):,} operations, {keyed:,} with a key: {_counted(mutations)}"
    yield from _calls(Counter(outcome.counts))
    yield from _answers(size, evidence)
    told = Counter(told.outcome for heard in evidence.heard for told in (heard.answers or [()])[0])
    yield f"outcomes told: {_counted(told)}"
    altered = sum(bool(told.altered) for heard in evidence.heard for answer in heard.answers[:1] for told in answer)
    yield f"outcomes with values that were told to be ignored or altered: {altered:,}"
    yield f"steps in the journal: {_counted(Counter(step.state for step in evidence.written))}"
    unknown = {(step.intent, step.source) for step in evidence.written if step.state == UNKNOWN}
    yield f"unknown in the end: {len(unknown):,}, of which listed: {len(unknown & evidence.listed):,}"
    for rule, count in verdict.counts().items():
        yield f"{rule}: {count:,}"
    yield f"took {outcome.seconds:.0f} s"


def _calls(counts: Counter[str]) -> Iterator[str]:
    calls = counts.pop("calls", 0)
    failed = counts.total()
    share = failed / calls if calls else 0.0
    yield f"{calls:,} calls of the CRMs, of which failed on purpose {failed:,} ({share:.1%}): {_counted(counts)}"


def _answers(size: Size, evidence: Evidence) -> Iterator[str]:
    died = [heard for heard in evidence.heard if heard.died]
    keyed = [heard for heard in died if heard.asked.key is not None]
    yield (
        f"{size.kills:,} gateways killed, under {len(died):,} operations: {len(keyed):,} with a key, of which answered"
        f" in the end {sum(bool(heard.answers) for heard in keyed):,}; {len(died) - len(keyed):,} without"
    )
    known = {step.mark for step in evidence.written}
    unheard = [heard.asked.mark for heard in evidence.heard if not heard.answers]
    yield f"never answered: {len(unheard):,}, of which in the journal: {len(known.intersection(unheard)):,}"
    refused = [heard.wrong[-1] for heard in evidence.heard if heard.answers[:1] == [()] and heard.wrong]
    yield f"refused before anything was sent: {len(refused):,}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "none"
