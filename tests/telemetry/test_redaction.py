"""The last line of defence: what has the form of a secret or of a person's address is not told, whoever says it."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.masking import is_plain, masked
from crmgraph.telemetry.redaction import Redaction

SECRET = 'p4ss"wörd/+?'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("mail ada.l+x@crm.example.org now", "mail [e-mail] now"),
        ("?q=ada%40crm.example.org", "?[query]"),
        ("to ada%40crm.example.org", "to [e-mail]"),
        ("call +49 30 1234567, (555) 123-4567 or 5551234567", "call [phone], [phone] or [phone]"),
        ("Authorization: Bearer abcdef12345", "Authorization: Bearer [secret]"),
        ("token=abc1234567", "token [secret]"),
        ("https://u:pw@crm.example/x?y=1&z=2", "https://[secret]@crm.example/x?[query]"),
        ("postgresql://me:hunter2@db/x", "postgresql://[secret]@db/x"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc", "[secret]"),
        ("pit-8a1b2c3d-XXyyZZ112233445566", "[secret]"),
        ("0af7651916cd43dd8448eb211c80319c0af76519", "[secret]"),
    ],
)
def test_what_has_the_form_of_a_secret_or_of_an_address_is_taken_out(said: str, told: str) -> None:
    assert masked(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "desk cannot be reached: connection refused.",
        "550e8400-e29b-41d4-a716-446655440000",
        "0af7651916cd43dd8448eb211c80319c",
        "2026-11-01T10:00:00.123456Z",
        "crmgraph.service.session:120 _timed",
        "GET /contacts/{id}",
        "1234567",
    ],
)
def test_what_a_log_is_for_is_left(said: str) -> None:
    assert masked(said) == said


@pytest.mark.parametrize("form", [str, json.dumps, lambda one: json.dumps(one, ensure_ascii=False), quote])
def test_a_secret_of_the_configuration_is_not_told_however_it_is_written(form: object) -> None:
    written = form(SECRET)  # type: ignore[operator]
    told = Redaction([SECRET]).text(f"it was {written} that")
    assert "wörd" not in told
    assert "w\\u00f6rd" not in told
    assert "w%C3%B6rd" not in told
    assert told.startswith("it was ")
    assert told.endswith(" that")


def test_a_secret_in_base_64_is_not_told() -> None:
    written = base64.b64encode(SECRET.encode()).decode()
    assert Redaction([SECRET]).text(f"<{written}>").rstrip("=>") == "<[secret]"


@given(
    st.recursive(
        st.just("x hunter2 x") | st.integers() | st.none(),
        lambda one: st.lists(one) | st.dictionaries(st.just("hunter2"), one),
    )
)
def test_a_secret_is_found_at_every_depth_of_a_line(value: object) -> None:
    assert "hunter2" not in json.dumps(Redaction(["hunter2"]).value(value))


def test_a_value_without_a_word_is_told_by_its_sort() -> None:
    class Account:
        def __repr__(self) -> str:
            return "hunter2"

    assert Redaction().value({"account": Account(), "raw": b"hunter2", "number": 4930123456789}) == {
        "account": "Account",
        "raw": "bytes",
        "number": "[phone]",
    }


@given(st.text(st.sampled_from("aA1-@?=/:+ (%.4"), max_size=400))
def test_nothing_is_left_to_find_where_it_was_looked_for_once(text: str) -> None:
    """What stands in for something is nothing to be found itself, so that two defences do no harm."""
    assert len(masked(text)) <= 12 * len(text) + 12


@pytest.mark.parametrize("evil", ["a", "a-", "1 ", "@", "a@", "/?", "+1", "A1a", "token ", "://a:"])
def test_a_text_made_to_be_slow_is_not(evil: str) -> None:
    """Each would take minutes if what is looked for were looked for again from every place of it."""
    masked(evil * (60_000 // len(evil)))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Internal server error.", True),
        ("Who?", True),
        ("It's down, come back.", True),
        ("SQLSTATE[23000]", False),
        ("Invalid token abc123", False),
        ("'Ada' is locked", False),
        ("a@b", False),
        ("first_name", False),
        ("a" * 121, False),
    ],
)
def test_a_plain_text_is_a_short_sentence_of_words(text: str, plain: bool) -> None:
    assert is_plain(text) is plain
