"""LeadConnector's tokens: a static private one, and OAuth with rotating refresh tokens (fact sheet section 1).

An access token lives a day by the injected clock. A refresh token is used up by its first use, but the same new
refresh token is handed out again for 30 seconds, so that two processes refreshing at once both live.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

LIFETIME = timedelta(seconds=86399)
REFRESH_LIFETIME = timedelta(days=365)
GRACE = timedelta(seconds=30)
SCOPES = "contacts.readonly contacts.write locations.readonly opportunities.readonly businesses.readonly users.readonly"


class BadGrant(Exception):
    """A token request answered with 400; the message is the body's."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token opens, and until when; a Company token opens no contact data."""

    user_type: str
    ends: datetime | None


@dataclass(slots=True)
class Refresh:
    """A refresh token's life; once used it has a successor."""

    user_type: str
    ends: datetime
    used: datetime | None = None
    successor: str | None = None


class Tokens:
    """The tokens in circulation. `code` may be exchanged once; `refresh_token` is one that is already out, to begin
    with. `refreshes` counts the renewals that were answered, `refusals` those that were refused.
    """

    def __init__(
        self, private: str, client: tuple[str, str], ids: tuple[str, str], clock: Callable[[], datetime]
    ) -> None:
        self.client_id, self.client_secret = client
        self.location_id, self.company_id = ids
        self.code = "demo-code"
        self.refresh_token = "demo-refresh-0"
        self.access: dict[str, Access] = {private: Access("Location", None)}
        self.refresh: dict[str, Refresh] = {self.refresh_token: Refresh("Location", clock() + REFRESH_LIFETIME)}
        self._codes: dict[str, str | None] = {self.code: None}
        self._clock = clock
        self._issued = 0
        self.refreshes = self.refusals = 0

    def opened_by(self, token: str) -> Access | None:
        """What this access token opens now; None for one that is unknown or has ended."""
        access = self.access.get(token)
        return access if access and (access.ends is None or self._clock() < access.ends) else None

    def agreed(self, query: Mapping[str, str]) -> str:
        """Where the browser of a person goes who agrees at once; raises BadGrant."""
        if query.get("client_id") != self.client_id or query.get("response_type") != "code":
            raise BadGrant("Invalid client: no such app")
        redirect = query.get("redirect_uri", "")
        code = f"demo-code-{len(self._codes)}"
        self._codes[code] = redirect
        return f"{redirect}?{urlencode({'code': code, 'state': query.get('state', '')})}"

    def expire(self) -> None:
        """All access tokens but the private one end now."""
        ended = {token: Access(one.user_type, self._clock()) for token, one in self.access.items() if one.ends}
        self.access.update(ended)

    def uninstall(self) -> None:
        """The app is taken away: nothing it was given opens or renews anything any more."""
        self.expire()
        for one in self.refresh.values():
            one.ends = self._clock()

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a token request; raises BadGrant."""
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            raise BadGrant("Invalid client credentials!")
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._first(form)
        if kind == "refresh_token":
            return self._rotated(form.get("refresh_token", ""))
        if kind == "client_credentials":
            return self._answer(self.issue("Company"), self.start("Company"), "Company")
        raise BadGrant("Unsupported grant type")

    def located(self, form: Mapping[str, str]) -> dict[str, Any]:
        """A Location token for a Company token's holder; raises BadGrant."""
        if (form.get("companyId"), form.get("locationId")) != (self.company_id, self.location_id):
            raise BadGrant("Location is not active")
        return self._answer(self.issue("Location"), self.start("Location"), "Location")

    def issue(self, user_type: str) -> str:
        """A new access token."""
        self._issued += 1
        token = f"demo-access-{self._issued}"
        self.access[token] = Access(user_type, self._clock() + LIFETIME)
        return token

    def start(self, user_type: str) -> str:
        """A new refresh token."""
        token = f"demo-refresh-{len(self.refresh)}"
        self.refresh[token] = Refresh(user_type, self._clock() + REFRESH_LIFETIME)
        return token

    def _first(self, form: Mapping[str, str]) -> dict[str, Any]:
        code = form.get("code", "")
        if code not in self._codes:
            raise BadGrant("Invalid grant: authorization code is invalid")
        if self._codes.pop(code) not in (None, form.get("redirect_uri")):
            raise BadGrant("Invalid grant: redirect_uri is invalid")
        user_type = form.get("user_type", "Location")
        return self._answer(self.issue(user_type), self.start(user_type), user_type)

    def _rotated(self, token: str) -> dict[str, Any]:
        known, now = self.refresh.get(token), self._clock()
        if known is None or now >= known.ends or (known.used is not None and now - known.used > GRACE):
            self.refusals += 1
            raise BadGrant("Invalid grant: refresh token is invalid")
        self.refreshes += 1
        if known.successor is None:
            known.used, known.successor = now, self.start(known.user_type)
        return self._answer(self.issue(known.user_type), known.successor, known.user_type)

    def _answer(self, access: str, refresh: str, user_type: str) -> dict[str, Any]:
        where: dict[str, Any] = {"locationId": self.location_id} if user_type == "Location" else {}
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "refresh_token": refresh,
            "scope": SCOPES,
            "userType": user_type,
            **where,
            "companyId": self.company_id,
            "approvedLocations": [self.location_id],
            "userId": "demo-installer",
            "planId": "demo-plan",
            "isBulkInstallation": False,
        }
