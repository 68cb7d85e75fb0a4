"""Calls over HTTP: what every one of them carries, and what becomes of it."""

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import BadReply, SourceError, Unavailable
from crmgraph.sources.auth import Credential, Wire
from crmgraph.sources.body import LARGEST
from crmgraph.sources.target import target
from crmgraph.sources.transport import CONNECT, Asked, Headers, NoAnswer, TooLarge, Transport


def over_http(
    source: str,
    base_url: str,
    transport: Transport,
    timeout: float,
    largest: int = LARGEST,
    connect: float = CONNECT,
) -> Wire:
    """The last step of a send. `timeout` is seconds for the whole exchange, `connect` those of them for the connection,
    `largest` the most bytes of a reply.

    What it makes raises Unavailable when no whole reply comes, BadReply when one is too large, InputError when the call
    has no address. No error of it holds an address, a header or a body.
    """

    headers = lru_cache(maxsize=64)(_headers)

    async def send(call: Call, credential: Credential) -> Reply:
        address = target(base_url, call, credential.query)
        carried = headers(call.headers, credential.headers, call.body is not None)
        asked = Asked(call.method, address, carried, call.body, timeout, largest, connect)
        try:
            return await transport.exchange(asked)
        except TooLarge:
            failure: SourceError = BadReply(
                source, f"{source} sent more than {largest:,} bytes in one reply; smaller pages would fit."
            )
        except NoAnswer as none:
            failure = Unavailable(source, f"{source} {none.did}.")
            failure.sent = none.sent
        raise failure

    return send


def _headers(defined: Headers, proof: Headers, with_body: bool) -> Headers:
    """Each name once: the definition's headers replace ours, and the credential's replace all, whatever their case."""
    ours = [("Accept", "application/json"), ("Accept-Encoding", "gzip"), ("User-Agent", _user_agent())]
    if with_body:
        ours.append(("Content-Type", "application/json"))
    given = {name.lower(): (name, value) for name, value in (*ours, *defined, *proof)}
    return tuple(given.values())


@lru_cache(maxsize=1)
def _user_agent() -> str:
    try:
        return f"crmgraph/{version('crmgraph')}"
    except PackageNotFoundError:
        return "crmgraph/0"  # It runs from its sources, without being installed.
