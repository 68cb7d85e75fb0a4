"""What could carry the calls, each as it would be used here: no redirects, no cookies, no proxy by the environment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from bench.answering import Place
from crmgraph.connectors.catalog import read
from crmgraph.connectors.exchange import Call
from crmgraph.connectors.rates import Rate
from crmgraph.service.problems import Meter
from crmgraph.sources.account import Account
from crmgraph.sources.auth import Credential
from crmgraph.sources.clock import SystemClock
from crmgraph.sources.direct import Direct
from crmgraph.sources.over_httpx import OverHttpx
from crmgraph.sources.pool import Pool
from crmgraph.sources.send import over_http
from crmgraph.sources.transport import Transport

MOST = 16
"""Connections."""

HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "bench", "Authorization": "Bearer t"}
QUERY = "?limit=100"


@dataclass(frozen=True, slots=True)
class Way:
    """Where the calls go; `proxy` is the URL of a proxy, where they go through one."""

    place: Place
    tls: bool
    proxy: str | None = None

    @property
    def base(self) -> str:
        return self.place.base(self.tls)


@dataclass(frozen=True, slots=True)
class Carrier:
    """`get` gives the whole body of a path."""

    get: Callable[[str], Awaitable[bytes]]
    aclose: Callable[[], Awaitable[Any]]


def _client(module: Any, way: Way, **given: Any) -> Carrier:
    client = module.AsyncClient(trust_env=False, **(given or _of_httpx(module, way)))

    async def get(path: str) -> bytes:
        return (await client.get(way.base + path + QUERY, headers=HEADERS)).content

    return Carrier(get, client.aclose)


def _of_httpx(module: Any, way: Way) -> dict[str, Any]:
    limits = module.Limits(max_connections=MOST, max_keepalive_connections=MOST, keepalive_expiry=30)
    return {"verify": way.place.trusted.trusting(), "limits": limits, "proxy": way.proxy}


def _sent(way: Way, transport: Transport) -> Carrier:
    """Below the guards of a source."""
    send = over_http("bench", way.base, transport, 10.0)
    proof = Credential((("Authorization", "Bearer t"),))

    async def get(path: str) -> bytes:
        return (await send(Call("bench", "", "GET", path, (("limit", "100"),)), proof)).content

    return Carrier(get, transport.aclose)


def client_of_httpx(way: Way) -> Carrier:
    return _client(httpx, way)


def transport_of_httpx(way: Way) -> Carrier:
    return _sent(way, OverHttpx(httpx.AsyncHTTPTransport(trust_env=False, **_of_httpx(httpx, way))))


def httpcore_alone(way: Way) -> Carrier:
    proxy = httpcore.Proxy(way.proxy) if way.proxy else None
    context = way.place.trusted.trusting()
    pool = httpcore.AsyncConnectionPool(ssl_context=context, max_connections=MOST, keepalive_expiry=30, proxy=proxy)
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def get(path: str) -> bytes:
        return (await pool.request("GET", way.base + path + QUERY, headers=headers)).content

    return Carrier(get, pool.aclose)


def client_of_httpx2(way: Way) -> Carrier:
    import httpx2

    return _client(httpx2, way)


def _aiohttps_transport(way: Way) -> httpx.AsyncBaseTransport:
    from httpx_aiohttp import AiohttpTransport

    proxy = httpx.Proxy(way.proxy) if way.proxy else None
    limits = httpx.Limits(max_connections=MOST, keepalive_expiry=30)
    return AiohttpTransport(verify=way.place.trusted.trusting(), trust_env=False, limits=limits, proxy=proxy)


def httpx_over_aiohttp(way: Way) -> Carrier:
    return _client(httpx, way, transport=_aiohttps_transport(way))


def transport_of_aiohttp(way: Way) -> Carrier:
    return _sent(way, OverHttpx(_aiohttps_transport(way)))


def aiohttp_alone(way: Way) -> Carrier:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=MOST, ssl=way.place.trusted.trusting(), keepalive_timeout=30)
    nobody = aiohttp.DummyCookieJar()
    session = aiohttp.ClientSession(connector=connector, cookie_jar=nobody, auto_decompress=False)

    async def get(path: str) -> bytes:
        url = way.base + path + QUERY
        async with session.get(url, headers=HEADERS, allow_redirects=False, proxy=way.proxy) as response:
            return await response.read()

    return Carrier(get, session.close)


def _reqwest(way: Way) -> Any:
    from pyreqwest.client import ClientBuilder
    from pyreqwest.proxy import ProxyBuilder

    trusted = way.place.trusted.certificate.encode()
    builder = ClientBuilder().max_connections(MOST).follow_redirects(False).http1_only().gzip(False)
    builder = builder.add_root_certificate_pem(trusted) if way.tls else builder
    return (builder.proxy(ProxyBuilder.all(way.proxy)) if way.proxy else builder.no_proxy()).build()


def transport_of_pyreqwest(way: Way) -> Carrier:
    from pyreqwest.compatibility.httpx import HttpxTransport

    return _sent(way, OverHttpx(HttpxTransport(_reqwest(way))))


def pyreqwest_alone(way: Way) -> Carrier:
    """Part by part, or the size of a body would have no bound."""
    client = _reqwest(way)

    async def get(path: str) -> bytes:
        parts = []
        async with client.get(way.base + path + QUERY).headers(HEADERS).build_streamed() as response:
            while (part := await response.body_reader.read()) is not None:
                parts.append(bytes(part))
        return b"".join(parts)

    return Carrier(get, client.close)


def _directly(way: Way) -> Direct:
    if way.proxy:
        raise NotImplementedError
    return Direct(way.base, allow_private=True, trusted=way.place.trusted.trusting())


def direct(way: Way) -> Carrier:
    return _sent(way, _directly(way))


_TINY = """
name: tiny
title: A CRM for measuring
auth: {bearer: t}
resources:
  contact:
    list: {call: GET /small, items: data}
    fields: {givenName: firstName}
"""


def whole_send(way: Way) -> Carrier:
    """With all that a source does around a call: limits, health, the credential."""
    account = Account("bench", read(_TINY, "tiny.yaml"), way.base, rates=(Rate(10**9, 1.0),), concurrency=MOST)
    transport = _directly(way)
    pool = Pool([account], SystemClock(), transport_for=lambda _: transport)

    async def get(path: str) -> bytes:
        return (await pool.sources[0].send(Call("bench", "", "GET", path, (("limit", "100"),)), Meter())).content

    return Carrier(get, pool.aclose)


CARRIERS: dict[str, Callable[[Way], Carrier]] = {
    "httpx: client and transport": client_of_httpx,
    "httpx: transport": transport_of_httpx,
    "httpcore": httpcore_alone,
    "httpx2: client and transport": client_of_httpx2,
    "httpx over httpx-aiohttp": httpx_over_aiohttp,
    "httpx-aiohttp: transport": transport_of_aiohttp,
    "aiohttp": aiohttp_alone,
    "pyreqwest: transport": transport_of_pyreqwest,
    "pyreqwest": pyreqwest_alone,
    "asyncio and httptools": direct,
    "the same, a whole send": whole_send,
}
"""By name; the first is what the others are measured against."""
