"""Who is calling, found out from a request's head before its body is read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from crmgraph.service.callers import ANYBODY, Caller, Role
from crmgraph.service.sights import Sight
from crmgraph.web.headers import Headers, text_of
from crmgraph.web.refusal import Refused

_ASK: Mapping[str, str] = {"WWW-Authenticate": 'Bearer realm="crmgraph"'}

LONGEST = 8_192
"""The most characters of a credential."""

OWN = "X-Source-Token-"
"""Begins the header that carries a caller's own credential for a source; its name follows."""


class Callers(Protocol):
    """Tells callers apart."""

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that a request may prove with who sent it."""

    async def who(self, headers: Headers) -> Caller:
        """Who sent a request with these headers; raises Refused."""


class Proof(Protocol):
    """One way to prove who is calling."""

    async def caller(self, text: str) -> Caller | None:
        """Whom a credential belongs to, None where it is none of this sort; raises Refused where it is not believed."""


class Everybody:
    """Callers are not told apart."""

    headers = ()

    async def who(self, headers: Headers) -> Caller:
        return ANYBODY


class Known:
    """Callers who prove who they are in one of several ways."""

    headers = ("Authorization", "X-API-Key")

    def __init__(self, proofs: Sequence[Proof]) -> None:
        self._proofs = proofs

    async def who(self, headers: Headers) -> Caller:
        text = credential(headers)
        if text is None:
            raise unproven("Say who you are: send an API key or a token as `Authorization: Bearer …`.")
        for proof in self._proofs:
            found = await proof.caller(text)
            if found is not None:
                return found
        raise unproven("This key or token is not known here, or holds no longer.")


class WithOwnTokens:
    """Callers who bring credentials of their own for some sources: name → whether nobody else's will do."""

    def __init__(self, callers: Callers, sources: Mapping[str, bool], names: Sequence[str]) -> None:
        self._callers = callers
        self._sources = sources
        self._names = frozenset(names)

    @property
    def headers(self) -> tuple[str, ...]:
        return (*self._callers.headers, *(OWN + name for name in self._sources))

    async def who(self, headers: Headers) -> Caller:
        """With their credentials; what they need one for and bring none is out of their sight."""
        caller = await self._callers.who(headers)
        given = {name: text for name in self._sources if (text := own_token(headers, name)) is not None}
        lacking = {name for name, needed in self._sources.items() if needed and name not in given}
        if not given and not lacking:
            return caller
        return replace(caller, role=_without(caller, lacking, self._names), tokens=tuple(sorted(given.items())))


def _without(caller: Caller, lacking: set[str], names: frozenset[str]) -> Role:
    sight = caller.role.sight
    shown = (names if sight.sources is None else sight.sources) - lacking
    return replace(caller.role, sight=Sight(shown, sight.hidden)) if lacking else caller.role


def credential(headers: Headers) -> str | None:
    """The credential in a request's head, None where there is none; raises Refused where it is malformed."""
    key = text_of(headers, b"x-api-key")
    if key is not None:
        return _sound(key.strip())
    given = text_of(headers, b"authorization")
    if given is None:
        return None
    scheme, _, text = given.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise unproven("Send your key or token as `Authorization: Bearer …`; no other scheme is understood.")
    return _sound(text.strip())


def own_token(headers: Headers, source: str) -> str | None:
    """A caller's own credential for a source; raises Refused."""
    text = text_of(headers, (OWN + source).lower().encode())
    return None if text is None else _sound(text.strip())


def _sound(text: str) -> str:
    if not text or len(text) > LONGEST or not (text.isascii() and text.isprintable()) or " " in text:
        raise unproven("The credential is malformed: it is one word of ASCII text.")
    return text


def unproven(message: str) -> Refused:
    """The refusal of a request that does not prove who sent it."""
    return Refused(401, message, _ASK, code="UNAUTHENTICATED")


def powerless(message: str) -> Refused:
    """The refusal of somebody who is known and may do nothing here."""
    return Refused(403, message, code="FORBIDDEN")
