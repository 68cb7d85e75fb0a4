"""A definition's `webhooks`: how a CRM signs what it tells us, and what each of its events touches."""

from typing import Literal

from pydantic import Field

from crmgraph.connectors.spec_words import Path, Strict

Algorithm = Literal["ed25519", "rsa-sha256", "hmac-sha256"]


class SignatureSpec(Strict):
    """One way in which deliveries are signed, over the body as it came."""

    header: str = Field(description="The header that holds the signature.")
    algorithm: Algorithm = Field(
        description="ed25519 and rsa-sha256 (PKCS #1 v1.5) by a public key, hmac-sha256 by a secret."
    )
    key: str = Field(description="A template over the settings: a public key as PEM or its Base64 alone, or a secret.")
    encoding: Literal["base64", "hex"] = Field("base64", description="How the signature is written.")
    prefix: str = Field("", description="What stands before it in the header, for example `sha256=`.")


class EventSpec(Strict):
    """What one type of event touches."""

    resource: str = Field(description="The resource whose record it is about.")
    id: Path = Field("id", description="Where the record's id stands in the body.")
    gone: bool = Field(False, description="Whether the record is gone.")
    record: Path | None = Field(
        None, description='Where the whole record stands in the body as `get` would give it (`""`: it is the body).'
    )


class WebhooksSpec(Strict):
    """What the CRM tells us of itself when something changes."""

    signatures: list[SignatureSpec] = Field(
        min_length=1, description="The first whose header came decides; there is no falling back to another."
    )
    account: dict[str, str] = Field(
        {}, description="Path in the body → template over the settings: what must be equal, so that it is our account."
    )
    type: Path = Field("type", description="Where the event's type stands.")
    id: Path = Field("id", description="Where the delivery's own id stands.")
    at: str = Field(description="Where the time stands, with transforms where it is no ISO 8601 time.")
    late: int = Field(
        300,
        ge=1,
        le=604_800,
        description="Seconds that a delivery may be old, redeliveries included. Their ids are remembered for longer.",
    )
    again: int = Field(
        503, ge=400, le=599, description="The status after which the CRM delivers again what we could not take now."
    )
    events: dict[str, EventSpec] = Field(description="Type → what it touches; other types are acknowledged, no more.")
