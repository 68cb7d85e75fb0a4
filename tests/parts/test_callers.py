"""Callers as the configuration says; a provider's keys are fetched, over real sockets, from its host alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr
from tests.api.staged import staged
from tests.web.test_callers import RSA, jwks, token

from crmgraph.config.settings import AuthSettings, JwtSettings, KeySettings
from crmgraph.parts.callers import callers
from crmgraph.service.callers import ADMIN, Role, expanded
from crmgraph.sources.clock import SystemClock
from crmgraph.web.app import create
from crmgraph.web.callers import Known

READERS = Role("readers", expanded(["contact:read"]))


class Today:
    """The clock that the made-up tokens go by."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@asynccontextmanager
async def provider(reply: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers everything with these bytes; gives its address and what it was asked."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys", heard


def http(status: str, body: bytes, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n".encode() + body


async def status_of(url: str, allow_private: bool) -> int:
    """What a caller with a good token is answered, where the provider lives at this address."""
    jwt = JwtSettings(
        "https://login.example", "crmgraph", url, ("RS256",), "roles", {"staff": "readers"}, allow_private
    )
    async with staged(filled=False) as found:
        settings = replace(
            found.app.settings, auth=AuthSettings(None, (), jwt), roles={"readers": READERS, "admin": ADMIN}
        )
        who = callers(settings, lambda: found.app.stores.keys, SystemClock(), lambda count: bytes(count))
        web = create(found.app, found.app.ready, callers=who)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://localhost") as client:
            headers = {"authorization": f"Bearer {token(Today())}"}  # type: ignore[arg-type]
            return (await client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)).status_code


async def test_a_providers_keys_are_fetched_and_its_token_lets_in() -> None:
    async with provider(http("200 OK", jwks(k1=RSA))) as (url, heard):
        assert await status_of(url, allow_private=True) == 200
    (asked,) = heard
    assert asked.startswith(b"GET /keys HTTP/1.1\r\n")
    assert b"authorization" not in asked.lower()


async def test_a_provider_at_a_private_address_is_not_asked_unless_that_is_meant() -> None:
    async with provider(http("200 OK", jwks(k1=RSA))) as (url, heard):
        assert await status_of(url, allow_private=False) == 503
    assert heard == []


@pytest.mark.parametrize("status", ["302 Found", "500 Oops"])
async def test_nothing_is_followed_and_a_failure_puts_callers_off(status: str) -> None:
    async with (
        provider(http("200 OK", jwks(k1=RSA))) as (elsewhere, followed),
        provider(http(status, b"", f"Location: {elsewhere}\r\n")) as (url, _),
    ):
        assert await status_of(url, allow_private=True) == 503
    assert followed == []


async def test_only_the_ways_that_are_configured_are_tried() -> None:
    """A token is no key: where no provider is configured, none is asked."""
    async with staged(filled=False) as found:
        key = KeySettings("boards", SecretStr("k" * 32), "readers")
        settings = replace(found.app.settings, auth=AuthSettings(None, (key,), None), roles={"readers": READERS})
        who = callers(settings, lambda: found.app.stores.keys, SystemClock(), lambda count: bytes(count))
        assert isinstance(who, Known)
        assert (await who.who({b"x-api-key": b"k" * 32})).role is READERS
