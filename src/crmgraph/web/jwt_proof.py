"""Tokens of an identity provider prove who is calling: JWT (RFC 7519), signed with keys that its JWKS publishes.

Algorithms, issuer and audience are the configuration's and never the token's; the key is one of the provider's, found
by the token's `kid`.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache

from crmgraph.service.callers import Caller, Role
from crmgraph.service.ports import Clock
from crmgraph.web.callers import powerless, unproven
from crmgraph.web.refusal import Refused

if TYPE_CHECKING:
    from jwt import PyJWK

LEEWAY = 30.0
"""Seconds by which the provider's clock may differ from ours."""

AGAIN = 60.0
"""Seconds after which keys may be fetched again for an unknown `kid`: nobody makes us ask all the time."""

SOON = 5.0
"""Seconds after which keys that could not be had are asked for again."""

LAST = 600.0
"""Seconds for which fetched keys are taken for all there are."""

REMEMBERED = 4_096
"""How many tokens that were checked are remembered, for as long as they hold and LAST at the most."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose tokens are taken: `roles` leads from a word in the claim to a role, the most powerful first."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    claim: str
    roles: Mapping[str, Role]


Fetch = Callable[[], Awaitable[bytes]]
"""Fetches the provider's JWKS; raises OSError where it cannot be had."""


class KeySet:
    """The provider's keys by `kid`, as they were last fetched."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched = float("-inf")
        self._next_try = float("-inf")
        self._turn = asyncio.Lock()

    async def key(self, kid: str) -> "PyJWK | None":
        """The key, fetched again where it is unknown or all are old; raises Refused where none were ever had."""
        if self._is_due(kid):
            async with self._turn:  # Who waits here finds what the first has fetched.
                if self._is_due(kid):
                    await self._renew()
        if not self._keys:
            raise Refused(503, "The identity provider's keys cannot be had just now; try again.", {"Retry-After": "5"})
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        now = self._clock.monotonic()
        return (now - self._fetched >= LAST or kid not in self._keys) and now >= self._next_try

    async def _renew(self) -> None:
        """Fetch the keys; those there are stay where that fails."""
        from jwt import PyJWKSet, PyJWTError

        self._next_try = self._clock.monotonic() + SOON

        try:
            found = PyJWKSet.from_dict(json.loads(await self._fetch())).keys
        except (OSError, ValueError, AttributeError, TypeError, LookupError, PyJWTError):
            return
        self._keys = {one.key_id: one for one in found if one.key_id}
        self._fetched = self._clock.monotonic()
        self._next_try = self._fetched + AGAIN


class JwtProof:
    """Tokens of one provider."""

    def __init__(self, provider: Provider, keys: KeySet, clock: Clock) -> None:
        self._provider = provider
        self._keys = keys
        self._clock = clock
        self._known: LRUCache[bytes, tuple[Caller, float]] = LRUCache(REMEMBERED)

    async def caller(self, text: str) -> Caller | None:
        """Whom a token belongs to, None for what is no JWT; raises Refused where it is not to be believed."""
        if text.count(".") != 2:
            return None
        mark, now = hashlib.sha256(text.encode()).digest(), self._clock.monotonic()
        known = self._known.get(mark)
        if known is not None and now < known[1]:
            return known[0]
        claims = await self._claims(text)
        caller = Caller(f"jwt:{claims['sub']}", self._role(claims))
        self._known[mark] = caller, now + min(LAST, claims["exp"] + LEEWAY - self._clock.now().timestamp())
        return caller

    async def _claims(self, text: str) -> Mapping[str, Any]:
        import jwt

        provider = self._provider
        try:
            header = jwt.get_unverified_header(text)
            key = await self._keys.key(str(header.get("kid", "")))
            if key is None or header.get("alg") not in provider.algorithms:
                raise unproven("This token is signed with a key or an algorithm that is not taken here.")
            claims = jwt.decode(
                text,
                key.key,
                algorithms=list(provider.algorithms),
                audience=provider.audience,
                issuer=provider.issuer,
                # Times are judged below, by our own clock.
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise unproven("This token is not to be believed: its signature, issuer or audience is wrong.") from None
        self._refuse_untimely(claims)
        return claims

    def _refuse_untimely(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        times = [claims["exp"], claims.get("nbf", 0)]
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in times):
            raise unproven("This token's times are no numbers.")
        if now >= claims["exp"] + LEEWAY:
            raise unproven("This token has expired; get a new one.")
        if now < claims.get("nbf", 0) - LEEWAY:
            raise unproven("This token does not hold yet.")

    def _role(self, claims: Mapping[str, Any]) -> Role:
        """The first of the configured roles that the claim names."""
        said = claims.get(self._provider.claim)
        words: Sequence[Any] = said.split() if isinstance(said, str) else said if isinstance(said, list) else ()
        for word, role in self._provider.roles.items():
            if word in words:
                return role
        raise powerless(f"The claim `{self._provider.claim}` of this token names no role that is configured here.")
