"""Writing flows, driven by hand: which calls are made, and what their replies come to."""

from typing import Any

import orjson
import pytest
from tests.connectors.made import definition, drive, reader, reply

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.exchange import Call
from crmgraph.connectors.holding import holds
from crmgraph.connectors.writes import Loss, Outcome, Refused, Writer, tables_written
from crmgraph.domain.errors import InputError, OutcomeUnknown, Throttled, Unsupported
from crmgraph.domain.model import Consent, ConsentState, Custom, Email, Link, Phone, TagName

FIELDS = """
    fields:
      fullName: name
      emails: email
      phones: {each: phones, object: {value: n, kind: t}, key: n}
      tags: tags
      customFields: {map: custom}
      companyName: {read: firm, on: create}
      createdAt: {read: at, write: none}
"""
WRITES = """
    create: {call: POST /c, item: [data, ''], required: [fullName]}
    update: {call: 'PUT /c/{id}', required: [fullName]}
    delete: {call: 'DELETE /c/{id}'}
"""
CALLS = """
    tags:
      add: {call: 'POST /c/{id}/tags', body: {tags: '{tags}'}}
      remove: {call: 'DELETE /c/{id}/tags/{tag}'}
    custom: {call: 'PUT /c/{id}/custom/{field}', into: value}
"""


def desk(writes: str = WRITES, fields: str = FIELDS, head: str = "") -> tuple[Writer, Resource]:
    get = "    get: {call: 'GET /c/{id}', item: [data, '']}\n"
    made = definition(f"{head}resources:\n  contact:\n{get}{writes[1:]}{fields[1:]}")
    return Writer(reader(made), {}), made.resources["contact"]


def said(call: Call) -> tuple[str, str, Any]:
    return call.method, call.path, None if call.body is None else orjson.loads(call.body)


ADA = {"id": 1, "name": "Ada", "email": "a@x.example", "tags": ["One"], "custom": {"a": 1}, "firm": "X"}


def test_a_call_that_reads_has_terms_and_one_that_writes_has_none() -> None:
    """By them whoever sends it knows which replies may be shared."""
    writer, contact = desk()
    _, calls = drive(writer.create(contact, {"fullName": "Ada"}), {"data": {"id": 7}}, {"id": 7, "name": "Ada"})
    assert [(call.method, call.terms is None) for call in calls] == [("POST", True), ("GET", False)]


def test_a_create_answers_the_new_record_as_it_is_read_back_by_id() -> None:
    writer, contact = desk()
    written, calls = drive(
        writer.create(contact, {"fullName": "Ada", "createdAt": "now"}), {"data": {"id": 7}}, {"id": 7, "name": "Ada"}
    )
    assert [said(call) for call in calls] == [("POST", "/c", {"name": "Ada"}), ("GET", "/c/7", None)]
    assert (written.outcome, written.id, written.after) == (Outcome.DONE, "7", {"id": 7, "name": "Ada"})
    assert written.ignored == ("createdAt",)


def test_a_create_may_answer_the_id_alone() -> None:
    writer, contact = desk("\n    create: {call: POST /c, into: c, item: made, returns: id}\n")
    written, calls = drive(writer.create(contact, {"fullName": "Ada"}), {"made": 7}, {"id": 7, "name": "Ada"})
    assert said(calls[0]) == ("POST", "/c", {"c": {"name": "Ada"}})
    assert written.id == "7"


def test_a_create_whose_reply_has_no_id_may_have_happened() -> None:
    writer, contact = desk()
    with pytest.raises(OutcomeUnknown, match="does not tell the new id"):
        drive(writer.create(contact, {"fullName": "Ada"}), {"ok": True})


@pytest.mark.parametrize("answer", [reply({"message": "oops"}, 503), reply(b"<html>", 200)])
def test_a_failure_of_the_crm_leaves_open_whether_it_was_written(answer: Any) -> None:
    writer, contact = desk()
    with pytest.raises(OutcomeUnknown, match=r"Whether the contact was written is not known\."):
        drive(writer.create(contact, {"fullName": "Ada"}), answer)


def test_being_slowed_down_is_no_doubt() -> None:
    writer, contact = desk()
    with pytest.raises(Throttled):
        drive(writer.create(contact, {"fullName": "Ada"}), reply({}, 429))


def test_an_update_sends_what_differs_and_what_the_crm_requires() -> None:
    writer, contact = desk()
    changes = {"emails": (Email("b@x.example"),), "fullName": "Ada", "companyName": "Y"}
    after = {**ADA, "email": "b@x.example"}
    written, calls = drive(writer.update(contact, "1", changes), ADA, after, after)
    assert said(calls[1]) == ("PUT", "/c/1", {"email": "b@x.example", "name": "Ada"})
    assert (written.before, written.after, written.ignored) == (ADA, after, ("companyName",))


def test_a_record_can_be_sent_whole() -> None:
    writer, contact = desk("\n    update: {call: 'PUT /c/{id}', merge: true}\n")
    _, calls = drive(writer.update(contact, "1", {"fullName": "Eve"}), ADA, ADA, ADA)
    assert said(calls[1])[2] == {"name": "Eve", "email": "a@x.example", "tags": ["One"], "custom": {"a": 1}}


def test_nothing_is_called_where_nothing_changes() -> None:
    writer, contact = desk()
    written, calls = drive(writer.update(contact, "1", {"fullName": "Ada", "tags": (TagName("ONE"),)}), ADA)
    assert (written.outcome, len(calls)) == (Outcome.UNCHANGED, 1)
    written, calls = drive(writer.update(contact, "1", {"fullName": "Ada"}, None, ADA))
    assert (written.outcome, len(calls)) == (Outcome.UNCHANGED, 0)


def test_a_plan_shows_the_writing_calls_without_making_them() -> None:
    writer, contact = desk()
    plan, calls = drive(writer.plan_update(contact, "1", {"fullName": "Eve"}), ADA)
    assert [call.method for call in calls] == ["GET"]
    assert [said(call) for call in writer.calls_of(plan)] == [("PUT", "/c/1", {"name": "Eve"})]
    made = writer.plan_create(contact, {"fullName": "Eve"})
    assert [said(call) for call in writer.calls_of(made)] == [("POST", "/c", {"name": "Eve"})]


def test_what_has_no_room_is_lost_and_what_the_crm_changes_is_altered() -> None:
    writer, contact = desk()
    two = (Email("a@y.example"), Email("b@y.example"))
    after = {**ADA, "email": "a@y.example", "name": "EVE"}
    written, _ = drive(writer.update(contact, "1", {"emails": two, "fullName": "Eve"}), ADA, after, after)
    assert written.lost == (Loss("emails", two[1]),)
    assert written.altered == ("fullName",)


def test_keys_that_nobody_speaks_of_stay_in_a_list_that_is_sent_whole() -> None:
    writer, contact = desk()
    before = {**ADA, "phones": [{"n": "1", "t": "w", "id": 9}]}
    changes = {"phones": (Phone("1", "w"), Phone("2", "h"))}
    _, calls = drive(writer.update(contact, "1", changes), before, before, before)
    assert said(calls[1])[2]["phones"] == [{"n": "1", "t": "w", "id": 9}, {"n": "2", "t": "h"}]


def test_custom_values_that_are_not_named_stay() -> None:
    writer, contact = desk()
    after = {**ADA, "custom": {"a": 1, "b": 2}}
    written, calls = drive(writer.set_custom(contact, "1", {"b": 2}), ADA, after, after)
    assert said(calls[1])[2] == {"custom": {"a": 1, "b": 2}, "name": "Ada"}
    assert written.altered == ()


def test_tags_and_custom_values_have_calls_of_their_own_where_the_crm_wants_it() -> None:
    writer, contact = desk(WRITES + CALLS[1:])
    changes = {"tags": (TagName("Two"), TagName("Three")), "customFields": (Custom("a", None), Custom("b", 2))}
    _, calls = drive(writer.update(contact, "1", {"fullName": "Eve", **changes}), ADA, *[{}] * 5, ADA)
    assert [said(call) for call in calls[1:-1]] == [
        ("PUT", "/c/1", {"name": "Eve"}),
        ("POST", "/c/1/tags", {"tags": ["Two", "Three"]}),
        ("DELETE", "/c/1/tags/One", None),
        ("PUT", "/c/1/custom/a", {"value": None}),
        ("PUT", "/c/1/custom/b", {"value": 2}),
    ]


def test_custom_values_follow_a_create_under_its_new_id() -> None:
    writer, contact = desk(WRITES + CALLS[1:])
    values = {"fullName": "Ada", "tags": (TagName("One"),), "customFields": (Custom("a", 1),)}
    written, calls = drive(writer.create(contact, values), {"id": 1}, {}, ADA)
    assert said(calls[0])[2] == {"name": "Ada", "tags": ["One"]}
    assert said(calls[1]) == ("PUT", "/c/1/custom/a", {"value": 1})
    assert (written.outcome, written.altered) == (Outcome.DONE, ())


def test_a_later_call_that_is_refused_leaves_a_partial_write() -> None:
    writer, contact = desk(WRITES + CALLS[1:])
    changes = {"fullName": "Eve", "customFields": (Custom("b", 2),)}
    after = {**ADA, "name": "Eve"}
    written, _ = drive(writer.update(contact, "1", changes), ADA, after, reply({"detail": "no b"}, 422), after)
    assert written.outcome is Outcome.PARTIAL
    ((field, error),) = written.failed
    assert (field, type(error)) == ("customFields.b", Refused)


def test_a_tag_that_no_path_can_hold_is_refused_before_any_call() -> None:
    writer, contact = desk(WRITES + CALLS[1:])
    with pytest.raises(InputError, match="`a/b` cannot be part of a path"):
        drive(writer.remove_tags(contact, "1", ["a/b"]))


def test_tags_are_put_on_by_rewriting_the_list_where_there_is_no_other_way() -> None:
    writer, contact = desk()
    after = {**ADA, "tags": ["One", "Two"]}
    _, calls = drive(writer.add_tags(contact, "1", ["one", "Two"]), ADA, after, after)
    assert said(calls[1])[2] == {"name": "Ada", "tags": ["One", "Two"]}


def test_what_is_not_there_cannot_be_changed_and_need_not_be_deleted() -> None:
    writer, contact = desk()
    with pytest.raises(Refused, match="crm has no contact `1` that could be changed"):
        drive(writer.update(contact, "1", {"fullName": "Eve"}), reply({}, 404))
    assert drive(writer.delete(contact, "1"), reply({}, 404))[0].outcome is Outcome.UNCHANGED


def test_a_deleted_record_is_gone() -> None:
    writer, contact = desk()
    written, _ = drive(writer.delete(contact, "1"), ADA, reply(b"", 204), reply({}, 404))
    assert (written.outcome, written.before, written.after) == (Outcome.DONE, ADA, None)


def test_what_cannot_be_read_back_is_written_all_the_same() -> None:
    writer, contact = desk()
    written, _ = drive(writer.update(contact, "1", {"fullName": "Eve"}), ADA, {}, reply({}, 500))
    assert (written.outcome, written.after, written.altered) == (Outcome.DONE, None, ())


def test_what_a_crm_does_not_offer_is_unsupported() -> None:
    writer, contact = desk("\n")
    for flow in (writer.update(contact, "1", {}), writer.delete(contact, "1"), writer.create(contact, {})):
        with pytest.raises(Unsupported):
            drive(flow)


@pytest.mark.parametrize(
    ("head", "body", "reasons", "existing"),
    [
        ("reply: {reasons: errors}\n", {"errors": {"name": ["is needed", "is short"]}}, "is needed; is short", None),
        ("reply: {reasons: detail}\n", {"detail": [{"loc": ["body", "name"], "msg": "is short"}]}, "is short", None),
        ("reply: {reasons: message}\n", {"message": ["property name should not"]}, "property name should not", None),
        ("reply: {existing: meta.id}\n", {"meta": {"id": 4}}, None, "4"),
        ("reply: {reasons: detail, existing: x}\n", {"detail": "no"}, None, None),
    ],
)
def test_a_refusal_speaks_of_our_fields(head: str, body: Any, reasons: str | None, existing: str | None) -> None:
    writer, contact = desk(head=head)
    with pytest.raises(Refused) as told:
        drive(writer.create(contact, {"fullName": "Ada"}), reply(body, 422))
    assert told.value.reasons == ({"fullName": reasons} if reasons else {})
    assert told.value.existing == existing


def test_a_constant_is_written_by_its_vocabulary() -> None:
    head = "tables: {types: {endpoint: {call: GET /types, items: ''}}}\n"
    writes = "\n    create: {call: POST /c, constants: {type: Task | number | table types}}\n"
    writer, contact = desk(writes, head=head)
    assert tables_written(contact, contact.lenses) == {"types"}
    writer.tables = {**writer.tables, "types": {"41": "task"}}
    assert said(writer.calls_of(writer.plan_create(contact, {}))[0])[2] == {"type": 41}


@pytest.mark.parametrize(
    ("found", "asked", "whether"),
    [
        (None, None, True),
        ("", None, True),
        ((Email("b"), Email("a")), (Email("a"), Email("b")), False),
        ((TagName("B"), TagName("a")), (TagName("A"), TagName("b")), True),
        ((Phone("1", "other"),), (Phone("1"),), True),
        ((Phone("1"), Phone("2")), (Phone("1"),), False),
        (Link("1", "Ada"), Link("1"), True),
        (Link("1", "Ada"), Link(None, "Ada"), True),
        (Link("2", "Ada"), Link("1", "Ada"), False),
        (Consent(ConsentState.BLOCKED, email=ConsentState.ALLOWED), Consent(ConsentState.BLOCKED), True),
        (Consent(ConsentState.ALLOWED), Consent(ConsentState.BLOCKED), False),
        ({"id": 3, "name": "Red"}, 3, True),
        ("x", "X", False),
    ],
)
def test_a_record_holds_what_was_asked_whatever_else_it_holds(found: Any, asked: Any, whether: bool) -> None:
    assert holds(found, asked) is whether
