"""What every case must hold: in time, the others' data whole, the failure told with its source, nobody led astray."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.faults.faults import ELSEWHERE
from tests.faults.running import FAULTY, LATE, Case, Seen

CODES = frozenset({"UNAVAILABLE", "THROTTLED", "DENIED", "REJECTED", "BAD_REPLY", "OUTCOME_UNKNOWN"})
"""The codes of failures of a source."""

DONE = frozenset({"DONE", "UNCHANGED"})
NOTHING = frozenset({"FAILED", "REJECTED", "UNSUPPORTED"})


def breaches(case: Case, seen: Seen, well: Seen, deadline: float) -> Iterator[str]:
    """What a case does not hold, each as a sentence."""
    if seen.outcome is None or seen.seconds > deadline + LATE:
        yield f"it took {seen.seconds:.2f} s, where {deadline:g} s were promised"
    if seen.outcome is None:
        return
    if any(ELSEWHERE in target for target in seen.targets):
        yield "the redirect was followed"
    if seen.outcome.data is None:
        yield f"there is no data at all: {seen.outcome.errors}"
        return
    yield from _lost(case, seen, well)
    yield from _repeated(case, seen)
    yield from _untold(case, seen)


def _lost(case: Case, seen: Seen, well: Seen) -> Iterator[str]:
    """Things of the other sources that are there when nothing fails."""
    assert well.outcome is not None
    assert seen.outcome is not None
    whole = [one for one in case.operation.told(well.outcome.data) if one[0] != FAULTY]
    missing = Counter(whole) - Counter(case.operation.told(seen.outcome.data))
    if not whole:
        yield "the others have nothing to lose, so this shows nothing"
    if missing:
        yield f"{sum(missing.values())} of {len(whole)} things of other sources are missing, such as {min(missing)}"


def _repeated(case: Case, seen: Seen) -> Iterator[str]:
    assert seen.outcome is not None
    told = list(case.operation.told(seen.outcome.data))
    if case.operation.distinct and len(set(told)) < len(told):
        yield f"{len(told) - len(set(told))} records are told twice"


def _untold(case: Case, seen: Seen) -> Iterator[str]:
    """A failure that nobody is told, or that is told of somebody else."""
    assert seen.outcome is not None
    told = [(one["extensions"].get("code"), one["extensions"].get("source")) for one in seen.outcome.errors]
    if case.operation.writes:
        results = seen.outcome.data["createContact"]["results"]
        told += [(one["error"]["code"], one["source"]["name"]) for one in results if one["error"]]
        yield from _untrue({one["source"]["name"]: one["outcome"] for one in results}, seen.made)
    for code, source in told:
        if source != FAULTY or code not in CODES:
            yield f"an error is told that is none of the source's: {code} of {source}"
    if not seen.struck:
        yield "the fault never struck"
    elif case.fault.told and not any(source == FAULTY for _, source in told) and not seen.made:
        yield "nobody is told that the source failed"


def _untrue(outcomes: Mapping[str, str], made: bool) -> Iterator[str]:
    """What is said of the write at the source that fails, where the source knows better."""
    said = outcomes.get(FAULTY)
    if (said in DONE and not made) or (said in NOTHING and made):
        yield f"it is {said}, and the person {'is' if made else 'is not'} there"
