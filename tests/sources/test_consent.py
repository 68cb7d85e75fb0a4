"""The address that asks a person for consent, and what may come back from it."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.sources.renewing import OAUTH, app

from crmgraph.domain.errors import InputError
from crmgraph.sources.consent import Consent, Foreign, consent, unlike
from crmgraph.sources.granting import App

BACK = "http://127.0.0.1:8765/callback"


def changed(**changes: object) -> App:
    one = app()
    return replace(one, spec=one.spec.model_copy(update=changes))


def asked(one: Consent) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(one.address).query).items()}


class Random:
    """Bytes that count up."""

    def __init__(self) -> None:
        self.next = 0

    def __call__(self, size: int) -> bytes:
        self.next += 1
        return bytes([self.next]) * size


def test_the_address_asks_for_what_the_definition_says_and_holds_no_secret() -> None:
    one = consent(app(), BACK, Random())
    assert one.address.startswith("https://crm.example.com/agree?")
    assert asked(one) == {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": BACK,
        "scope": "read write",
        "state": one.state,
    }
    assert "s3cret" not in one.address
    assert one.state not in repr(one)


def test_each_attempt_has_a_state_of_its_own() -> None:
    random = Random()
    first, second = (consent(app(), BACK, random) for _ in range(2))
    assert len(first.state) == 43
    assert first.state != second.state


def test_with_pkce_the_challenge_goes_out_and_the_verifier_stays() -> None:
    """RFC 7636, 4.2: the challenge is the verifier's SHA-256."""
    one = consent(changed(pkce=True), BACK, Random())
    assert one.verifier is not None
    challenge = base64.urlsafe_b64encode(hashlib.sha256(one.verifier.encode()).digest()).rstrip(b"=").decode()
    assert (asked(one)["code_challenge"], asked(one)["code_challenge_method"]) == (challenge, "S256")
    assert one.verifier not in one.address


def test_an_address_with_parameters_of_its_own_keeps_them() -> None:
    one = consent(changed(authorize="https://crm.example.com/agree?v=2", query={"org": "{org}"}), BACK, Random())
    assert (asked(one)["v"], asked(one)["org"]) == ("2", "acme")


STATE = "s" * 43
ONE = Consent(app(), BACK, STATE, None)


def test_the_code_that_answers_is_taken() -> None:
    assert ONE.code({"state": STATE, "code": "c0de", "more": "x"}) == "c0de"


@pytest.mark.parametrize(
    "told", [{}, {"code": "c0de"}, {"code": "c0de", "state": "é"}, {"code": "c", "state": STATE[1:]}, {"state": STATE}]
)
def test_what_answers_something_else_is_foreign(told: Mapping[str, str]) -> None:
    with pytest.raises(Foreign):
        ONE.code(told)


def test_a_refusal_counts_only_with_the_right_state() -> None:
    with pytest.raises(InputError, match=r"^The CRM says that nobody agreed: No, thank you\.$") as caught:
        ONE.code({"state": STATE, "error": "access_denied", "error_description": "No,\n thank you"})
    assert not isinstance(caught.value, Foreign)
    with pytest.raises(Foreign):
        ONE.code({"state": "other", "error": "access_denied"})


@pytest.mark.parametrize(
    ("account", "wrong"),
    [
        ({"org": "acme"}, None),
        ({"org": "globex"}, "the tokens are for the orgId globex, but `org` is acme"),
        ({}, "the tokens are for no orgId, where `org` is acme"),
    ],
)
def test_tokens_of_another_account_are_told(account: Mapping[str, str], wrong: str | None) -> None:
    """An agency's, for one: they are for no location."""
    assert unlike(app(), account) == wrong


def test_where_the_source_names_no_account_any_is_taken() -> None:
    free = app(replace(OAUTH, settings={"client_id": "app"}))
    assert unlike(free, {"org": "globex"}) is None
    assert unlike(free, {}) is None
