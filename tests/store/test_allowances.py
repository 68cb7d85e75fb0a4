"""The ledgers of shared allowances, wherever they are kept: SQLite, PostgreSQL, Redis."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from tests.needs import needs
from tests.store.conftest import postgres_database

from crmgraph.connectors.rates import Rate
from crmgraph.domain.errors import ConfigError
from crmgraph.service.allowances import Allowances, Wish
from crmgraph.service.ports import StoreUnavailable
from crmgraph.sources.clock import SystemClock
from crmgraph.store.late import LateStore
from crmgraph.store.redis import PREFIX, RedisAllowances

REDIS = os.environ.get("CRMGRAPH_TEST_REDIS", "redis://127.0.0.1:6379")
RATES = (Rate(20, 600.0), Rate(1000, 86_400.0))


@asynccontextmanager
async def redis(account: str) -> AsyncIterator[str]:
    """The server that runs here; what the test wrote there is removed."""
    client = Redis.from_url(REDIS)
    try:
        try:
            await client.ping()
        except (RedisError, OSError):
            needs("Redis", False)
        yield REDIS
        await client.delete(*await client.keys(f"{PREFIX}{account}*"))
    finally:
        await client.aclose()


def opened(url: str) -> LateStore | RedisAllowances:
    return RedisAllowances(url) if url.startswith("redis") else LateStore(url, SystemClock(), os.urandom)


@pytest.fixture
def account() -> str:
    return f"sales:{secrets.token_hex(6)}"


@pytest.fixture(params=["SQLite", "PostgreSQL", "Redis"])
async def workers(request: pytest.FixtureRequest, tmp_path: Path, account: str) -> AsyncIterator[list[Allowances]]:
    """Four workers, each with connections of its own."""
    if request.param == "Redis":
        place = redis(account)
    elif request.param == "PostgreSQL":
        place = postgres_database()
    else:
        place = sqlite(tmp_path)
    async with place as url:
        crew = [opened(url) for _ in range(4)]
        yield crew
        for one in crew:
            await one.aclose()


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[str]:
    yield f"sqlite:///{folder}/crmgraph.db"


def wish(calls: int, back: tuple[str, ...] = (), **rest: object) -> Wish:
    return Wish(secrets.token_hex(6), RATES, calls, 5.0, back=back, **rest)


async def test_workers_that_ask_at_once_are_lent_no_more_than_there_is(workers: list[Allowances], account: str) -> None:
    asked = [worker.lease(account, wish(3)) for _ in range(5) for worker in workers]
    leases = await asyncio.gather(*asked)
    assert sum(lease.calls for lease in leases) == 20
    assert [lease.wait for lease in leases if not lease.calls] == [5.0] * 13


async def test_what_one_worker_gives_back_another_is_lent(workers: list[Allowances], account: str) -> None:
    one, other, *_ = workers
    first = wish(20)
    assert (await one.lease(account, first)).calls == 20
    assert (await other.lease(account, wish(1))).calls == 0
    await one.lease(account, wish(0, back=(first.lease,), begun=((1.0, 12),)))
    assert (await other.lease(account, wish(20))).calls == 8


async def test_each_account_has_a_ledger_of_its_own(workers: list[Allowances], account: str) -> None:
    one, other, *_ = workers
    assert (await one.lease(account, wish(20))).calls == 20
    assert (await other.lease(account, wish(1))).calls == 0
    assert (await other.lease(f"{account}-2", wish(20))).calls == 20


async def test_a_redis_that_is_not_there_is_told(account: str) -> None:
    nowhere = RedisAllowances("redis://127.0.0.1:1")
    with pytest.raises(StoreUnavailable, match=r"Redis cannot be used \(ConnectionError\)"):
        await nowhere.lease(account, wish(1))
    await nowhere.aclose()


async def test_a_ledger_in_redis_goes_by_itself_once_nothing_in_it_weighs(account: str) -> None:
    async with redis(account) as url:
        one = RedisAllowances(url.replace("redis", "valkey"))
        await one.lease(account, wish(1))
        client = Redis.from_url(url)
        assert 2 * 86_400 <= await client.ttl(PREFIX + account) <= 2 * 86_400 + 20
        await client.aclose()
        await one.aclose()


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigError, match=r"install `crmgraph\[redis\]`"):
        RedisAllowances("redis://127.0.0.1")
