"""Mapping: what each word of a field reads, each transform right and wrong, and the way back."""

from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.connectors.lines import parse_steps, reader
from crmgraph.connectors.mapping import Lens, compile_field
from crmgraph.connectors.paths import compile_path, put_path
from crmgraph.connectors.spec import Block
from crmgraph.connectors.transforms import TRANSFORMS, Unreadable, parse_day, parse_instant, parse_number
from crmgraph.domain.errors import BadReply, InputError
from crmgraph.domain.model import (
    FIELDS,
    Address,
    Consent,
    ConsentState,
    Custom,
    Email,
    Kind,
    Link,
    Money,
    Phone,
    TagName,
)

TABLES: dict[str, Any] = {
    "settings": {"source": "crm", "zone": "America/New_York"},
    "tags": {"1": "VIP", "2": "Lead"},
    "fields": {"f1": {"key": "size", "label": "Size", "type": "NUMBER"}},
}


def lens(field: str, spec: Any, kind: Kind = Kind.CONTACT) -> Lens:
    block = Block.model_validate(spec) if isinstance(spec, dict) else spec
    return compile_field(FIELDS[kind][field], block, f"{kind} with a `{field}`")


@pytest.mark.parametrize(
    ("field", "spec", "raw", "value"),
    [
        ("fullName", "name", {"name": "Ada"}, "Ada"),
        ("fullName", "name", {"name": "  "}, None),
        ("fullName", "a.0.b", {"a": [{"b": "x"}]}, "x"),
        ("fullName", ["a", "b"], {"a": "", "b": "x"}, "x"),
        ("fullName", {"format": "{first} {n.last}"}, {"first": "A", "n": {"last": "B"}}, "A B"),
        ("fullName", {"format": "{first} {last}"}, {"first": "A", "last": ""}, None),
        ("fullName", {"const": "same"}, {}, "same"),
        ("emails", "mail", {"mail": "a@b.example"}, (Email("a@b.example"),)),
        ("emails", "m.*.at", {"m": [{"at": "a@b.example"}, {}]}, (Email("a@b.example"),)),
        ("emails", {"read": ["a", "b.*"], "combine": "union"}, {"a": "x@y.z", "b": ["p@q.r"]},
         (Email("x@y.z"), Email("p@q.r"))),
        ("phones", {"each": "p", "object": {"value": "n", "kind": "t"}}, {"p": [{"n": "1", "t": "w"}]},
         (Phone("1", "w"),)),
        ("phones", {"each": "p", "object": {"value": "n"}, "where": {"path": "t", "in": ["w"]}},
         {"p": [{"n": "1", "t": "w"}, {"n": "2"}]}, (Phone("1"),)),
        ("addresses", {"object": {"city": "c", "country": "l | table tags"}}, {"c": "Rome", "l": 1},
         (Address(city="Rome", country="VIP"),)),
        ("tags", "t | table tags", {"t": [1, 2, 3]}, (TagName("VIP"), TagName("Lead"))),
        ("tags", "t | split ;", {"t": "a; b"}, (TagName("a"), TagName("b"))),
        ("doNotContact", {"object": {"any": "dnc"}}, {"dnc": True}, Consent(any=ConsentState.BLOCKED)),
        ("doNotContact", {"object": {"email": "e.s"}, "words": {"active": "BLOCKED"}}, {"e": {"s": "Active"}},
         Consent(email=ConsentState.BLOCKED)),
        ("customFields", {"map": "c", "table": "fields"}, {"c": {"f1": 3, "x": None}},
         (Custom("size", 3, "Size", "NUMBER"),)),
        ("customFields", {"rest": "cf_*"}, {"cf_a": 1, "id": 2}, (Custom("cf_a", 1),)),
        ("company", {"object": {"id": "c.0.id", "name": "c.0.name"}}, {"c": [{"id": 7, "name": "X"}]}, Link("7", "X")),
        ("birthDate", "b", {"b": "2024-01-25T10:00:00Z"}, date(2024, 1, 25)),
        ("createdAt", "at", {"at": "2024-01-25 10:00:00"}, datetime(2024, 1, 25, 10, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_each_word_of_a_field_reads(field: str, spec: Any, raw: Any, value: Any) -> None:
    assert lens(field, spec).get(raw, TABLES) == value


@pytest.mark.parametrize(
    ("kind", "field", "spec", "raw", "value"),
    [
        (Kind.TASK, "status", {"read": "s", "words": {"true": "DONE"}, "otherwise": "OPEN"}, {"s": True}, "DONE"),
        (Kind.TASK, "status", {"read": "s", "words": {"true": "DONE"}, "otherwise": "OPEN"}, {"s": 0}, "OPEN"),
        (Kind.OPPORTUNITY, "amount", {"object": {"amount": "c | cents", "currency": "k"}}, {"c": 1250, "k": "EUR"},
         Money(Decimal("12.5"), "EUR")),
        (Kind.TASK, "completed", {"read": ["a", "b"], "combine": "any"}, {"a": False, "b": True}, True),
    ],
)  # fmt: skip
def test_other_kinds_read_alike(kind: Kind, field: str, spec: Any, raw: Any, value: Any) -> None:
    assert lens(field, spec, kind).get(raw, TABLES) == value


def test_what_a_crm_holds_there_by_mistake_is_told_in_one_sentence() -> None:
    with pytest.raises(
        BadReply, match=r"^crm answered a contact with a `birthDate` that holds 'soon', where a day like"
    ):
        lens("birthDate", "b").get({"b": "soon"}, TABLES)
    with pytest.raises(BadReply) as told:
        lens("fullName", "b").get({"b": {"long": "x" * 999}}, TABLES)
    assert "an object, where a text was expected" in told.value.message
    with pytest.raises(BadReply) as told:
        lens("createdAt", "b").get({"b": "x" * 999}, TABLES)
    assert len(told.value.message) < 200


INSTANT = datetime(2024, 1, 25, 10, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("call", "theirs", "ours"),
    [
        ("trim", " a ", "a"),
        ("lower", "Ab", "ab"),
        ("upper", "Ab", "AB"),
        ("text", 7, "7"),
        ("number", "1,250.5", Decimal("1250.5")),
        ("cents", 1250, Decimal("12.5")),
        ("boolean", "yes", True),
        ("not", 0, True),
        ("instant", "2024-01-25T10:00:00.123", INSTANT),
        ("millis", "1706176800123", INSTANT),
        ("seconds", 1706176800, INSTANT.replace(microsecond=0)),
        ("local zone", "2024-01-25 05:00:00", datetime(2024, 1, 25, 5, tzinfo=ZoneInfo("America/New_York"))),
        ("day", "2024-01-25T23:59:59Z", date(2024, 1, 25)),
        ("compact", "20240125", date(2024, 1, 25)),
        ("dated %d.%m.%Y", "25.01.2024", date(2024, 1, 25)),
        ("moment %d.%m.%Y %H:%M", "25.01.2024 10:00", datetime(2024, 1, 25, 10, tzinfo=UTC)),
        ("after contact.", "contact.size", "size"),
        ("before ;", "size; width", "size"),
        ("parameter at", "https://elsewhere.example/c?x=1&at=a%2Fb", "a/b"),
        ("split |", "a", ["a"]),
        ("list", "a", ["a"]),
        ("first", ["a", "b"], "a"),
        ("last", ["a", "b"], "b"),
        ("table tags", 1, "VIP"),
        ("digits", "+1 (415)", "1415"),
        ("tail 4", "4155550100", "0100"),
        ("pair name value", {"name": "Relationship", "value": "Customer"}, "Relationship:Customer"),
    ],
)
def test_each_transform_reads(call: str, theirs: Any, ours: Any) -> None:
    call = "split ;" if call == "split |" else call
    assert reader(f"v | {call}")({"v": theirs}, TABLES) == ours


def test_the_table_of_transforms_leaves_none_out() -> None:
    marks = [mark for mark in test_each_transform_reads.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {case[0].split()[0] for case in marks[0].args[1]} == set(TRANSFORMS)


@pytest.mark.parametrize(
    ("call", "theirs"),
    [
        ("number", "1,5"),
        ("number", "1.234,56"),
        ("number", True),
        ("number", "NaN"),
        ("number", {}),
        ("cents", "abc"),
        ("boolean", "perhaps"),
        ("not", []),
        ("instant", 1706176800),
        ("instant", "25.01.2024"),
        ("millis", "soon"),
        ("millis", 10**18),
        ("seconds", "1e999999"),
        ("local zone", "2024-01-25"),
        ("day", "2024-13-01"),
        ("day", "2024-01-25garbage"),
        ("day", 5),
        ("dated %d.%m.%Y", "2024-01-25"),
        ("moment %H:%M", "25:00"),
        ("parameter at", "https://[half"),
    ],
)
def test_each_transform_refuses_what_it_cannot_read(call: str, theirs: Any) -> None:
    with pytest.raises(Unreadable):
        reader(f"v | {call}")({"v": theirs}, TABLES)


@pytest.mark.parametrize("zone", ["Nowhere/Town", "America", "../etc/passwd", "x" * 400])
def test_a_zone_that_is_not_known_is_told(zone: str) -> None:
    with pytest.raises(Unreadable, match="zone"):
        reader("v | local zone")({"v": "2024-01-25 05:00:00"}, {"settings": {"zone": zone}})


def test_after_a_star_transforms_are_for_each_element_but_first_and_last_for_the_list() -> None:
    raw = {"v": [{"n": "A"}, {"n": "B"}]}
    assert reader("v.*.n | lower")(raw, {}) == ["a", "b"]
    assert reader("v.*.n | lower | last")(raw, {}) == "b"


@pytest.mark.parametrize(
    ("field", "spec", "raw", "value", "after"),
    [
        ("fullName", "n.full", {"n": {"full": "A", "x": 1}}, "B", {"n": {"full": "B", "x": 1}}),
        ("fullName", "n.full", {"n": None}, "B", {"n": {"full": "B"}}),
        ("fullName", "name", {"name": "A"}, None, {"name": None}),
        ("owner", "o", {"o": 702}, Link("702"), {"o": 702}),
        ("owner", "o", {"o": 702}, Link("8"), {"o": "8"}),
        ("tags", "t | table tags", {"t": [1]}, (TagName("Lead"),), {"t": ["2"]}),
        ("jobTitle", "w.1.t", {"w": [{"t": "A"}, {"t": "B", "x": 1}, {"t": "C"}]}, "D",
         {"w": [{"t": "A"}, {"t": "D", "x": 1}, {"t": "C"}]}),
        ("jobTitle", "w.0.t", {"w": None}, "D", {"w": [{"t": "D"}]}),
        ("jobTitle", "w.0.t", {"w": [{"t": "A"}, {"t": "B"}]}, None, {"w": [{"t": "B"}]}),
        ("createdAt", "at | millis", {}, INSTANT, {"at": 1706176800123}),
        ("birthDate", "b | dated %d.%m.%Y", {}, date(2024, 1, 25), {"b": "25.01.2024"}),
        ("emails", "m.*.at", {"m": [{"at": "a@b.c", "id": 9}]}, (Email("x@y.z"), Email("a@b.c")),
         {"m": [{"at": "x@y.z"}, {"at": "a@b.c", "id": 9}]}),
        ("phones", {"each": "p", "object": {"value": "n", "kind": "t"}, "key": "n"},
         {"p": [{"n": "1", "t": "w", "id": 9}]}, (Phone("1"), Phone("2", "h")),
         {"p": [{"n": "1", "t": "w", "id": 9}, {"n": "2", "t": "h"}]}),
        ("phones", {"each": "p", "object": {"value": "n", "kind": "t"}, "key": "n"},
         {"p": [{"n": "+1 415 555 0142", "t": "w", "id": 9}]}, (Phone("(415) 555-0142", "h"),),
         {"p": [{"n": "(415) 555-0142", "t": "h", "id": 9}]}),
        ("emails", "m.*.at", {"m": [{"at": "a@b.c", "id": 9}]}, (Email("A@B.c"),), {"m": [{"at": "A@B.c", "id": 9}]}),
        ("customFields", {"each": "c", "object": {"key": "id", "value": "v"}, "key": "id", "table": "fields"},
         {"c": []}, (Custom("size", 4),), {"c": [{"id": "f1", "v": 4}]}),
        ("customFields", {"map": "c"}, {"c": {"a": 1, "b": 2}}, (Custom("b", 3),), {"c": {"b": 3, "a": None}}),
        ("customFields", {"rest": "cf_*"}, {"cf_a": 1, "id": 2}, (Custom("cf_b", 3),),
         {"cf_a": None, "cf_b": 3, "id": 2}),
        ("company", {"object": {"id": "cid", "name": "cname"}}, {"cid": 1, "cname": "X"}, Link(None, "Y"),
         {"cid": None, "cname": "Y"}),
        ("doNotContact", {"object": {"any": "ok | not"}}, {"ok": True}, Consent(any=ConsentState.BLOCKED),
         {"ok": False}),
    ],
)  # fmt: skip
def test_a_value_is_put_where_it_was_read(field: str, spec: Any, raw: Any, value: Any, after: Any) -> None:
    made, body = lens(field, spec), deepcopy(raw)
    assert made.put is not None
    made.put(body, value, raw, TABLES)
    assert body == after


@pytest.mark.parametrize(
    ("field", "spec", "before", "value", "body", "lost"),
    [
        ("emails", "m", {}, (Email("a"), Email("b")), {"m": "a"}, (Email("b"),)),
        ("createdAt", {"format": "{d}T{t}", "write": {"spread": {"d": "moment %Y-%m-%d", "t": "moment %H:%M"}}}, {},
         datetime(2024, 1, 25, 23, tzinfo=ZoneInfo("America/New_York")), {"d": "2024-01-26", "t": "04:00"}, ()),
        ("createdAt", {"format": "{d}T{t}", "write": {"spread": {"d": "day", "t": "moment %H:%M"}}},
         {"d": "2024-01-26", "t": "04:00"}, None, {"d": None, "t": None}, ()),
        ("owner", {"read": "o", "write": {"read": "about | number", "beside": {"sort": "users"}}}, {}, Link("7"),
         {"about": 7, "sort": "users"}, ()),
        ("owner", {"read": "o", "write": {"read": "about", "beside": {"sort": "users"}}}, {"o": 7}, None,
         {"o": 7}, ()),
        ("emails", {"read": ["m", "n.*"], "combine": "union", "write": "m"}, {}, (Email("a"),), {"m": "a"}, ()),
        ("addresses", {"object": {"city": "c"}}, {}, (Address(city="X"), Address(city="Y")), {"c": "X"},
         (Address(city="Y"),)),
        ("companies", {"read": "c", "limit": 1}, {}, (Link("1"), Link("2")), {"c": "1"}, (Link("2"),)),
        ("companies", {"each": "c", "object": {"id": "id"}, "write": "c.* | number"}, {"c": [{"id": 1}]},
         (Link("1"), Link("2")), {"c": [1, 2]}, ()),
        ("customFields", {"each": "c", "object": {"key": "id", "value": "v"}, "key": "id",
                          "write": {"each": "c", "object": {"key": "id", "value": "text"}, "key": "id"}},
         {}, (Custom("a", 1), Custom("b", None)), {"c": [{"id": "a", "text": 1}, {"id": "b", "text": None}]}, ()),
        ("tags", "c.* | pair n v | after Tag:", {"c": [{"n": "Tag", "v": "x", "id": 1}, {"n": "only"}]},
         (TagName("x"), TagName("y")), {"c": [{"n": "Tag", "v": "x", "id": 1}, {"n": "Tag", "v": "y"}, {"n": "only"}]},
         ()),
    ],
)  # fmt: skip
def test_a_value_is_put_elsewhere_than_read_and_its_surplus_is_told(
    field: str, spec: Any, before: Any, value: Any, body: Any, lost: Any
) -> None:
    made, put = lens(field, spec), deepcopy(before)
    assert made.put is not None
    assert made.put(put, value, before, TABLES) == lost
    assert put == body


def test_a_word_that_the_crm_does_not_know_is_refused() -> None:
    put = lens("status", {"read": "s", "words": {"true": "DONE", "false": "OPEN"}}, Kind.TASK).put
    assert put is not None
    with pytest.raises(InputError, match="`status` cannot be IN_PROGRESS here; the CRM knows DONE, OPEN"):
        put({}, "IN_PROGRESS", {}, TABLES)


@pytest.mark.parametrize(
    ("field", "spec"),
    [
        ("fullName", ["a", "b"]),
        ("fullName", {"const": "x"}),
        ("fullName", {"format": "{a}"}),
        ("fullName", "a.0"),
        ("fullName", ""),
        ("fullName", "a | first"),
        ("fullName", {"read": "a", "write": "none"}),
        ("fullName", {"read": "a", "words": {"x": "z", "y": "z"}}),
        ("emails", {"read": ["a", "b"], "combine": "union"}),
        ("emails", "*"),
        ("phones", {"each": "p", "object": {"value": "n"}}),
        ("addresses", {"object": {"street": ["a", "b"]}}),
        ("createdAt", {"read": "a", "write": {"spread": {"d": "first"}}}),
        ("fullName", "a.0.b.1.c"),
    ],
)
def test_a_mapping_that_does_not_tell_the_way_back_makes_its_field_read_only(field: str, spec: Any) -> None:
    assert lens(field, spec).put is None


def test_a_value_that_the_vocabulary_does_not_know_cannot_be_put() -> None:
    put = lens("tags", "t | table tags").put
    assert put is not None
    with pytest.raises(InputError, match="`Nothing` is none of the values"):
        put({}, (TagName("Nothing"),), {}, TABLES)


def test_truth_values_are_put_as_truth_values() -> None:
    made = lens("status", {"read": "s", "words": {"true": "DONE", "false": "OPEN"}}, Kind.TASK)
    body: dict[str, Any] = {}
    assert made.put is not None
    made.put(body, "DONE", {"s": False}, {})
    assert body == {"s": True}


names = st.sampled_from(["a", "b", "c"])
paths = st.lists(names, min_size=1, max_size=4).map(".".join)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(names, inner)
)


@given(path=paths, raw=st.dictionaries(names, json), value=st.integers())
def test_what_is_put_at_a_path_is_found_there_and_putting_it_again_changes_nothing(
    path: str, raw: dict[str, Any], value: int
) -> None:
    put_path(raw, path, value)
    assert compile_path(path)(raw) == value
    once = deepcopy(raw)
    put_path(raw, path, value)
    assert raw == once


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))
def test_times_come_back_through_every_transform_that_writes_them(said: datetime) -> None:
    instant = said.replace(tzinfo=UTC, microsecond=said.microsecond // 1000 * 1000)
    whole = instant.replace(microsecond=0)
    calls = (("millis", instant), ("instant", instant), ("seconds", whole), ("moment %Y-%m-%d %H:%M:%S", whole))
    for call, ours in calls:
        ((transform, argument),) = parse_steps(call)
        assert transform.write is not None
        assert transform.read(transform.write(ours, argument), argument) == ours


@given(
    st.text(max_size=12) | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(st.integers(), max_size=2)
)
def test_parsing_gives_a_value_or_says_that_it_cannot(said: Any) -> None:
    for parse in (parse_day, parse_instant, parse_number):
        try:
            parse(said)
        except Unreadable:
            continue
