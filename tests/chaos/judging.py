"""Whether the gateway told the truth: each rule reads the evidence and names every breach of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.chaos.history import DONE, NOT_DONE, SETTLED, UNKNOWN, Asked, Evidence, Heard, Held, Told, Written


class Case:
    """The evidence, arranged for looking up."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.heard = {one.asked.mark: one for one in evidence.heard}
        self.sources = sorted({record.source for record in evidence.held})
        self._records: dict[tuple[str, str], list[Held]] = {}
        for record in evidence.held:
            for email in record.emails:
                self._records.setdefault((record.source, email.casefold()), []).append(record)
        self._written: dict[tuple[str, str], list[Written]] = {}
        for step in evidence.written:
            self._written.setdefault((step.mark, step.source), []).append(step)

    def records(self, source: str, email: str) -> Sequence[Held]:
        return self._records.get((source, email.casefold()), [])

    def written(self, mark: str, source: str) -> Sequence[Written]:
        return self._written.get((mark, source), [])

    def told(self) -> Iterator[tuple[Heard, Told]]:
        """Every source of every answer."""
        for heard in self.evidence.heard:
            for answer in heard.answers:
                for told in answer:
                    yield heard, told

    def is_there(self, asked: Asked, source: str) -> bool | None:
        """Whether a record has what an operation was to write; None where somebody else may have written over it."""
        records = self.records(source, asked.email)
        if asked.mutation == "createContact":
            return bool(records)
        if asked.mutation == "addTags":
            return any(_has_tags(asked, record) for record in records)
        return self.has_title(asked, records)

    def has_title(self, asked: Asked, records: Sequence[Held]) -> bool | None:
        """Whether one of the records has the operation's title; None where it may have had it before another's."""
        titles = {record.values.get("title") for record in records}
        if asked.values["title"] in titles:
            return True
        others = [self.heard[title] for title in titles if isinstance(title, str) and title in self.heard]
        return None if any(_may_be_later(other, self.heard[asked.mark]) for other in others) else False


def _has_tags(asked: Asked, record: Held) -> bool:
    return set(asked.values["tags"]) <= set(record.values["tags"])


def _may_be_later(other: Heard, one: Heard) -> bool:
    """Whether what `other` wrote may have come after what `one` wrote: it was not over when `one` began."""
    known = other.ended is not None and all(told.outcome != UNKNOWN for told in other.answers[0])
    return not known or other.ended is None or other.ended > one.began


def lost(case: Case) -> Iterator[str]:
    """What was acknowledged is held: DONE and UNCHANGED mean that the record has these values."""
    for heard, told in case.told():
        if told.outcome not in DONE:
            continue
        if case.is_there(heard.asked, told.source) is False:
            yield f"{_named(heard, told)}, and it is not there"
        elif heard.asked.mutation == "createContact":
            wrong = _wrong_values(case, heard.asked, told)
            if wrong:
                yield f"{_named(heard, told)}, and {', '.join(wrong)} is not as asked"


def _wrong_values(case: Case, asked: Asked, told: Told) -> list[str]:
    """The values of a created record that are not as asked and were not told to be."""
    records = case.records(told.source, asked.email)
    record = next((one for one in records if told.record in (None, one.id)), None)
    if record is None:
        return ["the record's id"]
    right = {
        "name": record.values["name"] == asked.values["name"],
        "title": "title" not in record.values or case.has_title(asked, [record]) is not False,
        "tags": _has_tags(asked, record),
    }
    return [name for name, is_right in right.items() if not is_right and name not in told.altered]


def doubled(case: Case) -> Iterator[str]:
    """One e-mail address is one record in each source."""
    people = {heard.asked.email for heard in case.evidence.heard}
    for source in case.sources:
        for email in sorted(people):
            count = len(case.records(source, email))
            if count > 1:
                yield f"{source} has {count} records of {email}"


def denied(case: Case) -> Iterator[str]:
    """What was told not to have happened did not: FAILED, REJECTED and UNSUPPORTED leave nothing behind, and neither
    does an input that was wrong.
    """
    for heard, told in case.told():
        if told.outcome in NOT_DONE and case.is_there(heard.asked, told.source):
            yield f"{_named(heard, told)}, and it is there"
    for heard in case.evidence.heard:
        if heard.answers == [()]:
            there = [source for source in case.sources if case.is_there(heard.asked, source)]
            if there:
                yield f"{heard.asked.mark} was refused as a whole ({heard.wrong[-1:]}), and it is at {', '.join(there)}"


def unlisted(case: Case) -> Iterator[str]:
    """What was told to be unknown is listed for a person to see, unless it has been found out since."""
    for heard, told in case.told():
        if told.outcome != UNKNOWN:
            continue
        steps = case.written(heard.asked.mark, told.source)
        if not steps:
            yield f"{_named(heard, told)}, and the journal does not know it"
        for step in steps:
            if step.state == UNKNOWN and (step.intent, step.source) not in case.evidence.listed:
                yield f"{_named(heard, told)}, and it is listed nowhere"


def contradicted(case: Case) -> Iterator[str]:
    """All answers to one key are one answer; only what was unknown may have been found out. What was refused before
    anything was sent is no answer yet.
    """
    for heard in case.evidence.heard:
        answers = [answer for answer in heard.answers if answer]
        for first, other in pairwise(answers):
            if not _agree(first, other):
                yield f"{heard.asked.mark} was answered {_outcomes(first)} and then {_outcomes(other)}"


def _agree(first: Sequence[Told], other: Sequence[Told]) -> bool:
    before, after = ({told.source: told for told in answer} for answer in (first, other))
    return before.keys() == after.keys() and all(
        was.outcome == UNKNOWN or (was.outcome == after[source].outcome and _may_be_one(was, after[source]))
        for source, was in before.items()
    )


def _may_be_one(one: Told, other: Told) -> bool:
    """Whether both name the same record; an answer names none where it could not be read back."""
    return None in (one.record, other.record) or one.record == other.record


def unanswered(case: Case) -> Iterator[str]:
    """Whoever asks again with a key is answered in the end."""
    for heard in case.evidence.heard:
        if heard.asked.key is not None and not heard.answers:
            yield f"{heard.asked.mark} has a key and was never answered ({'; '.join(heard.wrong[-1:]) or 'no reason'})"


def left_open(case: Case) -> Iterator[str]:
    """Nothing is left open after the recovery: every step is settled, or unknown and listed."""
    for step in case.evidence.written:
        if step.state not in SETTLED:
            yield f"{step.mark} at {step.source} is still {step.state}"
        elif step.state == UNKNOWN and (step.intent, step.source) not in case.evidence.listed:
            yield f"{step.mark} at {step.source} is UNKNOWN and listed nowhere"


def misjudged(case: Case) -> Iterator[str]:
    """What the journal says became of a step is what became of it, also where nobody was there to be told."""
    for step in case.evidence.written:
        heard = case.heard.get(step.mark)
        there = heard and case.is_there(heard.asked, step.source)
        if step.state in DONE and there is False:
            yield f"{step.mark} at {step.source} is {step.state} in the journal, and it is not there"
        if step.state in NOT_DONE and there:
            yield f"{step.mark} at {step.source} is {step.state} in the journal, and it is there"


def unwritten(case: Case) -> Iterator[str]:
    """Nothing was sent that was not written down before: whatever is there has its step in the journal."""
    for heard in case.evidence.heard:
        for source in case.sources:
            if case.is_there(heard.asked, source) and not case.written(heard.asked.mark, source):
                yield f"{heard.asked.mark} is at {source}, and the journal does not know it"


RULES: Mapping[str, Callable[[Case], Iterator[str]]] = {
    "acknowledged writes lost": lost,
    "duplicates": doubled,
    "denied and done all the same": denied,
    "unknown and listed nowhere": unlisted,
    "keys with two answers": contradicted,
    "keys without an answer": unanswered,
    "steps left open": left_open,
    "steps that the journal misjudges": misjudged,
    "written without the journal": unwritten,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every breach by the name of its rule; a rule that holds has none."""

    breaches: Mapping[str, Sequence[str]]

    @property
    def holds(self) -> bool:
        return not any(self.breaches.values())

    def counts(self) -> Counter[str]:
        return Counter({rule: len(found) for rule, found in self.breaches.items()})


def judged(evidence: Evidence) -> Verdict:
    """Every rule over the evidence."""
    case = Case(evidence)
    return Verdict({name: tuple(rule(case)) for name, rule in RULES.items()})


def _named(heard: Heard, told: Told) -> str:
    return f"{heard.asked.mutation} {heard.asked.mark} at {told.source} was told {told.outcome}"


def _outcomes(answer: Sequence[Told]) -> str:
    return ", ".join(f"{told.source} {told.outcome} {told.record or ''}".strip() for told in answer) or "nothing"
