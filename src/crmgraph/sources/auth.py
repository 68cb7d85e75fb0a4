"""Who is calling: the credential is built once from the definition's templates and joins a call only on its way out."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

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


def authed(wire: Wire, credential: Credential) -> Send:
    """A send that proves who is calling; the call itself never holds the credential."""

    async def send(call: Call) -> Reply:
        return await wire(call, credential)

    return send


_SENDABLE = re.compile(r"[!-~]([ -~]*[!-~])?")


def credential_of(source: str, spec: AuthSpec, texts: Mapping[str, str]) -> Credential:
    """The credential of a source whose settings and secrets are `texts`; what needs a setting not given is left out.

    Raises ConfigError when a header cannot hold it.
    """
    headers = tuple(_headers(spec, texts))
    for name, value in headers:
        if not _SENDABLE.fullmatch(value):
            raise ConfigError(
                f"The credential of `{source}` does not fit into the header {name}: it should be ASCII text "
                "in one line, not empty and without spaces around it."
            )
    return Credential(headers, tuple(fill(spec.query, texts).items()))


def _headers(spec: AuthSpec, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    bearer = MISSING if spec.bearer is None else fill(spec.bearer, texts)
    if bearer is not MISSING:
        yield "Authorization", f"Bearer {bearer}"
    yield from fill(spec.header, texts).items()
