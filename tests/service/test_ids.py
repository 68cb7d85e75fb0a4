"""Global ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.ids import NodeId, decode, encode, encode_key

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
REFS = st.builds(Ref, TEXTS, TEXTS, TEXTS, st.none() | TEXTS)


@given(st.sampled_from(Kind), REFS)
def test_an_id_names_what_it_was_made_of(kind: Kind, ref: Ref) -> None:
    assert decode(encode(kind, ref)) == NodeId(kind, ref)


@given(st.sampled_from(Kind), TEXTS)
def test_a_key_names_a_tag_or_a_custom_field_or_a_person_and_nothing_else(kind: Kind, key: str) -> None:
    if kind in (Kind.TAG, Kind.CUSTOM_FIELD, Kind.CONTACT):
        assert decode(encode_key(kind, key)) == NodeId(kind, key=key)
    else:
        with pytest.raises(InputError, match="is not an id that this server gave"):
            decode(encode_key(kind, key))


@given(st.text(max_size=200))
def test_anything_else_is_refused_in_one_sentence(given: str) -> None:
    with pytest.raises(InputError, match="is not an id that this server gave"):
        decode(given)
