"""Links that have calls of their own, driven by hand: what is looked at, what is sent, what became of it."""

from typing import Any

import orjson
import pytest
from tests.connectors.made import definition, drive, reader

from crmgraph.connectors.associating import changed
from crmgraph.connectors.exchange import Call
from crmgraph.connectors.writes import Outcome, Verb, Writer
from crmgraph.domain.errors import Unsupported
from crmgraph.domain.model import Kind

TEXT = """
resources:
  contact:
    get: {call: 'GET /c/{id}', item: ''}
    associate:
      attach: {call: 'PUT /c/{id}/links'}
      detach: {call: 'DELETE /c/{id}/links'}
      links:
        company: {key: firms | number, held: firms.*.id}
        task: {key: todos, of: task}
        activity: {key: todos, of: activity}
    fields: {fullName: name, companies: {each: firms, object: {id: id}}}
  task:
    only: {path: sort, in: [task]}
    of:
      contact:
        call: GET /t
        query: {c: '{parent}'}
        items: ''
        pages: {style: page, size: 1, ends_short: true, params: {p: '{page}'}}
    fields: {title: name}
  activity:
    only: {path: sort, in: [talk]}
    of: {contact: {call: GET /t, query: {c: '{parent}'}, items: ''}}
    fields: {subject: name}
"""
SYNC = TEXT.replace("      links:\n", "      sync: {call: 'POST /c/{id}/links'}\n      links:\n")
ADA = {"id": 1, "firms": [{"id": 7}, {"id": 8}]}
DOINGS = [{"id": 3, "sort": "task"}, {"id": 4, "sort": "talk"}]


def writer(text: str = SYNC) -> Writer:
    return Writer(reader(definition(text)), {})


def change(made: Writer, verb: Verb, links: Any, *replies: Any) -> tuple[Any, list[tuple[str, str, Any]]]:
    """What became of it, and its writing calls."""
    contact = made.reader.definition.resources["contact"]
    written, calls = drive(made.associate(contact, "1", verb, links), *replies)
    return written, [said(call) for call in calls if call.method != "GET"]


def said(call: Call) -> tuple[str, str, Any]:
    return call.method, call.path, orjson.loads(call.body or b"null")


@pytest.mark.parametrize(("verb", "there"), [("attach", {"1", "2", "3"}), ("detach", {"1"}), ("sync", {"2", "3"})])
def test_what_is_linked_afterwards(verb: Verb, there: set[str]) -> None:
    assert changed(verb, frozenset({"1", "2"}), ["2", "3"]) == there


def test_only_what_is_not_there_is_attached() -> None:
    after = {**ADA, "firms": [*ADA["firms"], {"id": 9}]}  # type: ignore[misc]
    written, sent = change(writer(), "attach", {Kind.COMPANY: ["7", "9"]}, ADA, {}, after)
    assert sent == [("PUT", "/c/1/links", {"firms": [9]})]
    assert (written.outcome, written.before, written.after, written.altered) == (Outcome.DONE, ADA, after, ())


def test_links_that_the_crm_did_not_make_are_told_by_our_field() -> None:
    written, _ = change(writer(), "attach", {Kind.COMPANY: ["9"]}, ADA, {}, ADA)
    assert written.altered == ("companies",)


def test_a_plan_shows_the_call_with_its_body_and_makes_none() -> None:
    made = writer()
    contact = made.reader.definition.resources["contact"]
    plan, read = drive(made.plan_associate(contact, "1", "detach", {Kind.COMPANY: ["8"]}), ADA)
    assert [call.method for call in read] == ["GET"]
    assert [said(call) for call in made.calls_of(plan)] == [("DELETE", "/c/1/links", {"firms": [8]})]


def test_a_sync_sends_an_empty_list_for_a_kind_without_any() -> None:
    assert change(writer(), "sync", {Kind.COMPANY: []}, ADA, {}, ADA)[1] == [("POST", "/c/1/links", {"firms": []})]


def test_kinds_that_share_a_key_are_kept_by_a_sync_of_one() -> None:
    text = SYNC.replace("        pages: {style: page, size: 1, ends_short: true, params: {p: '{page}'}}\n", "")
    _, sent = change(writer(text), "sync", {Kind.ACTIVITY: ["5"]}, ADA, DOINGS, DOINGS, {}, ADA)
    assert sent == [("POST", "/c/1/links", {"todos": ["3", "5"]})]


def test_attaching_looks_at_the_kind_alone_that_is_attached() -> None:
    _, sent = change(writer(), "attach", {Kind.ACTIVITY: ["4", "5"]}, ADA, DOINGS, {}, ADA)
    assert sent == [("PUT", "/c/1/links", {"todos": ["5"]})]


def test_a_list_that_does_not_end_cannot_tell_what_is_linked() -> None:
    pages = [[{"id": number, "sort": "task"}] for number in range(100)]
    with pytest.raises(Unsupported, match="lists more of `task` for this contact"):
        change(writer(), "attach", {Kind.TASK: ["999"]}, ADA, *pages)


def test_a_crm_may_have_no_sync() -> None:
    with pytest.raises(Unsupported, match="crm cannot sync the links of a contact"):
        change(writer(TEXT), "sync", {Kind.COMPANY: []})
