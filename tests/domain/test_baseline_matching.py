"""When two records are one person: each rule by example, and what a profile holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from crmgraph.domain.baseline_matching import RULES, Judgement, Verdict, explain, judge
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import Email, Kind, Phone
from crmgraph.domain.names import person_name
from crmgraph.domain.profiles import Profile, keys, profile_of
from crmgraph.domain.records import Record, Ref

MAIL, LINE = "anna@kovacs.example", "+14155550142"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def profile(source: str, name: str = "", emails: tuple[str, ...] = (), phones: tuple[str, ...] = ()) -> Profile:
    return Profile(Ref(source, "contact", "1"), person_name(None, None, name), emails, phones)


def judged(a: Profile, b: Profile, count: int = 1) -> Judgement:
    return judge(a, b, lambda key: count, limit=5)


@pytest.mark.parametrize(
    ("one", "other", "verdict", "rule"),
    [
        (("Anna Kovács", (MAIL,), ()), ("Anna Kovács", (MAIL,), ()), Verdict.YES, "shared_email"),
        (("Bob Smith", (MAIL,), ()), ("Robert Smith", (MAIL,), ()), Verdict.YES, "shared_email"),
        (("", (MAIL,), ()), ("Anna Kovács", (MAIL,), ()), Verdict.YES, "shared_email"),
        (("Anna", (), (LINE,)), ("Anna Kovács", (), (LINE,)), Verdict.YES, "shared_phone"),
        (("Anna Kovács", (), (LINE,)), ("A. Kovács", (), (LINE,)), Verdict.YES, "shared_phone"),
        (("", (), (LINE,)), ("Anna Kovács", (), (LINE,)), Verdict.UNSURE, "shared_phone_alone"),
        (("Kovács, ", (), (LINE,)), ("Anna Kovács", (), (LINE,)), Verdict.UNSURE, "shared_phone_alone"),
        (("Anna Kovács", (MAIL,), ()), ("Anna Smith", (MAIL,), ()), Verdict.UNSURE, "new_family_name"),
        (("Anna Kovács", (), (LINE,)), ("Anna Smith", (), (LINE,)), Verdict.NO, "names_disagree"),
        (("Anna Kovács", (MAIL,), (LINE,)), ("Peter Kovács", (MAIL,), (LINE,)), Verdict.NO, "names_disagree"),
        (("Anna Kovács", (MAIL,), ()), ("Anna Kovács", (), (LINE,)), Verdict.NO, "no_shared_key"),
    ],
)
def test_shared_keys_and_names_decide_together(one: Any, other: Any, verdict: Verdict, rule: str) -> None:
    found = judged(profile("a", *one), profile("b", *other))
    assert (found.verdict, found.rule) == (verdict, rule)
    assert found == judged(profile("b", *other), profile("a", *one))


def test_records_of_one_source_stay_two() -> None:
    anna = profile("a", "Anna Kovács", (MAIL,))
    assert judged(anna, anna).rule == "one_source"


def test_a_key_that_too_many_share_joins_nobody() -> None:
    a, b = profile("a", "Anna Kovács", (MAIL,)), profile("b", "Anna Kovács", (MAIL,))
    assert judged(a, b, count=5).verdict is Verdict.YES
    assert (judged(a, b, count=6).verdict, judged(a, b, count=6).rule) == (Verdict.NO, "crowded_key")


def test_more_and_better_keys_make_a_stronger_link() -> None:
    strengths = [
        judged(profile("a", "Anna Kovács", *one), profile("b", name, *one)).strength
        for name, one in [
            ("Anna Kovács", ((MAIL,), (LINE,))),
            ("Anna Kovács", ((MAIL,), ())),
            ("A. Kovács", ((MAIL,), ())),
            ("Anna Kovács", ((), (LINE,))),
        ]
    ]
    assert strengths == sorted(strengths, reverse=True)
    assert len(set(strengths)) == len(strengths)


def test_a_judgement_names_its_keys_and_reason() -> None:
    both = (MAIL,), (LINE,)
    found = judged(profile("a", "Bob Smith", *both), profile("b", "Robert Smith", *both))
    assert found.keys == ("email:anna@kovacs.example", "phone:+14155550142")
    assert found.reason == (
        "They share 1 e-mail and 1 phone. The given names are forms of one name; the family names agree."
    )


def test_every_rule_explains_itself_in_a_sentence() -> None:
    assert all(explain(rule.__name__).endswith(".") for rule in RULES)


def record(**values: Callable[[], Any] | Any) -> Record:
    def getter(value: Any) -> Callable[[Any, Any], Any]:
        return lambda raw, tables: value() if callable(value) else value

    getters = {name: getter(value) for name, value in values.items()}
    return Record(Ref("a", "contact", "1"), Kind.CONTACT, {}, getters, {}, NOON)


def test_a_profile_holds_only_what_can_name_one_person() -> None:
    found = profile_of(
        record(
            fullName="Dr. Anna Kovács",
            emails=(Email("Anna@Kovacs.Example"), Email("info@kovacs.example"), Email("anna@kovacs.example")),
            phones=(Phone("(415) 555-0142"), Phone("0000000000")),
            createdAt=NOON,
        ),
        "US",
    )
    assert keys(found) == ("email:anna@kovacs.example", "phone:+14155550142")
    assert (found.name.given, found.name.family, found.created_at) == ("anna", "kovacs", NOON)


def test_an_unreadable_field_costs_the_profile_only_that_field() -> None:
    def broken() -> None:
        raise BadReply("a", "The phones of a are not a list.")

    found = profile_of(record(givenName="Anna", emails=(Email(MAIL),), phones=broken), "US")
    assert (found.name.given, found.emails, found.phones) == ("anna", (MAIL,), ())
