"""Which value survives: each rule by example, and that nothing depends on chance."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from crmgraph.domain.errors import BadReply, ConfigError
from crmgraph.domain.model import Address, Consent, ConsentState, Custom, Email, Kind, Link, Phone, TagName
from crmgraph.domain.naming import display_name
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship.explaining import Loser
from crmgraph.domain.survivorship.golden import Golden, golden
from crmgraph.domain.survivorship.rules import DEFAULTS, FieldRule, Rule, rules_for
from crmgraph.domain.survivorship.saying import Unreadable


def at(day: int) -> datetime:
    return datetime(2026, 1, day, tzinfo=UTC)


def broken() -> None:
    raise BadReply("a", "The e-mails of a are not a list.")


def record(source: str, id: str = "1", **values: Any) -> Record:
    def getter(value: Any) -> Callable[[Any, Any], Any]:
        return lambda raw, tables: value() if callable(value) else value

    getters = {name: getter(value) for name, value in values.items()}
    return Record(Ref(source, "contact", id), Kind.CONTACT, {}, getters, {}, at(31))


def test_the_most_trusted_source_that_has_a_value_wins_and_the_others_are_told() -> None:
    a, b, c, d = (
        record(s, website=name) for s, name in zip("abcd", (" ", "x.example", "y.example", "x.example"), strict=True)
    )
    assert golden("website", [a, b, c, d]) == Golden(
        "x.example",
        b.ref,
        "most_trusted",
        "The first source in order that has a value.",
        losers=(Loser("y.example", c.ref, "its source is less trusted"),),
        agreeing=(d.ref,),
    )


def test_a_field_may_have_its_own_source_order() -> None:
    records = [record("a", givenName="Anna"), record("b", givenName="Anne")]
    found = golden("givenName", records, {"givenName": (FieldRule(Rule.MOST_TRUSTED, ("b",)),)})
    assert found is not None
    assert (found.value, found.losers) == ("Anne", (Loser("Anna", records[0].ref, "its source is less trusted"),))


def test_the_most_recent_value_is_the_one_its_crm_says_was_changed_last() -> None:
    records = [
        record("a", jobTitle="Clerk", updatedAt=at(1)),
        record("b", jobTitle="Director", createdAt=at(3)),
        record("c", jobTitle="Intern"),
    ]
    found = golden("jobTitle", records)
    assert found is not None
    assert (found.value, found.origin, found.rule) == ("Director", records[1].ref, "spelling_changing")


def test_equally_recent_values_go_by_trust_and_then_by_id() -> None:
    records = [record("a", "2", jobTitle="Two"), record("a", "1", jobTitle="One"), record("b", "0", jobTitle="Zero")]
    found = golden("jobTitle", records)
    assert found is not None
    assert found.value == "One"


def test_a_person_was_created_when_the_earliest_record_was_and_changed_when_the_latest_was() -> None:
    records = [record("a", createdAt=at(2), updatedAt=at(4)), record("b", createdAt=at(1), updatedAt=at(5))]
    created, updated = golden("createdAt", records), golden("updatedAt", records)
    assert created is not None
    assert updated is not None
    assert (created.value, updated.value) == (at(1), at(5))


def test_emails_are_united_by_mailbox_primary_first_with_all_their_origins() -> None:
    a = record("a", emails=(Email("anna@work.example"), Email("Anna.K@gmail.com", primary=True)))
    b = record("b", emails=(Email("annak+x@googlemail.com"), Email("anna at home")))
    found = golden("emails", [a, b])
    assert found is not None
    assert [(one.value.value, one.key, one.origins) for one in found.value] == [
        ("Anna.K@gmail.com", "annak@gmail.com", (a.ref, b.ref)),
        ("anna@work.example", "anna@work.example", (a.ref,)),
        ("anna at home", "anna at home", (b.ref,)),
    ]
    assert (found.origin, found.rule) == (a.ref, "union")


def test_phones_are_united_by_line_with_each_source_in_its_own_region() -> None:
    a, b = record("a", phones=(Phone("030 12345689"),)), record("b", phones=(Phone("+49 30 12345689"),))
    found = golden("phones", [a, b], regions={"a": "DE", "b": "US"})
    assert found is not None
    assert [(one.key, one.origins) for one in found.value] == [("+493012345689", (a.ref, b.ref))]


def test_tags_addresses_and_custom_fields_are_united_too() -> None:
    home = Address("Main St. 1", "Springfield", postal_code="12345")
    a = record("a", tags=(TagName("VIP"),), addresses=(home, Address()), customFields=(Custom("size", "L"),))
    b = record(
        "b",
        tags=(TagName("vip"), TagName("Très cher")),
        addresses=(Address("MAIN ST. 1", "Springfield", postal_code="12345", kind="home"), Address("Main St. 1")),
        customFields=(Custom("size", "XL"), Custom("color", "red")),
    )
    keys = {field: golden(field, [a, b]) for field in ("tags", "addresses", "customFields")}
    assert {field: [one.key for one in found.value] for field, found in keys.items() if found} == {
        "tags": ["vip", "tres cher"],
        "addresses": ["main st. 1|springfield||12345|", "main st. 1||||"],
        "customFields": ["size", "color"],
    }


def test_links_of_two_sources_are_never_one_because_their_ids_agree() -> None:
    records = [record(source, opportunities=(Link("7"), Link(None, "Big deal"))) for source in "ab"]
    found = golden("opportunities", records)
    assert found is not None
    assert [one.key for one in found.value] == ["a:7", "big deal", "b:7"]


_A, _B, _U = ConsentState.ALLOWED, ConsentState.BLOCKED, ConsentState.UNKNOWN


@pytest.mark.parametrize(
    ("said", "merged"),
    [
        ([Consent(email=_A), Consent(email=_B), Consent(sms=_A)], Consent(email=_B, sms=_A)),
        ([Consent(any=_A, email=_A), Consent(any=_B)], Consent(_B, _B, _B, _B, _B)),
        ([Consent(), Consent(call=_A)], Consent(_U, _U, _U, _A, _U)),
    ],
)
def test_a_refusal_in_one_crm_is_a_refusal_per_channel(said: list[Consent], merged: Consent) -> None:
    for order in permutations(said):
        found = golden("doNotContact", [record(s, doNotContact=one) for s, one in zip("abc", order, strict=False)])
        assert found is not None
        assert found.value == merged


def test_an_unreadable_value_costs_only_that_record_its_say_and_is_told() -> None:
    problems: list[Unreadable] = []
    records = [record("a", emails=broken), record("b", emails=(Email("anna@x.example"),))]
    found = golden("emails", records, problems=problems)
    assert found is not None
    assert found.origin == records[1].ref
    assert [(one.ref, one.field) for one in problems] == [(records[0].ref, "emails")]


def test_nothing_survives_where_nobody_has_a_value() -> None:
    assert golden("givenName", []) is None
    assert golden("givenName", [record("a"), record("b", givenName="")]) is None
    assert golden("emails", [record("a", emails=())]) is None
    assert golden("addresses", [record("a", addresses=(Address(kind="home"),))]) is None


def test_configured_rules_go_over_the_defaults() -> None:
    given = {"jobTitle": (FieldRule(Rule.MOST_TRUSTED),)}
    assert rules_for(Kind.CONTACT, given) == {**DEFAULTS, **given}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shoeSize": (FieldRule(Rule.UNION),)}, "survivorship.contact.shoeSize: a contact has no field shoeSize."),
        (
            {"jobTitle": (FieldRule(Rule.UNION),), "tags": (FieldRule(Rule.UNION, valid=True),)},
            "survivorship.contact.jobTitle: `union` joins lists, and `jobTitle` holds a text; "
            "write most_trusted or most_recent.\n"
            "survivorship.contact.tags: `valid` looks at texts, e-mails, phones and addresses, and `tags` holds none; "
            "leave it out.",
        ),
        (
            {"emails": (FieldRule(Rule.MIN),)},
            "survivorship.contact.emails: `min` compares times and numbers, and `emails` holds a list; "
            "write union or most_trusted.",
        ),
    ],
)
def test_a_rule_that_cannot_work_is_refused_in_a_sentence(
    given: dict[str, tuple[FieldRule, ...]], message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        rules_for(Kind.CONTACT, given)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (("Anna Kovács", "Anne", None, ["a@x.example"], []), "Anna Kovács"),
        ((None, "Anna", "Kovács", [], []), "Anna Kovács"),
        ((None, None, "Kovács", [], []), "Kovács"),
        ((None, None, None, ["a@x.example"], ["+1"]), "a@x.example"),
        ((None, "", None, [], ["+14155550142"]), "+14155550142"),
        ((None, None, None, [], []), None),
    ],
)
def test_somebody_is_called_by_the_best_that_is_known(known: Any, name: str | None) -> None:
    assert display_name(*known) == name
