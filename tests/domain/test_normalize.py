"""Normal forms: what counts as one mailbox, one line, one word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmgraph.domain.normalize import email_key, email_standing, phone_key, text_key


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Anna.Kovacs@Example.COM ", "anna.kovacs@example.com"),
        ("mailto:anna@kovacs.example", "anna@kovacs.example"),
        ("Anna Kovács <anna@kovacs.example>", "anna@kovacs.example"),
        ("a.n.n.a+news@googlemail.com", "anna@gmail.com"),
        ("anna+crm@outlook.com", "anna@outlook.com"),
        ("anna+crm@kovacs.example", "anna+crm@kovacs.example"),
        ("an.na@outlook.com", "an.na@outlook.com"),
        ("anna@me.com", "anna@icloud.com"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna\u200b@kovacs.example", "anna@kovacs.example"),
        ("", None),
        ("anna", None),
        ("anna@", None),
        ("anna@localhost", None),
        ("anna@kovacs..example", None),
        ("anna@two@example.com", None),
        ("an na@example.com", None),
        ("+news@gmail.com", None),
        ("n/a", None),
    ],
)
def test_an_email_has_one_normal_form_or_none(raw: str, key: str | None) -> None:
    assert email_key(raw) == key


@pytest.mark.parametrize(
    ("raw", "standing"),
    [
        ("anna@kovacs.example", "personal"),
        ("ann@example.com", "personal"),
        ("info@kovacs.example", "role"),
        ("Sales+eu@kovacs.example", "role"),
        ("no-reply@kovacs.example", "role"),
        ("support2@kovacs.example", "role"),
        ("kontakt@kovacs.example", "role"),
        ("noemail@noemail.com", "placeholder"),
        ("no-email@kovacs.example", "placeholder"),
        ("none@none.com", "placeholder"),
        ("test@test", "placeholder"),
        ("a@a.com", "placeholder"),
        ("na@na.com", "placeholder"),
        ("x@email.com", "placeholder"),
        ("anna@nowhere.invalid", "placeholder"),
        ("anna", "invalid"),
        ("anna@localhost", "invalid"),
    ],
)
def test_an_email_says_who_reads_it(raw: str, standing: str) -> None:
    assert email_standing(raw) == standing


@pytest.mark.parametrize(
    ("raw", "region", "key"),
    [
        ("(415) 555-0142", "US", "+14155550142"),
        ("415.555.0142 ext. 12", "US", "+14155550142"),
        ("1 415 555 0142", "US", "+14155550142"),
        ("tel:+1-415-555-0142", "", "+14155550142"),
        ("+55 (11) 96123-4567", "US", "+5511961234567"),
        ("030 12345689", "DE", "+493012345689"),
        ("0049 30 12345689", "DE", "+493012345689"),
        ("0049 30 12345689", "US", "+493012345689"),
        ("442071838750", "US", "+442071838750"),
        ("555-0142", "US", None),
        ("(415) 555-0142", "", None),
        ("0000000000", "US", None),
        ("1234567890", "US", None),
        ("111-111-1111", "US", None),
        ("+1 555 555 5555", "US", None),
        ("9876543210", "US", None),
        ("n/a", "US", None),
        ("", "US", None),
        ("12", "US", None),
    ],
)
def test_a_phone_has_one_normal_form_or_none(raw: str, region: str, key: str | None) -> None:
    assert phone_key(raw, region) == key


@pytest.mark.parametrize(
    ("raw", "key"),
    [("  Très   VIP ", "tres vip"), ("Straße", "strasse"), ("ＡＣＭＥ", "acme"), ("e\u0301te\u0301", "ete"), ("", "")],
)
def test_a_text_loses_case_accents_and_blanks(raw: str, key: str) -> None:
    assert text_key(raw) == key


_LOCAL = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_DOMAINS = st.sampled_from(["gmail.com", "GoogleMail.com", "me.com", "outlook.com", "kovacs.example", "bücher.example"])
_EMAILS = st.one_of(
    st.text(max_size=30),
    st.emails(),
    st.builds(lambda local, tag, domain: f"{local}+{tag}@{domain}", _LOCAL, _LOCAL, _DOMAINS),
)


@given(_EMAILS)
def test_the_normal_form_of_an_email_is_its_own_normal_form(raw: str) -> None:
    key = email_key(raw)
    assert key is None or email_key(key) == key


_REGIONS = st.sampled_from(["US", "GB", "DE", "BR", "MX", "AR", "IT", "PL", ""])


@given(st.text("0123456789+-() .x", max_size=20), _REGIONS, _REGIONS)
def test_the_normal_form_of_a_phone_is_its_own_normal_form_in_every_region(raw: str, region: str, other: str) -> None:
    key = phone_key(raw, region)
    assert key is None or phone_key(key, other) == key


@given(st.text(max_size=40))
def test_the_normal_form_of_a_text_is_its_own_normal_form(raw: str) -> None:
    assert text_key(text_key(raw)) == text_key(raw)
