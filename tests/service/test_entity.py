"""The thing itself: which value survives, where it came from, and why one is missing."""

from typing import Any

from tests.service.given import BEGAN, Office, TinyCrm, definition

from crmgraph.domain.errors import Unavailable
from crmgraph.domain.records import Record
from crmgraph.service.custom import CustomFields
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
    assert (one.value("fullName"), one.given_name(), one.family_name()) == ("Anna Kovacs", "Anna", "Kovacs")
    assert entity({"emails": ["solo@x.example"]}).value("fullName") is None


def test_a_name_in_one_field_is_taken_apart() -> None:
    one = entity({"full": "Kovács, Anna"})
    assert (one.given_name(), one.family_name()) == ("Anna", "Kovács")


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
