"""A real gateway that is told to stop, or to read its configuration again, while many wait for its answers."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.chaos.asking import PATIENCE
from tests.chaos.gateway import Gateway, settings
from tests.chaos.journal import written

from crmgraph.demo import stage
from crmgraph.demo.faults import Fault
from crmgraph.demo.serving import serving
from crmgraph.demo.simulator import Simulator

READS, WRITES = 40, 10
IN_FLIGHT = READS + WRITES

READ = '{ contact(by: {email: "nobody-%d@chaos.example.net"}) { id } }'
WRITE = """mutation { createContact(input: {
  givenName: "Given", familyName: "mark-%d", emails: [{value: "mark-%d@chaos.example.net"}], sources: ["bigcontacts"]
}) { results { outcome } userErrors { message } } }"""
QUESTIONS = [READ % number for number in range(READS)] + [WRITE % (number, number) for number in range(WRITES)]


class Held:
    """Holds every call to a CRM until it is opened; `full` once so many are held."""

    def __init__(self, crm: Simulator, count: int) -> None:
        self.full, self.open = asyncio.Event(), asyncio.Event()
        self._left = count
        crm.faults.sleep = self._wait
        crm.faults.choose(lambda method, path: Fault("delay", seconds=1.0))

    async def _wait(self, seconds: float) -> None:
        self._left -= 1
        if not self._left:
            self.full.set()
        await self.open.wait()


@asynccontextmanager
async def started(
    folder: Path, workers: int = 1, more: str = ""
) -> AsyncIterator[tuple[Gateway, dict[str, Simulator], httpx.AsyncClient]]:
    """A gateway over simulators, and a client of it."""
    crms = stage.simulators()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with (
        serving({name: crm.app for name, crm in crms.items()}) as urls,
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE, limits=limits) as http,
    ):
        environment = {
            **stage.environment(urls, crms),
            **settings(PATIENCE, PATIENCE),
            "CRMGRAPH__SERVER__WORKERS": str(workers),
            "CRMGRAPH__SERVER__STOPPING__WITHIN": str(PATIENCE),
        }
        gateway = Gateway(folder, environment)
        gateway.configuration.write_text(gateway.configuration.read_text() + more)
        try:
            await gateway.start()
            yield gateway, dict(crms), http
        finally:
            # A process that watches over workers would leave them behind if it were killed.
            await gateway.stop()


async def asked(http: httpx.AsyncClient, url: str, query: str) -> dict[str, Any] | None:
    """The answer; None for one that is lost."""
    try:
        response = await http.post(f"{url}/graphql", json={"query": query})
    except httpx.TransportError:
        return None
    answer: dict[str, Any] = response.json()
    return answer if response.status_code == 200 and not answer.get("errors") else None


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await true():  # noqa: ASYNC110  # The other process tells no events.
            await asyncio.sleep(0.05)


async def takes_nobody_new(url: str) -> bool:
    address = httpx.URL(url)
    try:
        _, writer = await asyncio.open_connection(address.host, address.port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


@pytest.mark.parametrize("workers", [1, 2])
async def test_told_to_stop_with_fifty_in_flight_it_loses_none(tmp_path: Path, workers: int) -> None:
    async with started(tmp_path, workers) as (gateway, crms, http):
        url, held = await gateway.url(), Held(crms["bigcontacts"], IN_FLIGHT)
        asking = [asyncio.create_task(asked(http, url, query)) for query in QUESTIONS]
        await held.full.wait()
        gateway.tell(signal.SIGTERM)
        await until(lambda: takes_nobody_new(url))
        held.open.set()
        answers = await asyncio.gather(*asking)
        code = await gateway.ended()
    assert (answers.count(None), code) == (0, 0)
    told = [answer["data"] for answer in answers if answer is not None]
    assert told[:READS] == [{"contact": None}] * READS
    assert told[READS:] == [{"createContact": {"results": [{"outcome": "DONE"}], "userErrors": []}}] * WRITES
    assert [one.state for one in await written(gateway.store)] == ["DONE"] * WRITES


async def test_killed_with_fifty_in_flight_it_loses_all_which_shows_that_the_counting_counts(tmp_path: Path) -> None:
    async with started(tmp_path) as (gateway, crms, http):
        url, held = await gateway.url(), Held(crms["bigcontacts"], IN_FLIGHT)
        asking = [asyncio.create_task(asked(http, url, query)) for query in QUESTIONS]
        await held.full.wait()
        gateway.tell(signal.SIGKILL)
        answers = await asyncio.gather(*asking)
        held.open.set()
    assert answers.count(None) == IN_FLIGHT


async def test_it_gives_notice_before_it_takes_nobody_new(tmp_path: Path) -> None:
    async with started(tmp_path, more="\nserver: {stopping: {notice: 2}}\n") as (gateway, _, http):
        url = await gateway.url()
        assert (await http.get(f"{url}/readyz")).status_code == 200
        gateway.tell(signal.SIGTERM)

        async def is_unready() -> bool:
            response = await http.get(f"{url}/readyz")
            assert response.json()["ready"] is (response.status_code == 200)
            return response.status_code == 503 and response.json()["why"] == "stopping"

        await until(is_unready)
        response = await http.post(f"{url}/graphql", json={"query": "{ __typename }"})
        assert (response.status_code, response.headers["connection"]) == (200, "close")
        assert await gateway.ended() == 0


SCHEMA = "{ __schema { queryType { name } } }"


class Callers:
    """Ask again and again over connections that they keep, and count the answers that are lost."""

    def __init__(self, http: httpx.AsyncClient, url: str, count: int = 10) -> None:
        self.answered = self.lost = 0
        self._http, self._url = http, url
        self._end = asyncio.Event()
        self._tasks = [asyncio.create_task(self._ask(number)) for number in range(count)]

    async def _ask(self, number: int) -> None:
        while not self._end.is_set():
            answer = await asked(self._http, self._url, f"{{ q{number}: sources {{ name }} }}")
            self.answered += answer is not None
            self.lost += answer is None

    async def end(self) -> None:
        self._end.set()
        await asyncio.gather(*self._tasks)


@asynccontextmanager
async def calling(http: httpx.AsyncClient, url: str) -> AsyncIterator[Callers]:
    """Callers who ask while this is entered."""
    callers = Callers(http, url)
    try:
        yield callers
    finally:
        await callers.end()


@pytest.mark.parametrize("workers", [1, 2])
async def test_told_to_read_its_configuration_again_it_follows_it_and_loses_nobody(
    tmp_path: Path, workers: int
) -> None:
    async with started(tmp_path, workers) as (gateway, _, http):
        url = await gateway.url()
        right = gateway.configuration.read_text()

        async def tells_the_schema() -> set[bool]:
            """Asked of several workers, for each connection leads to one of them."""
            found = set()
            for _ in range(12):
                async with httpx.AsyncClient(trust_env=False) as once:
                    answer = await asked(once, url, SCHEMA)
                    found.add(answer is not None)
            return found

        async with calling(http, url) as callers:
            kept = await asyncio.open_connection(httpx.URL(url).host, httpx.URL(url).port)
            assert await kept_answer(*kept) == {"__typename": "Query"}
            for production in (True, False):
                gateway.configuration.write_text(
                    f"environment: {'production' if production else 'development'}\n{right}"
                )
                gateway.tell(signal.SIGHUP)
                await until(lambda wanted={not production}: has(tells_the_schema, wanted))
            gateway.configuration.write_text(f"servr: {{}}\n{right}")
            gateway.tell(signal.SIGHUP)

            async def is_told() -> bool:
                return "reload_refused" in gateway.said() and "`servr` is not known here" in gateway.said()

            await until(is_told)
            assert await tells_the_schema() == {True}
            assert await kept_answer(*kept) == {"__typename": "Query"}
        kept[1].close()
        gateway.tell(signal.SIGTERM)
        assert await gateway.ended() == 0
    assert callers.lost == 0
    assert callers.answered > 100


async def has(look: Callable[[], Awaitable[set[bool]]], wanted: set[bool]) -> bool:
    return await look() == wanted


async def kept_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
    """One question and its answer over a connection that stays."""
    body = b'{"query": "{ __typename }"}'
    head = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % len(body) + body)
    told = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(told.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return json.loads(await reader.readexactly(length))["data"]
