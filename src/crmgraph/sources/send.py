"""Calls over HTTP. This is the only file that knows httpx, and any of its transports can carry the calls.

The transports are used without httpx's client: a client can follow redirects, keep cookies, read proxies from the
environment and log whole addresses, and each of these could carry a credential where it does not belong.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpcore
import httpx

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import BadReply, InputError, SourceError, Unavailable
from crmgraph.sources.addresses import PrivateAddress, PublicOnly, Resolve, resolved
from crmgraph.sources.auth import Credential, Wire
from crmgraph.sources.body import CUT, LARGEST, Broken, TooLarge, whole_body
from crmgraph.sources.target import target

Transport = httpx.AsyncBaseTransport

CONNECT = 5.0
"""Seconds in which a connection stands or never will."""

KEEP = 30.0
"""Seconds that an idle connection is kept."""


def over_http(source: str, base_url: str, transport: Transport, timeout: float, largest: int = LARGEST) -> Wire:
    """The last step of a send. `timeout` is seconds for the whole exchange, `largest` the most bytes of a reply.

    What it makes raises Unavailable when no whole reply comes, BadReply when one is too large, InputError when the call
    has no address. No error of it holds an address, a header or a body, nor what httpx raised, which may hold them all.
    """
    for name in ("httpx", "httpcore"):
        # Their debug and info lines hold whole addresses, credentials in queries included.
        logging.getLogger(name).setLevel(logging.WARNING)
    seconds = httpx.Timeout(timeout, connect=min(timeout, CONNECT)).as_dict()

    async def send(call: Call, credential: Credential) -> Reply:
        request = _request(base_url, call, credential, seconds)
        try:
            async with asyncio.timeout(timeout):
                return await _exchanged(transport, request, largest)
        except TooLarge:
            failure: SourceError = BadReply(
                source, f"{source} sent more than {largest:,} bytes in one reply; smaller pages would fit."
            )
        except (httpx.HTTPError, OSError, UnicodeError, Broken) as error:
            failure = Unavailable(source, f"{source} {_what_it_did(error, timeout)}.")
            failure.sent = not isinstance(error, _BEFORE_SENDING)
        raise failure

    return send


def _request(base_url: str, call: Call, credential: Credential, seconds: Mapping[str, Any]) -> httpx.Request:
    try:
        url = httpx.URL(target(base_url, call, credential.query))
    except httpx.InvalidURL:
        raise InputError(f"What is asked of `{call.source}` makes no address.") from None
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": _user_agent()}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    given = httpx.Headers(headers, encoding="utf-8")
    for name, value in (*call.headers, *credential.headers):
        given[name] = value
    return httpx.Request(call.method, url, headers=given, content=call.body, extensions={"timeout": seconds})


@lru_cache(maxsize=1)
def _user_agent() -> str:
    try:
        return f"crmgraph/{version('crmgraph')}"
    except PackageNotFoundError:
        return "crmgraph/0"  # It runs from its sources, without being installed.


async def _exchanged(transport: Transport, request: httpx.Request, largest: int) -> Reply:
    response = await transport.handle_async_request(request)
    headers = dict(response.headers)
    # The stream gives the bytes as they came; httpx's own reading has no bound and takes a cut gzip body for whole.
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        return Reply(response.status_code, headers, await whole_body(response.stream, headers, largest))
    except (httpx.NetworkError, httpx.ProtocolError):
        raise Broken(CUT) from None
    finally:
        await response.aclose()


_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError, UnicodeError)
"""What goes wrong before the first byte of a call goes out."""

_WHY_NO_CONNECTION: tuple[tuple[type[Exception], str], ...] = (
    (PrivateAddress, "its name leads to a private address; set `allow_private: true` for the source if that is meant"),
    (ssl.SSLCertVerificationError, "its certificate is not valid"),
    (ssl.SSLError, "no secure connection could be made"),
    (ConnectionRefusedError, "connection refused"),
    (socket.gaierror, "its name is not known"),
    (UnicodeError, "its name is not valid"),
)


def _what_it_did(error: Exception, timeout: float) -> str:
    """The predicate of our sentence; none of the words is the CRM's or httpx's."""
    if isinstance(error, Broken):
        return str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return f"cannot be reached: no connection within {min(timeout, CONNECT):g} s"
    if isinstance(error, httpx.ConnectError | UnicodeError):
        return f"cannot be reached: {_why(error)}"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return f"did not answer within {timeout:g} s"
    if isinstance(error, httpx.LocalProtocolError):
        return "cannot be called: a setting or a value does not fit into a header"
    if isinstance(error, httpx.RemoteProtocolError):
        return "closed the connection without an HTTP answer"
    return "broke off the connection before it answered"


def _why(error: BaseException) -> str:
    causes = tuple(_causes(error))
    found = (why for sort, why in _WHY_NO_CONNECTION if any(isinstance(cause, sort) for cause in causes))
    return next(found, "no connection could be made")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it; of several attempts the first speaks for all."""
    while error is not None:
        yield error
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error.__context__


class Direct(Transport):
    """Connections of one source alone, so that no other uses them up; to private addresses only by leave."""

    def __init__(self, connections: int, allow_private: bool, resolve: Resolve = resolved) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trusted(),
            max_connections=connections,
            keepalive_expiry=KEEP,
            network_backend=httpcore.AnyIOBackend() if allow_private else PublicOnly(resolve),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the reply; its body is still to be read."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _in_words_of_httpx():
            answer = await self._pool.handle_async_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _in_words_of_httpx():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _in_words_of_httpx() -> Iterator[None]:
    """The errors of httpcore bear the same names in httpx."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise getattr(httpx, type(error).__name__)("") from error


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Whom we trust; the same for every source, and slow to make."""
    return httpx.create_ssl_context(trust_env=False)
