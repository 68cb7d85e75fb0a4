"""The judge is judged: one invented history that is in order, and for each rule those that must be found out."""

from dataclasses import replace
from typing import Any

import pytest
from tests.chaos.history import Asked, Evidence, Heard, Held, Told, Written
from tests.chaos.judging import RULES, judged

CREATE = Asked(
    "m1",
    "createContact",
    "m1@chaos.example.net",
    {"name": "Ada Byron", "title": "m1", "tags": ("m1",)},
    {},
    key="k1",
)
TAG = Asked("m2", "addTags", "m1@chaos.example.net", {"tags": ("m2",)}, {})
UPDATE = Asked("m3", "updateContact", "m1@chaos.example.net", {"title": "m3"}, {})
LATER = replace(UPDATE, mark="m4", values={"title": "m4"})

RECORD = Held("sales", "r1", ("M1@chaos.example.net",), {"name": "Ada Byron", "title": "m3", "tags": ("m1", "m2")})
FRESH = replace(RECORD, values={"name": "Ada Byron", "title": "m1", "tags": ("m1",)})


def told(outcome: str, source: str = "sales", record: str | None = None, *altered: str) -> tuple[Told, ...]:
    return (Told(source, outcome, record, frozenset(altered)),)


def heard(asked: Asked, *answers: tuple[Told, ...], began: float = 0.0, ended: float = 1.0) -> Heard:
    return Heard(asked, began, ended if answers else None, list(answers))


def step(mark: str, state: str, source: str = "sales") -> Written:
    return Written(f"intent-{mark}", mark, source, state)


def evidence(*given: Heard | Held | Written, listed: tuple[str, ...] = ()) -> Evidence:
    """What was heard, held and written; every operation without a step is given one that fits its last answer."""
    steps = [one for one in given if isinstance(one, Written)]
    told = [one for one in given if isinstance(one, Heard)]
    known = {one.mark for one in steps}
    fitting = [
        step(one.asked.mark, last.outcome, last.source)
        for one in told
        if one.answers and one.asked.mark not in known
        for last in one.answers[-1]
    ]
    held = [one for one in given if isinstance(one, Held)]
    return Evidence(told, held, [*steps, *fitting], frozenset((f"intent-{mark}", "sales") for mark in listed))


def broken(given: Evidence) -> list[str]:
    """The rules that the evidence breaks."""
    return [name for name, found in judged(given).breaches.items() if found]


IN_ORDER: dict[str, Evidence] = {
    "nothing happened": evidence(),
    "created, tagged and changed": evidence(
        heard(CREATE, told("DONE", "sales", "r1"), ended=1),
        heard(TAG, told("UNCHANGED"), began=2),
        heard(UPDATE, told("DONE"), began=2),
        RECORD,
        replace(RECORD, source="support"),
        step("m1", "DONE", "support"),
        step("m1", "DONE"),
        step("m2", "DONE", "support"),
        step("m2", "DONE"),
        step("m3", "DONE", "support"),
        step("m3", "DONE"),
    ),
    "what has no room and is told is no loss": evidence(
        heard(CREATE, told("DONE", "sales", "r1", "title")), replace(FRESH, values={**FRESH.values, "title": None})
    ),
    "a source that knows no titles is not asked for one": evidence(
        heard(CREATE, told("DONE")), replace(FRESH, values={"name": "Ada Byron", "tags": ("m1",)})
    ),
    "unknown, there and listed": evidence(heard(CREATE, told("UNKNOWN")), FRESH, listed=("m1",)),
    "unknown, not there and listed": evidence(heard(CREATE, told("UNKNOWN")), listed=("m1",)),
    "unknown and found out since": evidence(heard(CREATE, told("UNKNOWN"), told("DONE")), FRESH, step("m1", "DONE")),
    "a key whose record could not be read back at first": evidence(
        heard(CREATE, told("DONE"), told("DONE", "sales", "r1")), FRESH
    ),
    "a key that was refused at first, before anything was sent": evidence(heard(CREATE, (), told("DONE")), FRESH),
    "refused and not done": evidence(heard(CREATE, told("REJECTED"))),
    "nobody heard, and it was found out": evidence(Heard(replace(CREATE, key=None)), FRESH, step("m1", "DONE")),
    "nobody heard, and nothing happened": evidence(Heard(replace(CREATE, key=None))),
    "a change that another one followed": evidence(
        heard(UPDATE, told("DONE"), began=0, ended=1),
        heard(LATER, told("DONE"), began=2, ended=3),
        replace(RECORD, values={**RECORD.values, "title": "m4"}),
    ),
    "two changes at once, of which one came last": evidence(
        heard(UPDATE, told("DONE"), began=0, ended=3),
        heard(LATER, told("DONE"), began=1, ended=2),
        replace(RECORD, values={**RECORD.values, "title": "m3"}),
    ),
    "a change of unknown outcome that came late": evidence(
        heard(UPDATE, told("UNKNOWN"), began=0, ended=1),
        heard(LATER, told("DONE"), began=2, ended=3),
        RECORD,
        listed=("m3",),
    ),
}

BROKEN: dict[str, tuple[list[str], Evidence]] = {
    "an acknowledged create that is not there": (
        ["acknowledged writes lost", "steps that the journal misjudges"],
        evidence(heard(CREATE, told("DONE"))),
    ),
    "an acknowledged create that is another record": (
        ["acknowledged writes lost"],
        evidence(heard(CREATE, told("DONE", "sales", "r7")), FRESH),
    ),
    "an acknowledged create with another value, in silence": (
        ["acknowledged writes lost"],
        evidence(heard(CREATE, told("DONE")), replace(FRESH, values={**FRESH.values, "name": "Ada"})),
    ),
    "an acknowledged create with the title that it never asked for": (
        ["acknowledged writes lost"],
        evidence(heard(CREATE, told("DONE")), replace(FRESH, values={**FRESH.values, "title": None})),
    ),
    "an acknowledged create without its tags": (
        ["acknowledged writes lost"],
        evidence(heard(CREATE, told("DONE")), replace(FRESH, values={**FRESH.values, "tags": ()})),
    ),
    "an acknowledged tag that another writer threw away": (
        ["acknowledged writes lost", "steps that the journal misjudges"],
        evidence(heard(TAG, told("DONE")), FRESH),
    ),
    "a tag that was said to be there already": (
        ["acknowledged writes lost", "steps that the journal misjudges"],
        evidence(heard(TAG, told("UNCHANGED")), FRESH),
    ),
    "an acknowledged change that was never made": (
        ["acknowledged writes lost", "steps that the journal misjudges"],
        evidence(heard(UPDATE, told("DONE")), FRESH),
    ),
    "an acknowledged change under one that had ended before": (
        ["acknowledged writes lost", "steps that the journal misjudges"],
        evidence(
            heard(UPDATE, told("DONE"), began=0, ended=1),
            heard(LATER, told("DONE"), began=2, ended=3),
            replace(RECORD, values={**RECORD.values, "title": "m3"}),
        ),
    ),
    "two records of one address": (
        ["duplicates"],
        evidence(heard(CREATE, told("DONE", "sales", "r1")), FRESH, replace(FRESH, id="r2")),
    ),
    "a create that failed and is there": (
        ["denied and done all the same", "steps that the journal misjudges"],
        evidence(heard(CREATE, told("FAILED")), FRESH),
    ),
    "a create that was refused and is there": (
        ["denied and done all the same", "steps that the journal misjudges"],
        evidence(heard(CREATE, told("REJECTED")), FRESH),
    ),
    "tags that failed and are there": (
        ["denied and done all the same", "steps that the journal misjudges"],
        evidence(heard(TAG, told("FAILED")), RECORD, step("m1", "DONE")),
    ),
    "an input that was refused and is there": (
        ["denied and done all the same"],
        evidence(heard(replace(CREATE, key=None), ()), FRESH, step("m1", "DONE")),
    ),
    "an unknown write that is listed nowhere": (
        ["unknown and listed nowhere", "steps left open"],
        evidence(heard(CREATE, told("UNKNOWN"))),
    ),
    "an unknown write that the journal never heard of": (
        ["unknown and listed nowhere"],
        replace(evidence(heard(CREATE, told("UNKNOWN"))), written=[]),
    ),
    "one key, two outcomes": (
        ["keys with two answers"],
        evidence(heard(CREATE, told("DONE"), told("UNCHANGED")), FRESH),
    ),
    "one key, two records": (
        ["acknowledged writes lost", "keys with two answers"],
        evidence(heard(CREATE, told("DONE", "sales", "r1"), told("DONE", "sales", "r2")), FRESH),
    ),
    "one key, a source that is told once only": (
        ["keys with two answers"],
        evidence(heard(CREATE, (*told("DONE"), *told("FAILED", "support")), told("DONE")), FRESH),
    ),
    "a key that leads to no answer": (["keys without an answer"], evidence(Heard(CREATE))),
    "a step that nobody brings to an end": (
        ["steps left open"],
        evidence(Heard(replace(CREATE, key=None)), step("m1", "SENDING")),
    ),
    "a step that is done in the journal alone": (
        ["steps that the journal misjudges"],
        evidence(Heard(replace(CREATE, key=None)), step("m1", "DONE")),
    ),
    "a step that failed in the journal alone": (
        ["steps that the journal misjudges"],
        evidence(Heard(replace(CREATE, key=None)), FRESH, step("m1", "FAILED")),
    ),
    "a record that nobody wrote down": (
        ["written without the journal"],
        evidence(Heard(replace(CREATE, key=None)), FRESH),
    ),
}


@pytest.mark.parametrize("given", IN_ORDER.values(), ids=list(IN_ORDER))
def test_a_history_in_order_breaks_no_rule(given: Evidence) -> None:
    verdict = judged(given)
    assert verdict.counts() == dict.fromkeys(RULES, 0), verdict.breaches
    assert verdict.holds


@pytest.mark.parametrize(("rules", "given"), BROKEN.values(), ids=list(BROKEN))
def test_a_history_with_a_lie_breaks_the_rules_that_name_it(rules: list[str], given: Evidence) -> None:
    assert broken(given) == rules
    assert not judged(given).holds


def test_every_rule_has_a_history_that_breaks_it() -> None:
    assert {rule for rules, _ in BROKEN.values() for rule in rules} == set(RULES)


def test_a_breach_names_operation_source_and_what_was_told() -> None:
    given: dict[str, Any] = dict(judged(evidence(heard(TAG, told("DONE")), FRESH)).breaches)
    assert given["acknowledged writes lost"] == ("addTags m2 at sales was told DONE, and it is not there",)
