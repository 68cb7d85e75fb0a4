"""How callers prove who they are, as the operator decided."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from crmgraph.config.settings import AuthSettings, JwtSettings, Settings
from crmgraph.service.keys import Keys
from crmgraph.service.ports import Clock
from crmgraph.sources.direct import Direct
from crmgraph.sources.transport import Asked, NoAnswer, TooLarge
from crmgraph.web.callers import Callers, Everybody, Known, Proof, WithOwnTokens
from crmgraph.web.jwt_proof import Fetch, JwtProof, KeySet, Provider
from crmgraph.web.key_proof import ConfiguredKeys, StoredKeys

PATIENCE = 5.0
"""Seconds in which an identity provider gives its keys."""

LARGEST = 1_000_000
"""The most bytes that its keys may be."""


def callers(settings: Settings, keys: Callable[[], Keys], clock: Clock, random: Callable[[int], bytes]) -> Callers:
    """Who tells callers apart, as the operator decided."""
    known: Callers = Everybody()
    if settings.auth is not None:
        known = Known(list(_proofs(settings.auth, settings, keys, clock, random)))
    own = {one.name: one.per_caller == "required" for one in settings.sources if one.per_caller is not None}
    return WithOwnTokens(known, own, [one.name for one in settings.sources]) if own else known


def _proofs(
    auth: AuthSettings, settings: Settings, keys: Callable[[], Keys], clock: Clock, random: Callable[[int], bytes]
) -> Iterator[Proof]:
    roles = settings.roles
    if auth.pepper is not None:
        yield StoredKeys(keys, auth.pepper.get_secret_value().encode(), roles, clock)
    if auth.keys:
        yield ConfiguredKeys({one.name: (one.key.get_secret_value(), roles[one.role]) for one in auth.keys}, random)
    if auth.jwt is not None:
        powers = {word: roles[role] for word, role in auth.jwt.roles.items()}
        provider = Provider(auth.jwt.issuer, auth.jwt.audience, auth.jwt.algorithms, auth.jwt.claim, powers)
        yield JwtProof(provider, KeySet(_fetching(auth.jwt), clock), clock)


def _fetching(jwt: JwtSettings) -> Fetch:
    """Fetches a provider's keys as CRMs are called: to the configured host alone, following nothing."""
    parts = urlsplit(jwt.jwks_url)
    transport = Direct(f"{parts.scheme}://{parts.netloc}", jwt.allow_private)

    async def fetch() -> bytes:
        asked = Asked("GET", jwt.jwks_url, (("Accept", "application/json"),), None, PATIENCE, LARGEST)
        try:
            reply = await transport.exchange(asked)
        except (NoAnswer, TooLarge) as failure:
            raise OSError(str(failure)) from None
        if reply.status != 200:
            raise OSError(f"status {reply.status}")
        return reply.content

    return fetch
