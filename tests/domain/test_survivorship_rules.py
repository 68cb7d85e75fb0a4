"""The rules of a field: what each chooses, how one hands over to the next, what is filtered and what is pinned."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.saying import FETCHED, at, record

from crmgraph.domain.model import Address, Email, Link, Phone
from crmgraph.domain.records import Record
from crmgraph.domain.survivorship.explaining import explain
from crmgraph.domain.survivorship.full_names import full_name, name_value
from crmgraph.domain.survivorship.golden import Golden, golden, survivor
from crmgraph.domain.survivorship.pinning import Pin
from crmgraph.domain.survivorship.rules import DEFAULTS, FieldRule, Rule


def chosen(field: str, records: Sequence[Record], *rules: FieldRule) -> Golden:
    found = golden(field, records, {field: rules} if rules else DEFAULTS)
    assert found is not None
    return found


BAKERS = [
    record("a", jobTitle="Baker", website="a.example", birthDate=date(1980, 5, 2), createdAt=at(3), updatedAt=at(9)),
    record(
        "b", jobTitle="Head baker", website="b.example", birthDate=date(1980, 2, 5), createdAt=at(2), updatedAt=at(8)
    ),
    record("c", jobTitle="head baker", website="b.example", birthDate=date(1990, 2, 5), updatedAt=at(7)),
]


@pytest.mark.parametrize(
    ("field", "rule", "value", "lost"),
    [
        ("jobTitle", Rule.MOST_TRUSTED, "Baker", "its source is less trusted"),
        ("jobTitle", Rule.MOST_RECENT, "Baker", "its record was changed earlier"),
        ("jobTitle", Rule.OLDEST, "Head baker", "its record was made later"),
        ("jobTitle", Rule.MOST_FREQUENT, "Head baker", "fewer records hold it"),
        ("jobTitle", Rule.LONGEST, "Head baker", "it is shorter"),
        ("jobTitle", Rule.SPELLING_STABLE, "Head baker", "another value, which fewer records hold"),
        ("jobTitle", Rule.SPELLING_CHANGING, "Baker", "another value, whose records were changed earlier"),
        ("birthDate", Rule.MIN, date(1980, 2, 5), "it is larger"),
        ("birthDate", Rule.MAX, date(1990, 2, 5), "it is smaller"),
    ],
)
def test_each_rule_chooses_and_tells_why_the_others_lost(field: str, rule: Rule, value: Any, lost: str) -> None:
    found = chosen(field, BAKERS, FieldRule(rule))
    assert (found.value, found.rule, found.reason) == (value, rule, explain(rule))
    assert found.losers[0].why == lost


def test_a_rule_goes_on_with_what_the_one_before_could_not_tell_apart() -> None:
    found = chosen("jobTitle", BAKERS, FieldRule(Rule.LONGEST), FieldRule(Rule.MOST_RECENT))
    assert (found.value, found.rule) == ("Head baker", Rule.MOST_RECENT)
    assert [(one.value, one.why) for one in found.losers] == [
        ("Baker", "it is shorter"),
        ("head baker", "its record was changed earlier"),
    ]
    found = chosen("jobTitle", BAKERS, FieldRule(Rule.LONGEST), FieldRule(Rule.MOST_TRUSTED, ("c",)))
    assert (found.value, found.origin) == ("head baker", BAKERS[2].ref)


def test_a_rule_whose_filter_leaves_nothing_is_passed_over() -> None:
    fresh = FieldRule(Rule.MOST_FREQUENT, not_older_than=timedelta(days=10))
    assert chosen("website", BAKERS, fresh, FieldRule(Rule.MOST_TRUSTED)).value == "a.example"
    assert golden("website", BAKERS, {"website": (fresh,)}) is None
    wide = FieldRule(Rule.MOST_FREQUENT, not_older_than=FETCHED - at(8))
    found = chosen("website", BAKERS, wide)
    assert (found.value, found.origin) == ("a.example", BAKERS[0].ref), "The third record was changed too long ago."
    assert survivor("website", BAKERS[2:], {"website": (wide,)}) is None, "Also where nobody contradicts."


def test_valid_values_are_those_that_can_be_right() -> None:
    records = [
        record("a", jobTitle="n/a", emails=(Email("none@none.com"), Email("a@x.example")), phones=(Phone("12"),)),
        record("b", jobTitle="Baker", emails=(Email("at home"),), phones=(Phone("+493012345689"),)),
    ]
    told = chosen("jobTitle", records, FieldRule(Rule.MOST_TRUSTED, valid=True))
    assert (told.value, told.losers[0].why) == ("Baker", "it cannot be right")
    emails = chosen("emails", records, FieldRule(Rule.UNION, valid=True)).value
    phones = chosen("phones", records, FieldRule(Rule.MOST_TRUSTED, valid=True)).value
    assert ([one.key for one in emails], [one.key for one in phones]) == (["a@x.example"], ["+493012345689"])


def test_emails_come_in_the_order_in_which_to_use_them() -> None:
    a = record("a", emails=(Email("test@test.com"), Email("info@x.example"), Email("old@x.example")), updatedAt=at(1))
    b = record("b", emails=(Email("new@x.example"), Email("both@x.example")), updatedAt=at(2))
    c = record("c", emails=(Email("both@x.example"), Email("main@x.example", primary=True)), updatedAt=at(1))
    assert [one.key.partition("@")[0] for one in chosen("emails", [a, b, c]).value] == [
        "main",
        "both",
        "new",
        "old",
        "info",
        "test",
    ]


def test_the_address_shown_is_one_records_own() -> None:
    records = [
        record("a", addresses=(Address(city="Berlin"),)),
        record("b", addresses=(Address("Main St. 1", "Springfield", country="US"),)),
    ]
    assert [one.value for one in chosen("addresses", records).value] == [one.get("addresses")[0] for one in records]


def test_a_company_is_linked_where_the_newest_of_its_spellings_say() -> None:
    a = record("a", company=Link("7", "Kovács Kft"), updatedAt=at(1))
    b = record("b", company=Link("3", "Papír Zrt"), updatedAt=at(2))
    c = record("c", company=Link("4"), updatedAt=at(1))
    assert chosen("company", [a, b, c]).value == Link("3", "Papír Zrt")


PIN = Pin("ada", at(5), value="Chef", why="she said so")


def test_what_is_pinned_wins_and_says_who_pinned_it() -> None:
    found = golden("jobTitle", BAKERS, pins={"jobTitle": PIN})
    assert found is not None
    assert (found.value, found.origin, found.rule) == ("Chef", None, "pinned")
    assert found.reason == "ada pinned it on 2026-01-05: she said so"
    assert {one.why for one in found.losers} == {"another value is pinned"}
    held = golden("jobTitle", BAKERS, pins={"jobTitle": Pin("ada", at(5), value="Head baker")})
    assert held is not None
    assert held.origin == BAKERS[1].ref


def test_a_pinned_record_shows_what_it_says_and_gives_way_where_it_is_gone() -> None:
    pin = Pin("ada", at(5), record=BAKERS[2].ref)
    found = survivor("jobTitle", BAKERS, pins={"jobTitle": pin})
    assert found is not None
    assert (found.value, found.rule) == ("head baker", Rule.PINNED)
    gone = survivor("jobTitle", BAKERS[:2], pins={"jobTitle": pin})
    assert gone is not None
    assert gone.value == "Baker"


def test_a_pinned_email_comes_first_and_the_others_stay() -> None:
    records = [record("a", emails=(Email("a@x.example"),)), record("b", emails=(Email("b@x.example"),))]
    for pinned, origins in (("b@x.example", (records[1].ref,)), ("new@x.example", ())):
        found = golden("emails", records, pins={"emails": Pin("ada", at(5), value=(Email(pinned),))})
        assert found is not None
        assert (found.value[0].key, found.value[0].origins) == (pinned, origins)
        assert {one.key for one in found.value} >= {"a@x.example", "b@x.example"}


def test_a_whole_name_follows_a_pinned_part() -> None:
    records = [record("a", givenName="Bob", familyName="Miller"), record("b", fullName="Bob Miller")]
    found = full_name(records, DEFAULTS, [], {"givenName": Pin("ada", at(5), value="Roberta")})
    assert found is not None
    assert (found.value, found.rule) == ("Roberta Miller", "parts, derived from givenName and familyName")


TEXTS = st.sampled_from(
    ["Anna", "ANNA", "Anne", "Anan", "Kovács", "Kovacs", "Ann-Marie", "n/a", "Bob", "Robert", "R.", ""]
)
HELD = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from("ab"),
            "givenName": TEXTS,
            "familyName": TEXTS,
            "fullName": st.sampled_from(["", "Anna Kovács", "Kovács, Anna", "Bob Kovacs"]),
            "companyName": st.sampled_from(["", "Kovacs Kft", "Kovács", "Kovacs Papir", "Other Ltd"]),
            "jobTitle": TEXTS,
            "updatedAt": st.sampled_from([None, at(1), at(2)]),
            "emails": st.sampled_from([(), (Email("anna.kovacs@kovacs.example"),), (Email("test@test.com"),)]),
        }
    ),
    min_size=1,
    max_size=4,
)
FIELDS = ("givenName", "familyName", "companyName", "jobTitle", "emails", "updatedAt")
RULES = st.lists(
    st.sampled_from([Rule.MOST_TRUSTED, Rule.MOST_RECENT, Rule.OLDEST, Rule.MOST_FREQUENT, Rule.SPELLING_STABLE]),
    min_size=1,
    max_size=3,
)


@given(HELD, RULES)
def test_the_order_in_which_the_records_of_a_source_come_changes_nothing(
    held: list[dict[str, Any]], rules: list[Rule]
) -> None:
    records = [record(**{**one, "id": str(number)}) for number, one in enumerate(held)]
    records.sort(key=lambda one: one.ref.source)
    given_rules = {**DEFAULTS, "jobTitle": tuple(map(FieldRule, rules))}
    told = [golden(field, records, given_rules) for field in FIELDS], full_name(records, DEFAULTS, [])
    for other in permutations(records):
        if [one.ref.source for one in other] == [one.ref.source for one in records]:
            assert told == ([golden(field, other, given_rules) for field in FIELDS], full_name(other, DEFAULTS, []))


@given(HELD)
def test_what_survived_survives_again_and_is_what_is_told_without_its_story(held: list[dict[str, Any]]) -> None:
    records = [record(**{**one, "id": str(number)}) for number, one in enumerate(held)]
    for field in FIELDS:
        told, value = golden(field, records), survivor(field, records)
        assert (told and told.value) == (value and value.value)
        if told is not None and field in ("companyName", "jobTitle"):
            again = golden(field, [record("a", str(number), **{field: told.value}) for number in range(3)])
            assert again is not None
            assert again.value == told.value


@given(HELD)
def test_the_whole_name_never_contradicts_its_parts(held: list[dict[str, Any]]) -> None:
    records = [record(**{**one, "id": str(number)}) for number, one in enumerate(held)]
    parts = {part: found.value if (found := survivor(part, records)) else None for part in ("givenName", "familyName")}
    told, value = full_name(records, DEFAULTS, []), name_value(records, DEFAULTS, [], parts.get)
    assert (told and told.value) == value
    if value is not None and len(records) > 1:
        assert all(part in value for part in parts.values() if part)
