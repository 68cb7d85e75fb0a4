"""Where a CRM gives tokens: one form goes out, and what comes back is read or refused (RFC 6749, 4.1 and 6)."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import orjson

from crmgraph.connectors.exchange import Reply
from crmgraph.connectors.replies import retry_after
from crmgraph.connectors.spec import OAuthSpec
from crmgraph.connectors.templates import fill
from crmgraph.domain.errors import BadReply, SourceError, Throttled, Unavailable
from crmgraph.service.ports import Clock
from crmgraph.service.tokens import Tokens
from crmgraph.sources.transport import Asked, NoAnswer, TooLarge, Transport

EARLY = timedelta(minutes=15)
"""How long before its end a token is renewed; one that lives less than twice as long, half-way."""

SHORTEST = 60.0
"""Seconds for which any token is believed: a CRM that says 0 would be asked for another before every call."""

LARGEST = 65_536
"""The most bytes of an answer."""

_PATIENCE = 8.0
"""The most seconds for one answer: two of them fit into the lease of whoever renews."""

_REFUSALS = frozenset({400, 401, 403})
_MOST = 200


class Refused(Exception):
    """The CRM gives no tokens for this: `said` is its own reason, without anything that was sent to it."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Granted:
    """Tokens, and what came with them: by our setting, what the CRM says of the account that they are for."""

    tokens: Tokens
    account: Mapping[str, str]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class App:
    """Our app as one source knows it: the definition's words filled with the source's settings."""

    spec: OAuthSpec
    base_url: str
    texts: Mapping[str, str] = field(repr=False)

    @property
    def address(self) -> str:
        """Where tokens are given. It comes from the definition and the configuration alone."""
        told = str(fill(self.spec.token, self.texts))
        return self.base_url.rstrip("/") + told if told.startswith("/") else told

    @property
    def authorize(self) -> str:
        """Where a person agrees."""
        return str(fill(self.spec.authorize, self.texts))

    def form(self, more: Mapping[str, str]) -> dict[str, str]:
        """What a request for tokens carries."""
        app = {"client_id": self.texts["client_id"]}
        if self.spec.client == "body" and self.texts.get("client_secret"):
            app["client_secret"] = self.texts["client_secret"]
        return {**fill(self.spec.form, self.texts), **app, **more}

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What goes with the form."""
        sent = ("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")
        if self.spec.client == "body":
            return sent
        pair = ":".join(quote_plus(self.texts.get(name, "")) for name in ("client_id", "client_secret"))
        return (*sent, ("Authorization", f"Basic {b64encode(pair.encode()).decode()}"))


class Granting:
    """Asks one CRM for tokens. `timeout` is seconds for one answer.

    Each method raises Refused, or Unavailable, Throttled or BadReply where nobody can say.
    """

    def __init__(self, source: str, app: App, transport: Transport, timeout: float, clock: Clock) -> None:
        self._source = source
        self._app = app
        self._transport = transport
        self._timeout = min(timeout, _PATIENCE)
        self._clock = clock

    async def exchanged(self, code: str, redirect: str, verifier: str | None) -> Granted:
        """The first tokens, for a code that came to `redirect`."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        told = await self._asked(form | ({} if verifier is None else {"code_verifier": verifier}))
        return self._granted(told, None)

    async def refreshed(self, refresh: str) -> Granted:
        """The next tokens. When the answer is lost it is asked for once more with the same token, which a CRM that
        rotates them answers with the same new one for a while.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        try:
            told = await self._asked(form)
        except _Lost:
            told = await self._asked(form)
        return self._granted(told, refresh)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._transport.aclose()

    async def _asked(self, more: Mapping[str, str]) -> Mapping[str, Any]:
        form = self._app.form(more)
        body = urlencode(form).encode()
        asked = Asked("POST", self._app.address, self._app.headers(), body, self._timeout, LARGEST)
        try:
            reply = await self._transport.exchange(asked)
        except TooLarge:
            raise self._unusable() from None
        except NoAnswer as none:
            sort = _Lost if none.sent else Unavailable
            raise sort(self._source, f"{self._source}, asked for tokens, {none.did}.") from None
        return self._judged(reply, form)

    def _judged(self, reply: Reply, form: Mapping[str, str]) -> Mapping[str, Any]:
        body = _parsed(reply)
        if reply.status in _REFUSALS or (reply.status == 200 and body.get("error")):
            raise Refused(_reason(body, form) or f"HTTP {reply.status}")
        if reply.status == 429:
            said = f"{self._source} asks us to wait before it gives new tokens."
            raise Throttled(self._source, said, retry_after(reply))
        if reply.status >= 500:
            raise Unavailable(self._source, f"{self._source} is failing where it gives tokens (HTTP {reply.status}).")
        if not 200 <= reply.status < 300 or not _is_token(body.get("access_token")):
            raise self._unusable()
        return body

    def _granted(self, told: Mapping[str, Any], before: str | None) -> Granted:
        refresh = told["refresh_token"] if _is_token(told.get("refresh_token")) else before
        renew, ends = self._times(_lifetime(told.get("expires_in")), refresh is not None)
        account = {name: str(told[key]) for name, key in self._app.spec.account.items() if told.get(key)}
        tokens = Tokens(told["access_token"], refresh, renew, ends)
        return Granted(tokens, account, tuple(str(told.get("scope") or "").split()))

    def _times(self, lives: timedelta | None, renewable: bool) -> tuple[datetime | None, datetime | None]:
        """When to renew, and when it ends; what cannot be renewed is used to its end."""
        if lives is None:
            return None, None
        ends = self._clock.now() + lives
        return ends - min(EARLY, lives / 2) if renewable else None, ends

    def _unusable(self) -> SourceError:
        return BadReply(
            self._source, f"{self._source} answered something that holds no tokens where it should give some."
        )


class _Lost(Unavailable):
    """An answer that never came to a request that may have arrived."""


def account_name(account: Mapping[str, str]) -> str:
    """What stands for a connected account."""
    return json.dumps(account, sort_keys=True)


def _parsed(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json()
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _lifetime(value: Any) -> timedelta | None:
    """How long a token lives, where that is told by a number or a text of one."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return timedelta(seconds=max(seconds, SHORTEST)) if seconds < 10**9 else None


def _reason(body: Mapping[str, Any], form: Mapping[str, str]) -> str:
    """The CRM's own words, cut; without them where they repeat what was secret in the request."""
    said = next((str(body[key]) for key in ("error_description", "message", "error") if body.get(key)), "")
    secret = [form[name] for name in ("client_secret", "refresh_token", "code", "code_verifier") if form.get(name)]
    return "" if any(one in said for one in secret) else " ".join(said.split())[:_MOST].rstrip(".")
