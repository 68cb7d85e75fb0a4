"""Who hangs up on a real socket: what was read for them is cancelled, what was written for them is done."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from tests.api.staged import settings_for
from tests.cli.serving import serving, until

from crmgraph.app import App
from crmgraph.demo import stage
from crmgraph.demo.faults import Fault
from crmgraph.demo.simulator import Simulator
from crmgraph.service.intents import StepState
from crmgraph.store.database import Database
from crmgraph.store.intent_rows import read_intents
from crmgraph.store.tables import intents

READ = "{ contacts(first: 5) { nodes { id displayName } } }"
WRITE = """mutation { createContact(input: {
  givenName: "Nora", familyName: "Quill", emails: [{value: "nora@quill.example"}], sources: ["orgcrm"]
}) { results { outcome } } }"""


class Watched(httpx.AsyncBaseTransport):
    """Counts the calls that begin, and those that are given up."""

    begun = given_up = 0

    def __init__(self, crm: Simulator) -> None:
        self._inner = httpx.ASGITransport(crm.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        type(self).begun += 1
        try:
            return await self._inner.handle_async_request(request)
        except asyncio.CancelledError:
            type(self).given_up += 1
            raise


class Gateway:
    """An application over one simulator."""

    def __init__(self) -> None:
        Watched.begun = Watched.given_up = 0
        crms = stage.simulators(per_minute=10**6)
        self.crm = crms["orgcrm"]
        settings = settings_for(crms, ("orgcrm",))
        settings = replace(settings, identity=replace(settings.identity, index=False))
        self.app = App(settings, transport_for=lambda account: Watched(self.crm))


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    found = Gateway()
    yield found
    await found.app.aclose()


async def asking(address: tuple[str, int], query: str) -> asyncio.StreamWriter:
    """The connection over which this was asked; nobody waits for the answer."""
    body = json.dumps({"query": query}).encode()
    _, writer = await asyncio.open_connection(*address)
    head = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % len(body) + body)
    return writer


async def test_what_is_read_for_who_hangs_up_is_cancelled(gateway: Gateway) -> None:
    gateway.crm.faults.choose(lambda method, path: Fault("hang"))
    async with serving(gateway.app.web()) as (server, address):
        writer = await asking(address, READ)
        await until(lambda: Watched.begun == 1)
        writer.close()
        await until(lambda: Watched.given_up == 1)
        await until(lambda: not server.server_state.tasks)
    assert gateway.app.entrance.admission.inside == 0


async def test_what_is_written_for_who_hangs_up_is_written_and_journalled(gateway: Gateway) -> None:
    held, opened = asyncio.Event(), asyncio.Event()

    async def hold(seconds: float) -> None:
        held.set()
        await opened.wait()

    def writes(method: str, path: str) -> Fault | None:
        return Fault("delay", seconds=1.0) if method == "POST" and path.rstrip("/").endswith("/contacts") else None

    gateway.crm.faults.sleep = hold
    gateway.crm.faults.choose(writes)
    async with serving(gateway.app.web()) as (server, address):
        writer = await asking(address, WRITE)
        async with asyncio.timeout(20):
            await held.wait()
        writer.close()
        await until(lambda: not server.server_state.tasks)
        opened.set()
        await gateway.app.stores.running.settle()
    database = Database(gateway.app.settings.store.url.get_secret_value())
    try:
        [intent] = await database.read(lambda connection: read_intents(connection, intents.c.id.is_not(None)))
    finally:
        await database.aclose()
    assert [(step.plan.source, step.state) for step in intent.steps] == [("orgcrm", StepState.DONE)]
    assert Watched.given_up == 0
