"""Sets written as a whole, imports of several calls and look-ups that must be sure, driven by hand."""

from typing import Any

import orjson
import pytest
from tests.connectors.made import definition, drive, reader, reply

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.importing import RowOutcome
from crmgraph.connectors.writes import Outcome, Refused, Writer
from crmgraph.domain.errors import BadReply, InputError, OutcomeUnknown, Unsupported
from crmgraph.domain.model import Custom, Email

VIEWS = """
resources:
  savedView:
    list: {call: GET /v, items: views%s}
    get_many: {whole: list}
    replace: {call: PUT /v, into: views}
    fields: {name: name, filter: {read: q, write: q}}
"""
PEOPLE = """
resources:
  contact:
    get: {call: 'GET /c/{id}', item: ''}
    custom: {call: 'PUT /c/{id}/{field}', into: value}
    import: {call: POST /c/all, into: people, max: 2, created: new, why: said}
    find:
      email: {call: GET /c, query: {q: '{value}'}, items: '', most: 2}
    fields: {fullName: name, emails: email, customFields: {map: custom}}
"""
A = {"id": 1, "name": "A", "q": 1, "color": "red"}
B = {"id": 2, "name": "B", "q": 2}


def desk(text: str) -> tuple[Writer, Resource]:
    made = definition(text[1:])
    (resource,) = made.resources.values()
    return Writer(reader(made), {}), resource


def views(*items: Any) -> dict[str, Any]:
    return {"views": list(items)}


def test_what_nobody_speaks_of_goes_along_with_a_set() -> None:
    writer, view = desk(VIEWS % "")
    plan, _ = drive(writer.plan_replace(view, [{"name": "A", "filter": 9}, {"name": "C", "filter": 3}]), views(A, B))
    (call,) = writer.calls_of(plan)
    assert (call.method, call.path) == ("PUT", "/v")
    assert orjson.loads(call.body or b"") == views({**A, "q": 9}, B, {"name": "C", "q": 3})


def test_a_set_is_told_as_it_is_read_back() -> None:
    writer, view = desk(VIEWS % "")
    plan, _ = drive(writer.plan_replace(view, [{"name": "C", "filter": 3, "owner": 1}], ["B"]), views(A, B))
    written, calls = drive(writer.perform_replace(plan), views(A, B), {}, views(A, B, {"id": 3, "name": "C", "q": 4}))
    assert [call.method for call in calls] == ["GET", "PUT", "GET"]
    assert (written.outcome, written.altered, written.ignored) == (Outcome.DONE, ("2", "C"), ("owner",))


def test_a_set_that_cannot_be_read_back_is_written_all_the_same() -> None:
    writer, view = desk(VIEWS % "")
    plan, _ = drive(writer.plan_replace(view, [], ["B"]), views(A, B))
    written, _ = drive(writer.perform_replace(plan), views(A, B), {}, reply({}, 500))
    assert (written.outcome, written.after, written.altered) == (Outcome.DONE, None, ())


def test_a_failure_while_a_set_is_written_leaves_open_whether_it_was() -> None:
    writer, view = desk(VIEWS % "")
    plan, _ = drive(writer.plan_replace(view, [], ["B"]), views(A, B))
    with pytest.raises(OutcomeUnknown):
        drive(writer.perform_replace(plan), views(A, B), reply({}, 502))


def test_a_name_that_several_have_must_be_said_by_id() -> None:
    writer, view = desk(VIEWS % "")
    twin = {**B, "id": 3}
    with pytest.raises(InputError, match="crm has 2 savedView records called `B`; say an id"):
        drive(writer.plan_replace(view, [], ["B"]), views(A, B, twin))
    plan, _ = drive(writer.plan_replace(view, [], ["3"]), views(A, B, twin))
    assert plan.steps[0].body == views(A, B)


def test_a_set_with_no_end_is_never_written() -> None:
    writer, view = desk(VIEWS % ", pages: {style: page, params: {p: '{page}'}}")
    pages = [views({"id": number, "name": str(number)}) for number in range(100)]
    with pytest.raises(BadReply, match="has more savedView records than 100 pages hold"):
        drive(writer.plan_replace(view, [], ["1"]), *pages)


def test_a_record_without_a_path_of_its_own_is_picked_out_of_the_list() -> None:
    writer, view = desk(VIEWS % "")
    assert drive(writer.reader.get(view, "2"), views(A, B))[0] == B
    assert drive(writer.reader.get(view, "3"), views(A, B))[0] is None


ROWS = [{"fullName": name, "emails": (Email(f"{name}@x.example"),)} for name in "abcde"]


def test_an_import_goes_in_calls_of_as_many_as_the_crm_takes() -> None:
    writer, contact = desk(PEOPLE)
    planned = writer.plan_import(contact, [{**ROWS[0], "customFields": (Custom("a", 1),)}, *ROWS[1:]])
    calls = writer.calls_of(planned.plan)
    assert [len(orjson.loads(call.body or b"")["people"]) for call in calls] == [2, 2, 1]
    assert planned.rows[0].ignored == ("customFields",)


def test_rows_of_a_later_call_fail_alone() -> None:
    writer, contact = desk(PEOPLE)
    planned = writer.plan_import(contact, ROWS)
    refused = {"new": 1, "errors": [{"row": 1, "said": "no"}]}
    rows, _ = drive(writer.perform_import(planned), refused, reply({"detail": "never"}, 422), reply({}, 503))
    assert [row.outcome for row in rows] == [
        RowOutcome.CREATED,
        *[RowOutcome.REJECTED] * 3,
        RowOutcome.UNKNOWN,
    ]
    assert rows[1].reason == "no"
    assert "never" in str(rows[2].reason)


def test_a_later_call_that_never_got_through_is_no_doubt() -> None:
    writer, contact = desk(PEOPLE)
    planned = writer.plan_import(contact, ROWS[:3])
    rows, _ = drive(writer.perform_import(planned), {"new": 2}, reply({}, 429))
    assert rows[2].outcome is RowOutcome.FAILED


def test_an_import_whose_first_call_is_refused_raises_that() -> None:
    writer, contact = desk(PEOPLE)
    with pytest.raises(Refused):
        drive(writer.perform_import(writer.plan_import(contact, ROWS)), reply({}, 422))


def test_a_look_up_gives_those_alone_who_hold_the_key() -> None:
    writer, contact = desk(PEOPLE)
    held, other = {"id": 1, "email": "A@x.example"}, {"id": 2, "email": "aa@x.example"}
    found, calls = drive(writer.look_for(contact, {"emails": (Email("a@x.example"),)}), [held])
    assert (found, calls[0].query) == ([held], (("q", "a@x.example"),))
    assert drive(writer.look_for(contact, {"emails": (Email("a@x.example"),)}), [other])[0] == []


def test_a_look_up_that_was_cut_does_not_say_that_nobody_is_there() -> None:
    writer, contact = desk(PEOPLE)
    others = [{"id": number, "email": f"{number}a@x.example"} for number in range(2)]
    with pytest.raises(Unsupported, match="finds too much by the email of this contact"):
        drive(writer.look_for(contact, {"emails": (Email("a@x.example"),)}), others)
