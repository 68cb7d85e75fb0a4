"""Sources as the service sees them, put together from accounts."""

import asyncio
from datetime import UTC

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.sources.given import SECRET, FakeClock, Told, account, call, reading

from crmgraph.connectors.flows import EVERYTHING
from crmgraph.connectors.rates import Rate
from crmgraph.domain.errors import ConfigError, Throttled, Unavailable
from crmgraph.service.ports import Clock, Quota, Source, SourceHealth
from crmgraph.sources.breaker import BreakerRule
from crmgraph.sources.clock import SystemClock
from crmgraph.sources.pool import TABLES_LAST, Pool
from crmgraph.sources.scope import scope_of

KEY = b"k" * 32


async def _contacts(request: Request) -> JSONResponse:
    headers = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59"}
    # Backwards, for a credential that comes back is cut out.
    heard = {name: request.headers.get(name, "")[::-1] for name in ("authorization", "x-org", "x-version")}
    return JSONResponse({"data": [{"id": 1, "first_name": "Ada"}], "heard": heard}, headers=headers)


CRM = Starlette(routes=[Route("/api/contacts", _contacts)])


def _pool(*accounts, clock: Clock | None = None, transport: httpx.AsyncBaseTransport | None = None) -> Pool:
    there = transport or httpx.ASGITransport(CRM)
    return Pool(accounts or [account()], clock or FakeClock(), transport_for=lambda _: there, scope_key=KEY)


async def test_a_source_drives_a_flow_of_its_definition_as_the_one_it_is_configured_as() -> None:
    async with _pool() as pool:
        source: Source = pool.sources[0]
        resource = source.reader.definition.resources["contact"]
        flow = source.reader.page(resource.listings[0], EVERYTHING, None, resource)
        reply = await source.send(next(flow), Told())
        with pytest.raises(StopIteration) as end:
            flow.send(reply)
    assert end.value.value.items == [{"id": 1, "first_name": "Ada"}]
    heard = {name: value[::-1] for name, value in reply.json()["heard"].items()}
    assert heard == {"authorization": "Bearer s3cr3t-t0ken", "x-org": "acme", "x-version": "v3"}
    assert source.quota == (Quota("1m", 60, 59),)


async def test_a_source_tells_its_health_and_its_last_success() -> None:
    clock = FakeClock()
    async with _pool(clock=clock) as pool:
        [source] = pool.sources
        assert (source.health, source.last_success) == (SourceHealth.UNKNOWN, None)
        await source.send(call(), Told())
        assert (source.health, source.last_success) == (SourceHealth.OK, clock.now())


async def test_what_is_read_at_once_is_one_call_and_what_is_sent_is_made_each_time() -> None:
    """A shared reply waits for no turn."""
    told = Told()
    async with _pool(account(rates=(Rate(3, 60.0),))) as pool:
        [source] = pool.sources
        await asyncio.gather(*(source.read(reading(), told) for _ in range(16)))
        await asyncio.gather(*(source.send(reading(), told) for _ in range(2)))
        with pytest.raises(Throttled):
            await source.send(reading(), told)
    assert (told.calls, told.shared) == (4, 15)


async def test_a_write_parts_the_reads_before_it_from_those_after_it() -> None:
    heard: list[str] = []
    under_way, going = asyncio.Event(), asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request.method)
        if not under_way.is_set():
            under_way.set()
            await going.wait()
        return httpx.Response(200, content=b"{}")

    told = Told()
    async with _pool(account(concurrency=3), transport=httpx.MockTransport(answer)) as pool:
        [source] = pool.sources
        before = asyncio.create_task(source.read(reading(), told))
        await under_way.wait()
        await source.send(call(method="PUT"), told)
        await source.read(reading(), told)
        going.set()
        await before
    assert heard == ["GET", "PUT", "GET"]


async def test_what_is_forgotten_is_not_given_again() -> None:
    told = Told()
    async with _pool() as pool:
        [source] = pool.sources
        await source.read(reading(lifetime=30), told)
        await source.read(reading(lifetime=30), told)
        source.forget()
        await source.read(reading(lifetime=30), told)
    assert (told.calls, told.ages) == (2, [0])


async def test_while_a_rate_holds_calls_back_the_source_counts_as_throttled() -> None:
    clock = FakeClock()
    async with _pool(account(rates=(Rate(1, 60.0),)), clock=clock) as pool:
        [source] = pool.sources
        await source.send(call(), Told())
        with pytest.raises(Throttled):
            await source.send(call(), Told())
        assert source.health is SourceHealth.THROTTLED
        clock.time += 60.25
        assert source.health is SourceHealth.OK


async def test_sources_come_in_the_order_of_their_accounts() -> None:
    async with _pool(account(), account(name="support"), account(name="billing")) as pool:
        assert [source.name for source in pool.sources] == ["sales", "support", "billing"]


async def test_settings_hold_defaults_and_the_sources_name_and_no_secret() -> None:
    async with _pool() as pool:
        assert dict(pool.sources[0].settings) == {"source": "sales", "org": "acme", "region": "eu"}


async def test_a_secret_given_among_the_settings_stays_secret() -> None:
    async with _pool(account(settings={"org": "acme", "token": SECRET}, secrets={})) as pool:
        assert "token" not in pool.sources[0].settings


async def test_nothing_that_is_printed_holds_a_secret() -> None:
    given = account()
    async with _pool(given) as pool:
        [source] = pool.sources
        flow = source.reader.page(given.definition.resources["contact"].listings[0], EVERYTHING, None)
        things = [given, pool, source, source.reader.site, next(flow), source.settings, source.tables]
    assert SECRET not in " ".join(f"{thing!r} {thing}" for thing in things)


def test_equal_accounts_share_a_scope_and_any_difference_parts_them() -> None:
    others = [
        account(name="support"),
        account(base_url="https://other.example.com"),
        account(settings={"org": "other"}),
        account(secrets={"token": "another"}),
    ]
    scopes = {scope_of(one, KEY) for one in [account(), account(), *others]}
    assert len(scopes) == 5
    assert scope_of(account(), KEY) != scope_of(account(), b"another key")
    assert all(len(scope) == 24 and SECRET not in scope for scope in scopes)


async def test_every_call_of_a_source_carries_its_scope() -> None:
    async with _pool() as pool:
        assert pool.sources[0].reader.site.scope == scope_of(account(), KEY)


async def test_two_pools_without_a_key_of_their_own_have_different_scopes() -> None:
    one, other = (Pool([account()], FakeClock(), transport_for=lambda _: httpx.ASGITransport(CRM)) for _ in range(2))
    assert one.sources[0].reader.site.scope != other.sources[0].reader.site.scope


async def test_a_vocabulary_is_believed_for_a_while() -> None:
    clock = FakeClock()
    async with _pool(clock=clock) as pool:
        tables = pool.sources[0].tables
        tables["users"] = {"1": "Ada"}
        clock.time += TABLES_LAST - 1
        assert tables.get("users") == {"1": "Ada"}
        clock.time += 1
        assert tables.get("users") is None


async def test_a_vocabulary_that_was_being_read_when_it_was_written_is_not_believed() -> None:
    async with _pool() as pool:
        [source] = pool.sources
        being_read = source.tables
        source.forget()
        assert source.tables is being_read
        source.forget(vocabularies=True)
        being_read["users"] = {"1": "Ada"}
        assert source.tables.get("users") is None


def test_a_credential_that_cannot_be_sent_is_told_at_once() -> None:
    with pytest.raises(ConfigError, match=r"^The credential of `sales` does not fit into the header Authorization"):
        Pool([account(secrets={"token": "two\nlines"})], FakeClock())


class Closing(httpx.AsyncBaseTransport):
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True
        if self.error:
            raise self.error


async def test_leaving_closes_every_source_even_when_one_fails_at_it() -> None:
    transports = {"a": Closing(), "b": Closing(OSError()), "c": Closing()}
    with pytest.raises(OSError):
        async with Pool(
            [account(name=name) for name in transports], FakeClock(), transport_for=lambda one: transports[one.name]
        ):
            pass
    assert all(one.closed for one in transports.values())


async def test_a_slow_source_holds_up_no_other() -> None:
    """Each source has places and connections of its own."""

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "slow.example.com":
            await asyncio.Event().wait()
        return httpx.Response(200, content=b"{}")

    slow = account(name="slow", base_url="https://slow.example.com", concurrency=1)
    async with _pool(slow, account(), transport=httpx.MockTransport(answer)) as pool:
        hanging = [asyncio.create_task(pool.sources[0].send(call(), Told())) for _ in range(5)]
        await asyncio.sleep(0)
        assert (await pool.sources[1].send(call(), Told())).status == 200
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


def test_the_systems_clock_is_in_utc_and_never_goes_back() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


async def test_a_credential_that_the_crm_fails_at_leaves_the_breaker_of_every_other_closed() -> None:
    """It is remembered, though the source as a caller knows it is made anew for each question."""

    async def answer(request: httpx.Request) -> httpx.Response:
        bad = request.headers["authorization"].endswith("bad")
        return httpx.Response(500 if bad else 200, content=b"{}")

    rule = BreakerRule(failures=2)
    async with _pool(account(attempts=1, breaker=rule), transport=httpx.MockTransport(answer)) as pool:
        for _ in range(2):
            await pool.as_caller("sales", "bad").read(reading(), Told())
        with pytest.raises(Unavailable, match="left alone"):
            await pool.as_caller("sales", "bad").read(reading(), Told())
        assert pool.as_caller("sales", "bad").health is SourceHealth.DOWN
        for one in (pool.as_caller("sales", "good"), pool.sources[0]):
            assert (await one.read(reading(), Told())).status == 200
