"""One person's consent to our app: the address that asks for it, and what comes back (RFC 6749, 4.1; RFC 7636)."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from urllib.parse import urlencode, urlsplit

from crmgraph.connectors.templates import fill
from crmgraph.domain.errors import InputError
from crmgraph.sources.granting import App

_MOST = 200


class Foreign(InputError):
    """What came back is no answer to what was asked; the answer may still come."""


@dataclass(frozen=True, slots=True)
class Consent:
    """An app that asks a person, who is sent to `redirect` afterwards. `state` tells the answer from all others."""

    app: App
    redirect: str
    state: str = field(repr=False)
    verifier: str | None = field(repr=False)

    @property
    def address(self) -> str:
        """The address to open in a browser."""
        spec = self.app.spec
        asked = {
            "response_type": "code",
            "client_id": self.app.texts["client_id"],
            "redirect_uri": self.redirect,
            "scope": " ".join(spec.scopes),
            "state": self.state,
            **fill(spec.query, self.app.texts),
            **({} if self.verifier is None else {"code_challenge": _challenge(self.verifier), **_S256}),
        }
        joint = "&" if urlsplit(self.app.authorize).query else "?"
        return self.app.authorize + joint + urlencode({name: value for name, value in asked.items() if value})

    def code(self, told: Mapping[str, str]) -> str:
        """The code in the parameters that came back; raises Foreign, and InputError where the person did not agree."""
        if not compare_digest(told.get("state", "").encode(), self.state.encode()):
            raise Foreign(
                "This does not answer what was asked: its `state` is another; open the address that was printed."
            )
        if told.get("error"):
            said = " ".join((told.get("error_description") or told["error"]).split())[:_MOST]
            raise InputError(f"The CRM says that nobody agreed: {said}.")
        if not told.get("code"):
            raise Foreign("This holds no `code`; open the address that was printed.")
        return told["code"]


_S256 = {"code_challenge_method": "S256"}


def consent(app: App, redirect: str, random: Callable[[int], bytes]) -> Consent:
    """A new attempt, which nobody can guess."""
    return Consent(app, redirect, _text(random(32)), _text(random(32)) if app.spec.pkce else None)


def unlike(app: App, account: Mapping[str, str]) -> str | None:
    """Why tokens for this account are not the source's, None where they are."""
    for name, key in app.spec.account.items():
        wanted, found = app.texts.get(name), account.get(name)
        if wanted and found is None:
            return f"the tokens are for no {key}, where `{name}` is {wanted}"
        if wanted and wanted != found:
            return f"the tokens are for the {key} {found}, but `{name}` is {wanted}"
    return None


def _challenge(verifier: str) -> str:
    return _text(hashlib.sha256(verifier.encode()).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
