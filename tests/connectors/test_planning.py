"""What a plan makes of fields that only an update takes, of what cannot be written, and of what hangs on others."""

from typing import Any

import orjson
import pytest
from tests.connectors.made import definition, drive, reader, reply

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Call
from crmgraph.connectors.writes import Outcome, Refused, Writer, tables_written
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Link

TEXT = """
tables: {sorts: {endpoint: {call: GET /sorts, items: ''}}}
resources:
  activity:
    only: {path: sort | lower, not_in: [note]}
    get: {call: 'GET /a/{id}', item: ''}
    create: {call: 'POST /c/{parent}/a', item: ''}
    update: {call: 'PUT /c/{parent}/a/{id}', required: [subject], repeats: [day, gone]}
    delete: {call: 'DELETE /c/{parent}/a/{id}'}
    fields:
      kind: {const: MEETING}
      kindOriginal: sort
      subject: name
      location: {read: place, on: update}
      calendar: {read: nowhere, write: {read: nowhere | table sorts}}
      contact: {read: c, write: none}
"""


def desk() -> tuple[Writer, Resource]:
    made = definition(TEXT)
    return Writer(reader(made), {}), made.resources["activity"]


def said(call: Call) -> tuple[str, str, Any]:
    return call.method, call.path, None if call.body is None else orjson.loads(call.body)


TALK = {"id": 4, "name": "Patent", "c": 7, "day": "2026-03-04"}
HUNG = {"subject": "Patent", "contact": Link("7")}


def test_what_only_an_update_takes_follows_a_create() -> None:
    writer, activity = desk()
    after = {**TALK, "place": "Hall"}
    written, calls = drive(writer.create(activity, {**HUNG, "location": "Hall"}), {"id": 4}, {}, after)
    assert [said(call) for call in calls] == [
        ("POST", "/c/7/a", {"name": "Patent"}),
        ("PUT", "/c/7/a/4", {"name": "Patent", "place": "Hall"}),
        ("GET", "/a/4", None),
    ]
    assert (written.outcome, written.altered, written.ignored) == (Outcome.DONE, (), ())


def test_a_record_stands_where_only_the_update_after_its_create_is_refused() -> None:
    writer, activity = desk()
    written, _ = drive(writer.create(activity, {**HUNG, "location": "Hall"}), {"id": 4}, reply({}, 400), TALK)
    assert (written.outcome, written.id, [name for name, _ in written.failed]) == (Outcome.PARTIAL, "4", ["location"])


@pytest.mark.parametrize(("kind", "ignored"), [("MEETING", ()), ("CALL", ("kind",))])
def test_what_is_so_anyway_is_not_told_to_be_ignored(kind: str, ignored: tuple[str, ...]) -> None:
    writer, activity = desk()
    assert writer.plan_create(activity, {**HUNG, "kind": kind}).ignored == ignored
    plan, _ = drive(writer.plan_update(activity, "4", {"kind": kind}), TALK)
    assert plan.ignored == ignored


def test_a_record_that_hangs_on_its_contact_is_changed_and_deleted_there() -> None:
    writer, activity = desk()
    _, changing = drive(writer.update(activity, "4", {"subject": "Film"}), TALK, {}, TALK)
    assert said(changing[1]) == ("PUT", "/c/7/a/4", {"name": "Film", "day": "2026-03-04"})
    _, deleting = drive(writer.delete(activity, "4"), TALK, {}, reply({}, 404))
    assert said(deleting[1]) == ("DELETE", "/c/7/a/4", None)


def test_what_would_be_none_of_its_resource_is_refused_before_any_writing_call() -> None:
    writer, activity = desk()
    with pytest.raises(Refused, match=r"would be no activity in crm, by its `sort \| lower`"):
        writer.plan_create(activity, {**HUNG, "kindOriginal": "Note"})
    with pytest.raises(Refused, match="would be no activity"):
        drive(writer.plan_update(activity, "4", {"kindOriginal": "NOTE"}), TALK)


def test_a_vocabulary_that_only_writing_needs_is_not_read_for_reading() -> None:
    _, activity = desk()
    assert activity.tables_for(activity.lenses) == frozenset()
    assert tables_written(activity, activity.lenses) == {"sorts"}


def test_two_fields_that_go_to_one_place_are_refused() -> None:
    text = TEXT.replace("contact: {read: c, write: none}", ABOUT)
    made = definition(text)
    writer, activity = Writer(reader(made), {}), made.resources["activity"]
    with pytest.raises(
        InputError, match="`company` cannot be written with another such field: `via` is people or firms"
    ):
        writer.plan_create(activity, {"contact": Link("7"), "company": Link("8")})


ABOUT = """contact: {read: c, write: {read: about, beside: {via: people}}}
      company: {read: f, write: {read: about, beside: {via: firms}}}"""
