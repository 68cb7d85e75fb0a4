"""Cursors are sealed: nobody but this server reads or alters them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.errors import InputError
from crmgraph.service import cursors
from crmgraph.service.cursors import Cursor, Seal

SEAL = Seal(b"secret", lambda count: b"\x07" * count)
STATES = st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers() | st.none(), max_size=4)


@given(STATES.filter(lambda state: "v" not in state))
def test_what_is_sealed_comes_back(state: dict[str, object]) -> None:
    assert SEAL.open(SEAL.close(state)) == {"v": cursors.VERSION, **state}


@given(st.integers(0, 10_000), st.sampled_from("ABCxyz019-_=. é"))
def test_a_cursor_with_one_character_changed_is_none(where: int, char: str) -> None:
    cursor = SEAL.close({"name": "Anna Kovács"})
    at = where % len(cursor)
    changed = cursor[:at] + char + cursor[at + 1 :]
    if changed != cursor:
        with pytest.raises(InputError, match="not given by this server"):
            SEAL.open(changed)


@given(st.text(max_size=60))
def test_garbage_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match="unchanged"):
        SEAL.open(text)


def test_a_cursor_of_another_version_says_so() -> None:
    with pytest.raises(InputError, match="another version"):
        SEAL.open(SEAL.close({"v": 0}))


def test_a_cursor_is_made_once_and_only_when_it_is_looked_at() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "the cursor"

    cursor = Cursor(make)
    assert made == []
    assert (cursor.text, cursor.text) == ("the cursor", "the cursor")
    assert made == ["made"]
