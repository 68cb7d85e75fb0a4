"""What a CRM's webhook says, once it is certain that the CRM says it, to us, and now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.lines import reader
from crmgraph.connectors.paths import compile_path
from crmgraph.connectors.signatures import WrongKey, fits
from crmgraph.connectors.spec_webhooks import SignatureSpec, WebhooksSpec
from crmgraph.connectors.templates import fill
from crmgraph.connectors.transforms import Unreadable, parse_instant
from crmgraph.domain.errors import InputError

AHEAD = timedelta(minutes=5)
"""How far a CRM's clock may be before ours."""

LONGEST_ID = 200
"""The most characters of a delivery's id, a type, or a record's id."""


class Unsigned(InputError):
    """The signature is missing or does not fit; which of the two, and why, is told to nobody."""

    code = "UNSIGNED"

    def __init__(self) -> None:
        super().__init__("The signature of this delivery is not that of its source.")


class Foreign(InputError):
    """It is about another account than this source's."""

    code = "FOREIGN"


class Untimely(InputError):
    """It is too old, or from the future."""

    code = "UNTIMELY"


@dataclass(frozen=True, slots=True)
class Heard:
    """One event: `delivery` is the delivery's own id, `record` the id of what it touches in `resource`.

    `raw` is the whole record, where the event carries it.
    """

    type: str
    delivery: str
    at: datetime
    resource: str
    record: str
    gone: bool
    raw: Any = None


class Listener:
    """One source's ear; `texts` are all its settings, with those that are secret."""

    def __init__(self, name: str, definition: Definition, spec: WebhooksSpec, texts: Mapping[str, str]) -> None:
        self.name = name
        self.again = spec.again
        self._definition = definition
        self._spec = spec
        self._texts = texts
        self._late = timedelta(seconds=spec.late)
        self._at = reader(spec.at)

    def heard(self, headers: Mapping[bytes, bytes], body: bytes, now: datetime) -> Heard | None:
        """The event in a delivery, None where it touches nothing that we know of.

        `headers` are by their names in small letters. Raises Unsigned, Foreign, Untimely, InputError.
        """
        self._check_signature(headers, body)
        told = _object(body)
        self._check_account(told)
        at, delivery = self._time(told, now), _text(told, self._spec.id, "the delivery's id")
        kind = compile_path(self._spec.type)(told)
        event = self._spec.events.get(kind) if isinstance(kind, str) else None
        if not isinstance(kind, str) or event is None:
            return None
        return Heard(
            kind,
            delivery,
            at,
            event.resource,
            _text(told, event.id, f"the id of the {event.resource}"),
            event.gone,
            None if event.record is None else compile_path(event.record)(told),
        )

    def _check_signature(self, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """The first header that came decides: a wrong one is not made good by an older scheme's beside it."""
        for spec in self._spec.signatures:
            signature = headers.get(spec.header.lower().encode())
            if signature is not None:
                if self._signs(spec, signature.decode("latin-1"), body):
                    return
                break
        raise Unsigned

    def _signs(self, spec: SignatureSpec, signature: str, body: bytes) -> bool:
        key = fill(spec.key, self._texts)
        try:
            return isinstance(key, str) and bool(key) and fits(spec, key, signature, body)
        except WrongKey:
            return False

    def _check_account(self, told: Mapping[str, Any]) -> None:
        """A vendor signs for all its customers with one key, so what is signed may be somebody else's."""
        for path, template in self._spec.account.items():
            ours = fill(template, self._texts)
            if not isinstance(ours, str) or compile_path(path)(told) != ours:
                raise Foreign(f"This delivery is not about the account of {self.name}.")

    def _time(self, told: Mapping[str, Any], now: datetime) -> datetime:
        try:
            at = parse_instant(self._at(told, {}))
        except Unreadable:
            raise InputError(f"The body has no time at `{self._spec.at}`.") from None
        if not now - self._late <= at <= now + AHEAD:
            raise Untimely("This delivery is too old, or its time is yet to come.")
        return at


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InputError("The body must be JSON in UTF-8.") from None
    if not isinstance(told, dict):
        raise InputError("The body must be one JSON object.")
    return told


def _text(told: Mapping[str, Any], path: str, what: str) -> str:
    found = compile_path(path)(told)
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not 1 <= len(text) <= LONGEST_ID or not text.isprintable():
        raise InputError(f"The body has no text at `{path}`, where {what} should be.")
    return text
