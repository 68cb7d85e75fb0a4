"""Global ids and the filters that hold them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.errors import InputError
from crmgraph.domain.filtering import And, Condition, Filter, Not, Op, Or
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.ids import NodeId, decode, encode, encode_key
from crmgraph.service.targets import for_source

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
REFS = st.builds(Ref, TEXTS, TEXTS, TEXTS, st.none() | TEXTS)


@given(st.sampled_from(Kind), REFS)
def test_an_id_names_what_it_was_made_of(kind: Kind, ref: Ref) -> None:
    assert decode(encode(kind, ref)) == NodeId(kind, ref)


@given(st.sampled_from(Kind), TEXTS)
def test_an_id_of_a_key_names_the_key(kind: Kind, key: str) -> None:
    assert decode(encode_key(kind, key)) == NodeId(kind, key=key)


@given(st.text(max_size=200))
def test_anything_else_is_refused_in_one_sentence(given: str) -> None:
    with pytest.raises(InputError, match="is not an id that this server gave"):
        decode(given)


OWNER = encode(Kind.USER, Ref("a", "user", "7"))
OTHERS = encode(Kind.USER, Ref("b", "user", "8"))


@pytest.mark.parametrize(
    ("wanted", "source", "meant"),
    [
        (Condition("owner", Op.EQ, OWNER), "a", Condition("owner", Op.EQ, "7")),
        (Condition("owner", Op.EQ, OWNER), "b", Or(())),
        (Condition("owner", Op.IN, (OWNER, OTHERS)), "b", Condition("owner", Op.EQ, "8")),
        (Not(Condition("owner", Op.EQ, OWNER)), "b", Not(Or(()))),
        (Condition("subject", Op.EQ, "x"), "a", Or(())),
        (Condition("subject", Op.IS_NULL, True), "a", And(())),
        (Condition("subject", Op.IS_NULL, False), "a", Or(())),
        (Condition("body", Op.EQ, "x"), "a", Condition("body", Op.EQ, "x")),
    ],
)
def test_a_filter_is_put_in_the_words_of_one_source(wanted: Filter, source: str, meant: Filter) -> None:
    assert for_source(wanted, Kind.NOTE, source) == meant


def test_a_filter_on_a_link_takes_ids_of_ours_only() -> None:
    with pytest.raises(InputError, match="is not an id that this server gave"):
        for_source(Condition("owner", Op.EQ, "7"), Kind.NOTE, "a")
    with pytest.raises(InputError, match="ids of things that one CRM keeps"):
        for_source(Condition("owner", Op.EQ, encode_key(Kind.TAG, "vip")), Kind.NOTE, "a")
