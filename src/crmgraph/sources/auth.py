"""Who is calling: the credential is built from the definition's templates and joins a call only on its way out."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.spec import AuthSpec
from crmgraph.connectors.templates import MISSING, fill
from crmgraph.domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves who is calling, as headers and query parameters; hidden wherever it is printed."""

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)


Send = Callable[[Call], Awaitable[Reply]]
"""From a call to its reply."""

Wire = Callable[[Call, Credential], Awaitable[Reply]]
"""The last step of a send, which alone sees the credential."""


class Proof(Protocol):
    """Credentials that change with time. Each method but `current` raises SourceError where there is none to be had."""

    def current(self) -> Credential | None:
        """The one that is good now; None when one has to be obtained first."""

    async def obtained(self) -> Credential:
        """One that is good now."""

    async def after(self, refused: Credential) -> Credential | None:
        """Another one in the place of one that the CRM has just refused; None when there is no point in trying."""

    def in_vain(self, fresh: Credential) -> None:
        """The one that `after` gave was refused as well: it is not about the credential."""


def authed(wire: Wire, proof: Credential | Proof) -> Send:
    """A send that proves who is calling; the call itself never holds the credential.

    A CRM that answers 401 has done nothing, so any call is made once more when there is a new credential.
    """
    if isinstance(proof, Credential):
        return _always(wire, proof)

    async def send(call: Call) -> Reply:
        credential = proof.current() or await proof.obtained()
        reply = await wire(call, credential)
        if reply.status != 401 or (fresh := await proof.after(credential)) is None:
            return reply
        reply = await wire(call, fresh)
        if reply.status == 401:
            proof.in_vain(fresh)
        return reply

    return send


def _always(wire: Wire, credential: Credential) -> Send:
    async def send(call: Call) -> Reply:
        return await wire(call, credential)

    return send


_SENDABLE = re.compile(r"[!-~]([ -~]*[!-~])?")


def credential_of(source: str, spec: AuthSpec, texts: Mapping[str, str], access: str | None = None) -> Credential:
    """The credential of a source whose settings and secrets are `texts`; what needs a setting not given is left out.

    `access` is an access token of OAuth, in the place of what the definition says of `bearer`. Raises ConfigError when
    a header cannot hold it.
    """
    headers = tuple(_headers(spec, texts, access))
    for name, value in headers:
        if not _SENDABLE.fullmatch(value):
            raise ConfigError(
                f"The credential of `{source}` does not fit into the header {name}: it should be ASCII text "
                "in one line, not empty and without spaces around it."
            )
    return Credential(headers, tuple(fill(spec.query, texts).items()))


def _headers(spec: AuthSpec, texts: Mapping[str, str], access: str | None) -> Iterator[tuple[str, str]]:
    bearer = access or (MISSING if spec.bearer is None else fill(spec.bearer, texts))
    if bearer is not MISSING:
        yield "Authorization", f"Bearer {bearer}"
    yield from fill(spec.header, texts).items()
