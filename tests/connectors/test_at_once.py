"""What is read at once is what the whole way reads: for made-up records, and for every field of every CRM."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmgraph.connectors import catalog
from crmgraph.connectors.at_once import filler
from crmgraph.connectors.mapping import block_of, whole_getter
from crmgraph.connectors.spec_fields import Block
from crmgraph.connectors.usual import form_of
from crmgraph.domain.errors import BadReply
from crmgraph.domain.model import FIELDS, Field, Kind
from crmgraph.domain.records import Getter

TABLES = {"settings": {"source": "a CRM", "timezone": "Europe/Berlin"}}
PARTS = {"value": "a", "kind": "b", "primary": "c"}

BLOCKS: dict[str, tuple[str, dict[str, Any]]] = {
    "a text": ("jobTitle", {"read": "a"}),
    "a text deeper down": ("jobTitle", {"read": "a.b"}),
    "the first text of several": ("jobTitle", {"read": ["a", "b.a", "c.*"]}),
    "a time": ("createdAt", {"read": "a"}),
    "a link": ("owner", {"read": "a"}),
    "a link's parts": ("owner", {"object": {"id": "a", "name": "b"}}),
    "an e-mail": ("emails", {"read": "a"}),
    "many e-mails": ("emails", {"read": ["a.*.b", "a.*", "b"]}),
    "the parts of e-mails": ("emails", {"each": "a", "object": PARTS}),
    "the parts of one phone": ("phones", {"object": PARTS}),
    "an address": ("addresses", {"object": {"street": "a", "city": "b", "country": "c"}}),
    "addresses": ("addresses", {"each": "a", "object": {"street": "a", "city": "b.a", "kind": "c"}}),
    "tags": ("tags", {"read": "a"}),
    "the names of tags": ("tags", {"read": "a.*.b"}),
    "custom values": ("customFields", {"each": "a", "object": {"key": "a", "value": "b", "label": "c"}}),
    "links": ("companies", {"each": "a", "object": {"id": "a", "name": "b"}}),
}

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(0, 1)
texts = st.sampled_from(
    ["", " ", "\u2003", "Anna", " Ben ", "2026-01-02T03:04:05Z", "2026-01-02", "32.13.2026", "true"]
)
values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner)
)
records = st.dictionaries(st.sampled_from("abc"), values) | values


NOTHING: Any = object()


def read(getter: Getter, raw: Any) -> Any:
    """What a getter gives, or how it refuses."""
    try:
        return getter(raw, TABLES)
    except BadReply as wrong:
        return wrong.message


def at_once(block: Block, field: Field, whole: Getter, raw: Any) -> Any:
    """What is found at once, NOTHING where it is left to the getter."""
    form = form_of(field, block, whole)
    values: dict[str, Any] = {}
    if form is not None:
        filler({field.name: form})([field.name])(raw, values)
    return values.get(field.name, NOTHING)


def agrees(block: Block, field: Field, raw: Any) -> None:
    whole = whole_getter(block, field, "a contact")
    for _ in range(2):  # What was read before may be remembered.
        found = at_once(block, field, whole, raw)
        assert found is NOTHING or repr(found) == repr(read(whole, raw))


@pytest.mark.parametrize("name", BLOCKS)
@given(raw=records)
@example(raw={"a": [{"a": "x@example.com", "b": "work", "c": True}, {"b": 3}]})
@example(raw={"a": [{"b": "first"}, {"b": None}, "second"]})
@example(raw={"a": 1})
@example(raw={"a": True})
def test_a_made_up_record_reads_the_same_both_ways(name: str, raw: Any) -> None:
    field, told = BLOCKS[name]
    agrees(Block(**told), FIELDS[Kind.CONTACT][field], raw)


@given(raw=records)
def test_words_mean_the_same_both_ways(raw: Any) -> None:
    said = {"true": "DONE", "anna": "OPEN"}
    agrees(Block(read="a", words=said), FIELDS[Kind.TASK]["status"], raw)
    agrees(Block(read="a.b", words=said, otherwise="OPEN"), FIELDS[Kind.TASK]["status"], raw)


@pytest.mark.parametrize("name", catalog.names())
@settings(max_examples=15)
@given(data=st.data())
def test_every_field_of_a_crm_reads_the_same_both_ways(name: str, data: st.DataObject) -> None:
    for resource in catalog.load(name, Path()).resources.values():
        for field, spec in resource.spec.fields.items():
            block = block_of(spec)
            tops = sorted(resource.lenses[field].reads or ())
            raw = data.draw(st.dictionaries(st.sampled_from(tops), values)) if tops else {}
            agrees(block, FIELDS[resource.kind][field], raw)


def test_a_value_of_the_usual_form_is_read_without_the_whole_way() -> None:
    def refused(raw: Any, tables: Any) -> Any:
        raise AssertionError("This is read at once.")

    usual = {"a": "Anna", "b": "Berlin", "c": "DE"}
    for name in ("a text", "a link", "an e-mail", "tags", "an address", "a link's parts"):
        field, told = BLOCKS[name]
        assert at_once(Block(**told), FIELDS[Kind.CONTACT][field], refused, usual) not in (NOTHING, None)
    several = {"a": [{"a": "Anna", "b": "work"}, {"a": "Ben", "b": "home", "c": True}]}
    for name in ("the parts of e-mails", "custom values", "links", "the names of tags", "many e-mails"):
        field, told = BLOCKS[name]
        assert len(at_once(Block(**told), FIELDS[Kind.CONTACT][field], refused, several)) == 2
