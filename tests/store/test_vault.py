"""Secrets at rest: sealed to their place, opened by the right key alone."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.errors import ConfigError
from crmgraph.store.vault import Vault

OLD, NEW = b"o" * 32, b"n" * 32
SPOT = "tokens", "sales", "access"


def vault(**keys: bytes) -> Vault:
    counted = iter(range(10**6))
    return Vault(keys, lambda size: next(counted).to_bytes(size, "big"))


@given(st.text(), st.tuples(st.text(), st.text(), st.text()))
def test_what_was_sealed_opens_where_it_was_sealed_for(plain: str, spot: tuple[str, str, str]) -> None:
    one = vault(new=NEW)
    assert one.open(one.seal(plain, spot), spot) == plain


def test_nothing_of_a_secret_is_seen_and_no_two_seals_are_alike() -> None:
    one = vault(new=NEW)
    first, second = (one.seal("s3cr3t-t0ken", SPOT) for _ in range(2))
    assert b"s3cr3t" not in first
    assert first[5:] != second[5:]


@pytest.mark.parametrize(
    "other", [("tokens", "support", "access"), ("tokens", "sales", "refresh"), ("keys", "sales", "access")]
)
def test_what_was_moved_to_another_row_column_or_table_does_not_open(other: tuple[str, str, str]) -> None:
    one = vault(new=NEW)
    with pytest.raises(ConfigError, match="what is stored was altered"):
        one.open(one.seal("secret", SPOT), other)


@given(st.data())
def test_not_a_bit_of_it_may_change(data: st.DataObject) -> None:
    one = vault(new=NEW)
    sealed = bytearray(one.seal("secret", SPOT))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ConfigError):
        one.open(bytes(sealed), SPOT)


def test_the_first_key_seals_and_all_open() -> None:
    old = vault(old=OLD).seal("secret", SPOT)
    both = vault(new=NEW, old=OLD)
    assert both.open(old, SPOT) == "secret"
    assert not both.is_first(old)
    assert both.is_first(both.seal("secret", SPOT))


SENTENCES: list[tuple[Mapping[str, bytes], str]] = [
    (
        {"new": NEW},
        "`access` of `sales` in `tokens` is sealed under the key `old`, which `vault.keys` lacks; add it there.",
    ),
    (
        {"old": NEW},
        "`access` of `sales` in `tokens` does not open under the key `old`: `vault.keys` has another key of that name, "
        "or what is stored was altered.",
    ),
]


@pytest.mark.parametrize(("keys", "sentence"), SENTENCES)
def test_a_missing_and_a_wrong_key_are_told_in_a_sentence(keys: Mapping[str, bytes], sentence: str) -> None:
    sealed = vault(old=OLD).seal("secret", SPOT)
    with pytest.raises(ConfigError) as caught:
        vault(**keys).open(sealed, SPOT)
    assert caught.value.message == sentence


@pytest.mark.parametrize("junk", [b"", b"\x01", b"plain text", b"\x01\xff", b"\x01\x03new"])
def test_what_was_never_sealed_is_told_too(junk: bytes) -> None:
    with pytest.raises(ConfigError):
        vault(new=NEW).open(junk, SPOT)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(ConfigError, match="there is no key"):
        vault().seal("secret", SPOT)
