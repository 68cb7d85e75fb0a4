"""When two records are one person: the rules by example, and what a profile holds."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from crmgraph.domain.errors import BadReply
from crmgraph.domain.findings import RULES, findings
from crmgraph.domain.matching import LINES, Band, Match, Matcher, band, explain, probability
from crmgraph.domain.model import Email, Kind, Phone
from crmgraph.domain.profiles import Profile, Said, keys, profile_from, profile_of
from crmgraph.domain.rarity import Shipped
from crmgraph.domain.records import Record, Ref

MAIL, LINE = "anna@kovacs.example", "+14155550142"
SMITH = {"family": "Smith"}
HOME = "kovacs.family@gmail.com"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MATCHER = Matcher(Shipped(), 10_000)


def profile(source: str = "a", ident: str = "1", **said: Any) -> Profile:
    return profile_from(Ref(source, "contact", ident), Said(**said), "US")


def anna(source: str, **said: Any) -> Profile:
    return profile(source, **{"given": "Anna", "family": "Kovács", **said})


def match(one: Profile, other: Profile) -> Match:
    found = MATCHER.match(one, other)
    assert found == MATCHER.match(other, one), "Who is compared with whom makes no difference."
    assert found.bits == pytest.approx(MATCHER.bits(one, other))
    return found


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"emails": [MAIL]}, {"emails": [MAIL]}, Band.JOINED),
        ({"emails": [MAIL]}, {"emails": [MAIL], "given": "", "family": ""}, Band.JOINED),
        ({"phones": [LINE]}, {"phones": [LINE]}, Band.JOINED),
        ({"phones": [LINE]}, {"phones": [LINE], "given": "A."}, Band.JOINED),
        ({**SMITH, "emails": [HOME]}, {**SMITH, "emails": [HOME], "given": "Peter"}, Band.SUGGESTED),
        ({**SMITH, "phones": [LINE]}, {**SMITH, "phones": [LINE], "given": "Peter"}, Band.SUGGESTED),
        ({"company": "Quimble & Sons"}, {"company": "Quimble and Sons Ltd"}, Band.JOINED),
        ({"emails": [MAIL]}, {"given": "Boris", "family": "Lindqvist", "emails": ["boris@l.example"]}, Band.APART),
    ],
)
def test_what_agrees_and_what_differs_decide_together(one: Any, other: Any, expected: Band) -> None:
    assert match(anna("a", **one), anna("b", **other)).band is expected


def test_more_that_agrees_is_more_sure() -> None:
    rising = [
        match(anna("a", **one), anna("b", **one)).bits
        for one in ({"phones": [LINE]}, {"emails": [MAIL]}, {"emails": [MAIL], "phones": [LINE]})
    ]
    assert rising == sorted(rising)
    assert len(set(rising)) == len(rising)


def test_a_rare_name_says_more_than_a_common_one() -> None:
    common = [profile(source, given="Mary", family="Smith") for source in "ab"]
    rare = [profile(source, given="Thorvald", family="Quimbleton") for source in "ab"]
    assert match(*rare).bits > match(*common).bits + 2


def test_records_of_one_source_need_more_than_those_of_two() -> None:
    one, two = anna("a", emails=[MAIL]), anna("a", ident="2", emails=[MAIL])
    assert match(one, two).bits < match(one, anna("b", emails=[MAIL])).bits


def test_the_more_people_there_are_the_more_it_takes() -> None:
    a, b = anna("a", emails=[MAIL]), anna("b", emails=[MAIL])
    assert Matcher(Shipped(), 100_000).bits(a, b) < MATCHER.bits(a, b) - 1


def test_where_there_is_one_source_alone_being_of_it_tells_less() -> None:
    one, two = anna("a", emails=[MAIL]), anna("a", ident="2", emails=[MAIL])
    assert Matcher(Shipped(), 10_000, sources=1).bits(one, two) > MATCHER.bits(one, two)


def test_the_evidence_adds_up_and_says_what_it_is_the_weightiest_first() -> None:
    found = match(anna("a", emails=[MAIL], city="Boston"), anna("b", emails=[MAIL], city="Paris"))
    assert {"same e-mail", "other town", "same family name"} <= {one.reason for one in found.evidence}
    assert all(abs(a.bits) >= abs(b.bits) for a, b in pairwise(found.evidence))
    nothing = match(profile("a"), profile("b"))
    assert found.bits == pytest.approx(nothing.bits + sum(one.bits for one in found.evidence))
    assert "same e-mail +" in found.reason


def test_the_bits_are_a_probability_and_the_bands_are_in_its_order() -> None:
    assert probability(0) == 0.5
    assert probability(1) == pytest.approx(2 / 3)
    assert probability(-1e9) > 0
    assert probability(1e9) <= 1
    assert [band(bits) for bits in (*LINES.values(), -99.0)] == [*LINES, Band.APART]


def test_every_rule_explains_itself_in_sentences() -> None:
    found = {one.rule for one in findings(anna("a", emails=[MAIL]), anna("b", emails=["x@gmail.com"]))}
    assert "email" in found
    assert all(explain(rule.__name__).endswith(".") for rule in RULES)
    assert explain("household").endswith(".")
    assert explain("nothing of the kind") == ""


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
