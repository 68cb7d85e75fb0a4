"""Where a new thing is made, on the built-in definitions."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.service.writing.desks import Account, Shelf, pointer

from crmgraph.domain.model import Kind
from crmgraph.service.writing.checking import Checking
from crmgraph.service.writing.mistakes import Mistaken
from crmgraph.service.writing.pointing import Pointer
from crmgraph.service.writing.things import Things, room_for

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
OTTO = Pointer(Kind.USER, text="Otto")


def made(kind: Kind, values: dict[str, Any], *sources: str, known: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Source and resource of each change that a create comes to; raises Mistaken."""
    shelf = Shelf(known) if known else Shelf()
    checking = Checking(shelf)  # type: ignore[arg-type]
    changes = Things(shelf, checking).created(kind, values, sources or None)  # type: ignore[arg-type]
    checking.done()
    return [(one.source, one.resource) for one in changes]


@pytest.mark.parametrize(
    ("source", "values", "room"),
    [
        ("bigcontacts", {"kind": "MEETING", "subject": "x"}, "meeting"),
        ("bigcontacts", {"kind": "CALL", "subject": "x"}, "activity"),
        ("bigcontacts", {"kind": "OTHER", "subject": "x"}, "activity"),
        ("concord", {"kind": "MEETING", "subject": "x"}, "activity"),
        (
            "concord",
            {"kind": "CALL", "body": "x", "startsAt": NOON, "company": pointer(Kind.COMPANY, concord="1")},
            "call",
        ),
        ("concord", {"kind": "CALL", "subject": "x", "startsAt": NOON, "owner": OTTO}, "activity"),
        ("leadconnector", {"kind": "APPOINTMENT", "subject": "x"}, "appointment"),
    ],
)
def test_an_activity_has_its_room_by_its_kind_and_by_what_the_room_would_leave_out(
    source: str, values: dict[str, Any], room: str
) -> None:
    found = room_for(Account(source), Kind.ACTIVITY, values)  # type: ignore[arg-type]
    assert found is not None
    assert found.name == room


@pytest.mark.parametrize(
    ("source", "kind"),
    [("concord", "OTHER"), ("concord", "APPOINTMENT"), ("leadconnector", "CALL"), ("bigcontacts", "APPOINTMENT")],
)
def test_a_kind_that_a_source_cannot_tell_apart_has_no_room_there(source: str, kind: str) -> None:
    assert room_for(Account(source), Kind.ACTIVITY, {"kind": kind}) is None  # type: ignore[arg-type]


def test_without_sources_a_thing_is_made_where_what_it_is_about_is_known() -> None:
    company = pointer(Kind.COMPANY, concord="5")
    assert made(Kind.NOTE, {"body": "x", "company": company}) == [("concord", "note")]


def test_of_several_that_know_the_person_the_most_trusted_that_lacks_nothing_makes_it() -> None:
    """Concord demands an assignee of a task, BigContacts does not."""
    values = {"title": "x", "dueDate": NOON.date(), "contact": pointer(Kind.CONTACT, concord="1", bigcontacts="41")}
    assert made(Kind.TASK, values) == [("bigcontacts", "task")]
    assert made(Kind.TASK, {**values, "assignees": (OTTO,)}) == [("concord", "task")]


def test_where_each_lacks_something_the_most_trusted_is_asked_and_says_so() -> None:
    values = {"title": "x", "contact": pointer(Kind.CONTACT, concord="1", bigcontacts="41")}
    assert made(Kind.TASK, values) == [("concord", "task")]


def test_a_person_of_several_is_one_that_the_source_keeps_alone() -> None:
    """LeadConnector's tasks stand under one contact, which the first of several is."""
    people = (pointer(Kind.CONTACT, leadconnector="a"), pointer(Kind.CONTACT, leadconnector="b"))
    values = {"title": "x", "dueAt": NOON, "contacts": people}
    assert made(Kind.TASK, values) == [("leadconnector", "task")]


def test_where_no_source_can_all_that_know_it_are_told_so() -> None:
    values = {"title": "x", "contact": pointer(Kind.CONTACT, orgcrm="k1")}
    assert made(Kind.TASK, values) == [("orgcrm", "task")]
    assert made(Kind.ACTIVITY, {"kind": "OTHER"}, known=("concord", "orgcrm")) == [
        ("concord", "OTHER activity"),
        ("orgcrm", "OTHER activity"),
    ]


def test_sources_that_are_named_are_all_written_to() -> None:
    assert made(Kind.COMPANY, {"name": "Acme"}, "orgcrm", "concord") == [("concord", "company"), ("orgcrm", "company")]


def test_a_source_that_is_named_must_know_something_of_what_it_is_about() -> None:
    with pytest.raises(Mistaken, match="orgcrm knows nothing of what this note is about"):
        made(Kind.NOTE, {"body": "x", "company": pointer(Kind.COMPANY, concord="5")}, "orgcrm", "concord")


def test_what_no_source_knows_wholly_is_a_mistake() -> None:
    torn = {"company": pointer(Kind.COMPANY, concord="5"), "contact": pointer(Kind.CONTACT, bigcontacts="41")}
    with pytest.raises(Mistaken, match="No source knows everything that this note is about"):
        made(Kind.NOTE, {"body": "x", **torn})


def test_who_is_to_do_it_does_not_say_where_it_is_made() -> None:
    """People who work there are known in every CRM by their e-mails."""
    values = {"title": "x", "dueDate": NOON.date(), "assignees": (pointer(Kind.USER, leadconnector="u1"),)}
    assert made(Kind.TASK, values) == [("concord", "task")]
