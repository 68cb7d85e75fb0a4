"""The thing itself: which value survives, where it came from, and why one is missing."""

from decimal import Decimal
from typing import Any

import pytest
from tests.service.given import BEGAN, Office, TinyCrm, definition

from crmgraph.api.story import provenance
from crmgraph.domain.errors import BadReply, InputError, Unavailable
from crmgraph.domain.model import Custom, Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.survivorship.rules import FieldRule, Rule, Rules, rules_for
from crmgraph.service.custom import CustomFields, LogicalField
from crmgraph.service.entity import Entity, Gap, GapReason, View
from crmgraph.service.identity import Person
from crmgraph.service.session import Session


def record(crm: TinyCrm, **row: Any) -> Record:
    return crm.definition.resources["contact"].record({"id": "1", **row}, crm.name, {}, BEGAN)


def offices() -> Office:
    return Office([TinyCrm(name, definition("page", None, "none")) for name in "abc"])


def entity(*rows: dict[str, Any], session: Session | None = None) -> Entity:
    office = offices()
    records = tuple(record(crm, **row) for crm, row in zip(office.crms, rows, strict=False))
    person = Person(records, tuple(one.ref for one in records), True)
    return Entity(person, View(session or office.session(), {}, "US", CustomFields({})))


def test_the_most_trusted_value_survives_and_the_next_fills_its_gap() -> None:
    one = entity({"job": "Baker"}, {"job": "Engineer", "given": "Anna"})
    assert (one.value("jobTitle"), one.origin("jobTitle")) == ("Baker", "a")
    assert (one.value("givenName"), one.origin("givenName")) == ("Anna", "b")
    assert one.origin("familyName") == "a", "Nobody's value is told under the first record."


def test_lists_are_united_with_the_records_that_hold_each() -> None:
    one = entity({"emails": ["A@x.example"]}, {"emails": ["a@x.example", "b@x.example"]})
    assert [merged.value.value for merged in one.merged("emails")] == ["A@x.example", "b@x.example"]


def test_a_name_is_put_together_from_its_parts() -> None:
    one = entity({"given": "Anna", "family": "Kovacs"})
    assert (one.value("fullName"), one.value("givenName"), one.value("familyName")) == ("Anna Kovacs", "Anna", "Kovacs")
    assert entity({"emails": ["solo@x.example"]}).value("fullName") is None


def test_a_name_in_one_field_is_taken_apart() -> None:
    one = entity({"full": "Kovács, Anna"})
    assert (one.value("givenName"), one.value("familyName")) == ("Anna", "Kovács")


def test_each_gap_has_its_reason() -> None:
    one = entity({"given": "Anna"})
    reasons = {gap.field: gap.reason for gap in one.gaps()}
    assert reasons["jobTitle"] is GapReason.EMPTY
    assert reasons["website"] is GapReason.UNSUPPORTED
    assert "givenName" not in reasons
    assert entity({"created": "soon"}).gaps().count(Gap("createdAt", "a", GapReason.FAILED)) == 1


def test_a_source_that_is_lost_may_have_known_more_of_everything() -> None:
    session = offices().session()
    one = entity({"given": "Anna"}, session=session)
    session.meters["c"].lost = Unavailable("c", "It is down.")
    assert Gap("*", "c", GapReason.FAILED) in one.gaps()


def test_a_value_that_cannot_be_read_is_told_and_the_next_one_survives() -> None:
    session = offices().session()
    one = entity({"created": "soon"}, {"created": "2026-01-01T00:00:00Z"}, session=session)
    assert (one.value("createdAt"), one.origin("createdAt")) == (BEGAN, "b")
    assert [problem.code for problem in session.meters["a"].problems] == ["BAD_REPLY"]


def saying(source: str, **said: Any) -> Record:
    """A record whose definition maps what it says and nothing else; an error is what reading the field raises."""

    def read(value: Any) -> Any:
        if isinstance(value, BadReply):
            raise value
        return value

    getters = {name: lambda raw, tables, value=value: read(value) for name, value in said.items()}
    return Record(Ref(source, "contact", "1"), Kind.CONTACT, {}, getters, {}, BEGAN)


def over(
    *records: Record,
    rules: Rules | None = None,
    custom: CustomFields | None = None,
    session: Session | None = None,
) -> Entity:
    person = Person(records, tuple(one.ref for one in records), True)
    chosen = {Kind.CONTACT: rules_for(Kind.CONTACT, rules or {})}
    return Entity(person, View(session or offices().session(), chosen, "US", custom or CustomFields({})))


def names(one: Entity) -> tuple[Any, ...]:
    return one.value("fullName"), one.value("givenName"), one.value("familyName")


def test_the_whole_name_is_one_that_a_record_holds() -> None:
    one = over(
        saying("a", givenName="Bob"),
        saying("b", givenName="Robert", familyName="Miller-Smith", fullName="Robert Miller-Smith"),
        saying("c", fullName="Bob Miller"),
    )
    assert names(one) == ("Robert Miller-Smith", "Robert", "Miller-Smith")
    found = one.golden("fullName")
    assert found is not None
    assert found.origin is not None
    assert (found.rule, found.origin.source) == ("parts", "b")
    assert [(lost.value, lost.origin.source) for lost in found.losers] == [("Bob", "a"), ("Bob Miller", "c")]


@pytest.mark.parametrize("lone", [{"givenName": "Bob"}, {"givenName": "Bob", "familyName": None, "fullName": "Bob"}])
def test_half_a_name_gives_way_to_a_whole_one(lone: dict[str, Any]) -> None:
    one = over(saying("a", **lone), saying("b", fullName="Robert Miller"))
    assert names(one) == ("Robert Miller", "Robert", "Miller")
    assert names(over(saying("a", **lone))) == ("Bob", "Bob", None), "Where there is no more, half a name is the name."


def test_the_whole_name_follows_its_own_rule_whichever_form_the_records_keep() -> None:
    records = saying("a", givenName="Bob", familyName="Miller"), saying("b", fullName="Robert J. Miller")
    assert names(over(*records))[0] == "Robert J. Miller"
    ordered = over(*records, rules={"fullName": (FieldRule(Rule.MOST_TRUSTED, ("a",)),)})
    assert names(ordered) == ("Bob Miller", "Robert", "Miller")
    newest = saying("c", fullName="Rob Miller", updatedAt=BEGAN)
    recent = over(*records, newest, rules={"fullName": (FieldRule(Rule.MOST_RECENT),)})
    assert (recent.value("fullName"), recent.origin("fullName")) == ("Rob Miller", "c")


def test_a_derived_name_says_where_it_comes_from_and_is_no_gap() -> None:
    apart, whole = over(saying("a", givenName="Bob", familyName="Miller")), over(saying("b", fullName="Anna Kovacs"))
    told: Any = {one.field: (one.value, one.origin.source, one.rule) for one in provenance(whole, None)}
    assert told == {
        "fullName": ("Anna Kovacs", "b", "most_trusted"),
        "givenName": ("Anna", "b", "spelling_stable, derived from fullName"),
        "familyName": ("Kovacs", "b", "spelling_changing, derived from fullName"),
    }
    assert provenance(apart, ["fullName"])[0].rule == "most_trusted, derived from givenName and familyName"
    assert not {gap.field for one in (apart, whole) for gap in one.gaps()} & {"givenName", "familyName", "fullName"}


SEATS = CustomFields({"seats": LogicalField("seats", "number", "Seats", {"a": "s_a", "b": "s_b"})})


def test_custom_fields_that_cannot_be_read_are_told() -> None:
    session = offices().session()
    broken = saying("a", customFields=BadReply("a", "The custom fields of a are no list."))
    one = over(broken, saying("b", customFields=(Custom("seats", 12),)), session=session)
    assert [held.typed.raw for held in one.custom_values()] == [12]
    assert [problem.code for problem in session.meters["a"].problems] == ["BAD_REPLY"]


@pytest.mark.parametrize("nothing", [None, "", " ", []])
def test_an_empty_custom_value_gives_way_to_a_real_one(nothing: Any) -> None:
    empty, real = (saying(name, customFields=(Custom("seats", held),)) for name, held in (("a", nothing), ("b", 12)))
    assert [(one.typed.raw, one.origin.source, one.losers) for one in over(empty, real).custom_values()] == [
        (12, "b", ())
    ]
    assert [one.losers for one in over(real, empty).custom_values()] == [()]
    assert [one.typed.raw for one in over(empty).custom_values()] == [nothing]


def test_custom_values_follow_the_fields_own_order_and_differ_by_what_they_mean() -> None:
    records = (
        saying("a", customFields=(Custom("s_a", "12"),)),
        saying("b", customFields=(Custom("s_b", 12, type="text"),)),
    )
    one = over(*records, rules={"customFields": (FieldRule(Rule.UNION, ("b",)),)}, custom=SEATS)
    (held,) = one.custom_values()
    assert (held.typed.number, held.origin.source, held.losers) == (Decimal(12), "b", ())


def test_the_provenance_of_custom_fields_tells_what_they_show() -> None:
    one = over(
        saying("a", customFields=(Custom("s_a", "12"), Custom("plan", "Gold"))),
        saying("b", customFields=(Custom("s_b", 10),)),
        custom=SEATS,
    )
    told: Any = provenance(one, ["customFields"])[0]
    assert told.value == [{"key": "seats", "value": "12"}, {"key": "plan", "value": "Gold"}]
    assert [(loser.value, loser.origin.source) for loser in told.losers] == [({"key": "seats", "value": 10}, "b")]
    assert (told.rule, told.origin.source) == ("union", "a")


def test_provenance_knows_the_graphs_own_names_and_refuses_others_by_naming_the_nearest() -> None:
    one = entity({"full": "Anna Kovacs", "emails": ["a@x.example"]})
    assert [told.field for told in provenance(one, ["displayName", "email", "emails"])] == ["fullName", "emails"]
    with pytest.raises(InputError, match=r"`givenNam`, which is no field of a contact\. Did you mean givenName"):
        provenance(one, ["givenNam"])
    with pytest.raises(InputError, match=r"`zzz`, which is no field of a contact\.$"):
        provenance(one, ["zzz"])
