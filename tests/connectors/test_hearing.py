"""What of a webhook is believed: the signature over the bytes, whose account it is, and its time."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.given import NOON

from crmgraph.connectors import catalog
from crmgraph.connectors.assembly import assemble, settings_of
from crmgraph.connectors.documents import DefinitionMistakes, parse, validate
from crmgraph.connectors.hearing import Foreign, Heard, Listener, Unsigned, Untimely
from crmgraph.connectors.signatures import WrongKey, check_key
from crmgraph.connectors.spec import DefinitionSpec
from crmgraph.demo.leadconnector_webhooks import CURRENT, OLDER, Delivery, only, public_keys, signed
from crmgraph.domain.errors import InputError

TOLD = {
    "type": "ContactUpdate",
    "locationId": "L1",
    "id": "c1",
    "firstName": "Zoë",
    "timestamp": NOON.isoformat(),
    "webhookId": "w1",
}


def leadconnector(**settings: str) -> Listener:
    definition = catalog.load("leadconnector", Path())
    assert definition.spec.webhooks is not None
    texts = settings_of(definition, {"token": "t", "location_id": "L1", **public_keys(), **settings})
    return Listener("sales", definition, definition.spec.webhooks, texts)


def made(**more: object) -> Delivery:
    # Not the bytes that a parser would write again: a space, and a letter that JSON may also escape.
    return signed(json.dumps(TOLD | more, ensure_ascii=False, separators=(", ", ":")).encode())


def heard(delivery: Delivery, listener: Listener | None = None) -> Heard | None:
    headers = {name.lower().encode(): text.encode() for name, text in delivery.headers.items()}
    return (listener or leadconnector()).heard(headers, delivery.body, NOON)


@pytest.mark.parametrize("header", [CURRENT, OLDER])
def test_either_signature_alone_is_enough(header: str) -> None:
    event = heard(only(made(), header))
    assert event == Heard("ContactUpdate", "w1", NOON, "contact", "c1", False, TOLD)


@pytest.mark.parametrize("header", [CURRENT, OLDER])
@given(st.integers(0, len(made().body) - 1), st.integers(1, 255))
def test_a_body_with_one_other_byte_is_not_believed(header: str, at: int, by: int) -> None:
    delivery = only(made(), header)
    body = bytearray(delivery.body)
    body[at] ^= by
    with pytest.raises(Unsigned):
        heard(Delivery(delivery.headers, bytes(body)))


def with_header(name: str, text: str, keep: Mapping[str, str]) -> Delivery:
    return Delivery({**keep, name: text}, made().body)


@pytest.mark.parametrize("text", ["", "N/A", "====", "AAAA", "A" * 88, "é", made(id="c2").headers[CURRENT]])
def test_a_wrong_current_signature_is_not_made_good_by_the_older_one(text: str) -> None:
    with pytest.raises(Unsigned):
        heard(with_header(CURRENT, text, {OLDER: made().headers[OLDER]}))


def test_without_any_signature_nothing_is_believed_and_the_reason_is_the_same() -> None:
    said = set()
    for delivery in (Delivery({}, made().body), with_header(CURRENT, "AAAA", {}), signed(b"no JSON")):
        try:
            heard(Delivery({}, delivery.body) if delivery.body == b"no JSON" else delivery)
        except Unsigned as error:
            said.add(error.message)
    assert said == {"The signature of this delivery is not that of its source."}


def test_the_vendors_own_keys_are_built_in_and_sign_nothing_of_ours() -> None:
    definition = catalog.load("leadconnector", Path())
    texts = settings_of(definition, {})
    check_key("ed25519", texts["webhook_key"])
    check_key("rsa-sha256", texts["webhook_rsa_key"])
    for header in (CURRENT, OLDER):
        with pytest.raises(Unsigned):
            heard(only(made(), header), leadconnector(**{name: texts[name] for name in public_keys()}))


def test_a_delivery_about_another_location_or_none_is_refused() -> None:
    for location in ("L2", None, 1, ["L1"]):
        with pytest.raises(Foreign, match="not about the account of sales"):
            heard(made(locationId=location))


@pytest.mark.parametrize(("seconds", "taken"), [(-4501, False), (-4500, True), (0, True), (300, True), (301, False)])
def test_a_delivery_is_taken_in_its_time(seconds: int, taken: bool) -> None:
    """Redeliveries come up to seventy minutes late with the time of the first."""
    delivery = made(timestamp=(NOON + timedelta(seconds=seconds)).isoformat())
    if taken:
        assert heard(delivery) is not None
    else:
        with pytest.raises(Untimely):
            heard(delivery)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xff", "must be JSON"),
        (b"[]", "one JSON object"),
        (json.dumps(TOLD | {"timestamp": "noon"}).encode(), "no time at `timestamp`"),
        (json.dumps(TOLD | {"timestamp": None}).encode(), "no time at `timestamp`"),
        (json.dumps(TOLD | {"webhookId": ""}).encode(), "`webhookId`"),
        (json.dumps(TOLD | {"webhookId": "w" * 201}).encode(), "`webhookId`"),
        (json.dumps(TOLD | {"id": True}).encode(), "the id of the contact"),
        (json.dumps(TOLD | {"id": "a\0b"}).encode(), "the id of the contact"),
    ],
)
def test_what_is_signed_and_yet_no_event_is_told(body: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        heard(signed(body))


@pytest.mark.parametrize("type", ["InvoicePaid", None, 7, ["ContactCreate"]])
def test_a_type_that_we_know_nothing_of_touches_nothing(type: object) -> None:
    assert heard(made(type=type)) is None


def test_each_event_says_what_it_touches() -> None:
    event = heard(made(type="AppointmentDelete", appointment={"id": "a1"}))
    assert event == Heard("AppointmentDelete", "w1", NOON, "appointment", "a1", True)


DEFINITION = """
name: desk
title: Desk
settings: {secret: {description: "The secret.", secret: true}, number: {description: "Its number."}}
resources:
  contact: {fields: {fullName: name}}
webhooks:
  signatures: [{header: X-Sign, algorithm: %s, key: "{%s}", encoding: hex, prefix: "sha256="}]
  at: sent | millis
  id: n
  events: {changed: {resource: %s}}
"""


def defined(algorithm: str = "hmac-sha256", key: str = "secret", resource: str = "contact") -> Listener:
    document = parse(DEFINITION % (algorithm, key, resource), "desk.yaml")
    definition = assemble(validate(DefinitionSpec, document), document)
    assert definition.spec.webhooks is not None
    return Listener("desk", definition, definition.spec.webhooks, {"secret": "s3", "number": "1"})


def test_a_crm_that_signs_by_a_secret_is_described_by_its_file_alone() -> None:
    body = json.dumps({"type": "changed", "id": 5, "n": 9, "sent": int(NOON.timestamp() * 1000)}).encode()
    for secret, encoded in ((b"s3", True), (b"s4", False)):
        signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        if encoded:
            assert heard(Delivery({"X-Sign": signature}, body), defined()) == Heard(
                "changed", "9", NOON, "contact", "5", False
            )
        else:
            with pytest.raises(Unsigned):
                heard(Delivery({"X-Sign": signature}, body), defined())
    with pytest.raises(Unsigned):
        heard(Delivery({"X-Sign": hmac.new(b"s3", body, hashlib.sha256).hexdigest()}, body), defined())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"algorithm": "ed25519"}, "say by `account` how ours is told from others"),
        ({"algorithm": "md5"}, "md5"),
        ({"key": "sekret"}, "sekret"),
        ({"resource": "contract"}, "did you mean `contact`"),
    ],
)
def test_what_does_not_fit_together_in_a_definition_is_told(given: dict[str, str], said: str) -> None:
    with pytest.raises(DefinitionMistakes, match=said):
        defined(**given)


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("ed25519", "none"),
        ("ed25519", ""),
        ("ed25519", public_keys()["webhook_rsa_key"]),
        ("rsa-sha256", public_keys()["webhook_key"]),
        ("rsa-sha256", base64.b64encode(b"no key").decode()),
        ("hmac-sha256", ""),
    ],
)
def test_what_is_no_key_of_its_algorithm_is_told(algorithm: str, text: str) -> None:
    with pytest.raises(WrongKey):
        check_key(algorithm, text)  # type: ignore[arg-type]
