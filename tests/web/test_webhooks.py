"""Webhooks over HTTP: what is acknowledged is kept and has taken effect; what is not believed has no effect at all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route
from tests.api.staged import settings_for

from crmgraph.app import App
from crmgraph.config.settings import Sealed, StoreSettings
from crmgraph.demo import stage
from crmgraph.demo.leadconnector_webhooks import (
    AGAIN,
    CURRENT,
    OLDER,
    PAUSE,
    Delivery,
    Webhooks,
    deliver,
    only,
    public_keys,
    signed,
)
from crmgraph.service.events import Numbered
from crmgraph.web.body import SIZE, Limits
from crmgraph.web.webhooks import PATH
from crmgraph.web.webhooks import Webhooks as Webhook

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def now(self) -> datetime:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()


class House:
    """One CRM, and workers that listen to it and share a store."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.clock = Hands()
        self.crms = stage.simulators(clock=self.clock.now)
        self.crm = self.crms["leadconnector"]
        self.webhooks = Webhooks(self.crm.state)
        self.folder = folder
        self._stack = stack

    async def worker(self, most: int = 64, keys: Mapping[str, str] | None = None) -> "Worker":
        """One more; `keys` are those that it believes, the simulator's where nothing is said."""
        settings = settings_for(self.crms, ("leadconnector", "bigcontacts"))
        sources = tuple(
            replace(one, settings=Sealed({**one.settings, **(public_keys() if keys is None else keys)}))
            if one.name == "leadconnector"
            else one
            for one in settings.sources
        )
        store = StoreSettings(SecretStr(f"sqlite:///{self.folder}/crmgraph.db"))
        app = App(
            replace(settings, sources=sources, store=store),
            transport_for=lambda one: httpx.ASGITransport(self.crms[one.name].app),
            clock=self.clock,
        )
        self._stack.push_async_callback(app.aclose)
        app.inbox.most = most
        transport = httpx.ASGITransport(app.web())
        return Worker(app, await self._stack.enter_async_context(httpx.AsyncClient(transport=transport)))


class Worker:
    """One worker and the way to it."""

    def __init__(self, app: App, client: httpx.AsyncClient) -> None:
        self.app = app
        self.client = client

    async def take(self, delivery: Delivery, source: str = "leadconnector") -> httpx.Response:
        url = f"http://127.0.0.1/webhooks/{source}"
        return await self.client.post(url, content=delivery.body, headers=dict(delivery.headers))

    async def kept(self) -> list[Numbered]:
        return list(await self.app.stores.events.after("leadconnector", 0, 1_000))

    async def audited(self) -> list[tuple[str | None, str | None, int]]:
        await self.app.refusals.flush()
        found = await self.app.stores.log.page(0, 1_000)
        return [(one.entry.source, one.entry.action, one.entry.times) for one in found if one.entry.what == "webhook"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        yield House(tmp_path, stack)


def contact(house: House) -> dict[str, object]:
    return dict(next(iter(house.crm.state.contacts.values())))


@pytest.mark.parametrize("header", [CURRENT, OLDER])
async def test_a_delivery_is_acknowledged_once_it_is_kept_as_it_came(house: House, header: str) -> None:
    worker, delivery = await house.worker(), house.webhooks.event("ContactUpdate", contact(house))
    response = await worker.take(only(delivery, header))
    assert (response.status_code, response.json()) == (200, {"taken": True})
    (one,) = await worker.kept()
    assert (one.number, one.event.payload, one.event.type) == (1, delivery.body, "ContactUpdate")
    assert (one.event.ref.resource, one.event.ref.id) == ("contact", contact(house)["id"])


async def test_what_was_read_before_is_not_given_again_and_the_persons_keys_are_known(house: House) -> None:
    """Of the source that told it; of the others it is."""
    worker = await house.worker()
    counts = []
    for event in ([], [], ["ContactUpdate"]):
        for type in event:
            changed = contact(house) | {"email": "new@quill.example"}
            assert (await worker.take(house.webhooks.event(type, changed))).status_code == 200
        outcome = await worker.app.execution.execute("{ users { name } }")
        sources = outcome.extensions["crmgraph"]["sources"]
        counts.append([sources[name]["calls"] for name in ("bigcontacts", "leadconnector")])
    assert counts == [[1, 1], [0, 0], [0, 1]]
    (known,) = worker.app.index.holders("email:new@quill.example")
    assert known.ref.id == contact(house)["id"]
    assert (await worker.take(house.webhooks.event("ContactDelete", {"id": known.ref.id}))).status_code == 200
    assert worker.app.index.known(known.ref) is None


async def test_an_event_of_a_vocabulary_lets_the_vocabularies_be_forgotten(house: House) -> None:
    worker = await house.worker()
    (source,) = (one for one in worker.app.pool.sources if one.name == "leadconnector")
    for type, record, forgotten in (("NoteCreate", {"id": "n1"}, False), ("UserCreate", {"id": "u1"}, True)):
        source.tables["fields"] = {"f1": {"key": "old"}}
        assert (await worker.take(house.webhooks.event(type, record))).status_code == 200
        assert ("fields" not in source.tables) is forgotten


async def test_the_other_worker_hears_of_it(house: House) -> None:
    teller, listener = await house.worker(), await house.worker()
    assert await listener.app.stores.notices.heard() == ()
    await teller.take(house.webhooks.event("ContactTagUpdate", {"id": "c1"}))
    (notice,) = await listener.app.stores.notices.heard()
    assert (notice.ref.source, notice.ref.id) == ("leadconnector", "c1")


async def test_a_repetition_is_acknowledged_and_has_no_effect(house: House) -> None:
    worker = await house.worker()
    delivery = house.webhooks.event("ContactUpdate", contact(house))
    await worker.take(delivery)
    (source,) = (one for one in worker.app.pool.sources if one.name == "leadconnector")
    mark = source.mark
    assert (await worker.take(delivery)).status_code == 200
    assert (len(await worker.kept()), source.mark) == (1, mark)


async def test_a_delivery_that_comes_to_two_workers_at_once_is_kept_once(house: House) -> None:
    workers = [await house.worker() for _ in range(2)]
    delivery = house.webhooks.event("ContactUpdate", contact(house))
    answers = await asyncio.gather(*(workers[at % 2].take(delivery) for at in range(10)))
    assert {one.status_code for one in answers} == {200}
    assert len(await workers[0].kept()) == 1


def altered(delivery: Delivery) -> Delivery:
    return replace(delivery, body=delivery.body.replace(b"ContactUpdate", b"ContactDelete"))


def unsigned(delivery: Delivery) -> Delivery:
    return replace(delivery, headers={})


def spoilt(delivery: Delivery) -> Delivery:
    """The current signature is another delivery's; the older one is right."""
    return replace(delivery, headers={**delivery.headers, CURRENT: signed(b"{}").headers[CURRENT]})


@pytest.mark.parametrize("harm", [altered, unsigned, spoilt])
async def test_what_is_not_signed_has_no_effect_and_is_told_nothing(
    house: House, harm: Callable[[Delivery], Delivery]
) -> None:
    worker = await house.worker()
    (source,) = (one for one in worker.app.pool.sources if one.name == "leadconnector")
    mark = source.mark
    for _ in range(3):
        response = await worker.take(harm(house.webhooks.event("ContactUpdate", contact(house))))
        assert response.status_code == 401
        assert response.json() == {
            "errors": [
                {
                    "message": "The signature of this delivery is not that of its source.",
                    "extensions": {"code": "UNSIGNED"},
                }
            ]
        }
    assert (await worker.kept(), source.mark) == ([], mark)
    assert await worker.audited() == [("leadconnector", "UNSIGNED", 3)]


async def test_what_is_signed_for_another_location_is_refused(house: House) -> None:
    worker = await house.worker()
    response = await worker.take(house.webhooks.event("ContactUpdate", contact(house), locationId="other"))
    assert (response.status_code, await worker.kept()) == (403, [])
    assert await worker.audited() == [("leadconnector", "FOREIGN", 1)]


async def test_an_old_delivery_is_refused_though_nobody_has_seen_it(house: House) -> None:
    worker, delivery = await house.worker(), house.webhooks.event("ContactUpdate", contact(house))
    house.clock.passed = timedelta(minutes=75, seconds=1)
    assert (await worker.take(delivery)).status_code == 400
    assert await worker.kept() == []


async def test_types_that_touch_nothing_are_acknowledged_and_not_kept(house: House) -> None:
    worker = await house.worker()
    assert (await worker.take(house.webhooks.event("INSTALL", {}))).status_code == 200
    assert await worker.kept() == []


@pytest.mark.parametrize("source", ["nobody", "bigcontacts", "..%2Fgraphql"])
async def test_a_source_that_is_not_there_or_tells_nothing_is_not_found(house: House, source: str) -> None:
    response = await (await house.worker()).take(signed(b"{}"), source)
    assert response.status_code == 404


async def test_a_body_that_is_too_large_is_not_read(house: House) -> None:
    assert (await (await house.worker()).take(signed(b" " * (SIZE + 1)))).status_code == 413


async def test_nothing_but_post_is_taken(house: House) -> None:
    worker = await house.worker()
    response = await worker.client.get("http://127.0.0.1/webhooks/leadconnector")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_whatever_is_too_much_is_to_be_delivered_again_and_then_taken(house: House) -> None:
    """With the one status after which this CRM does so; its redeliveries are late, with the time of the first."""
    worker = await house.worker(most=1)
    deliveries = [house.webhooks.event("ContactUpdate", contact(house)) for _ in range(5)]
    answers = await asyncio.gather(*map(worker.take, deliveries))
    assert sorted(one.status_code for one in answers) == [200, 429, 429, 429, 429]
    assert {one.headers.get("retry-after") for one in answers if one.status_code == 429} == {"60"}

    async def later(seconds: float) -> None:
        house.clock.passed += timedelta(seconds=seconds)

    async def post(headers: object, body: bytes) -> int:
        return (await worker.take(Delivery(headers, body))).status_code  # type: ignore[arg-type]

    for delivery in deliveries:
        assert await deliver(delivery, post, later) == [200]
    assert len(await worker.kept()) == 5


async def test_deliveries_for_which_there_is_no_memory_are_to_be_delivered_again(house: House) -> None:
    """And once the others are answered, there is room again."""
    worker, delivery = await house.worker(), house.webhooks.event("ContactUpdate", contact(house))
    endpoint = Webhook(worker.app.inbox, Limits(), together=len(delivery.body) + 1)
    app = Starlette(routes=[Route(PATH, endpoint, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        worker.client = client
        answers = await asyncio.gather(*(worker.take(delivery) for _ in range(3)))
        assert sorted(one.status_code for one in answers) == [200, 429, 429]
        assert (await worker.take(delivery)).status_code == 200


async def test_while_the_store_is_down_nothing_is_acknowledged_and_later_nothing_is_lost(house: House) -> None:
    worker, hindrance = await house.worker(), house.folder / "crmgraph.db"
    delivery = house.webhooks.event("ContactUpdate", contact(house))
    hindrance.mkdir()
    waits: list[float] = []

    async def later(seconds: float) -> None:
        house.clock.passed += timedelta(seconds=seconds)
        waits.append(seconds)
        if len(waits) == AGAIN:
            hindrance.rmdir()

    async def post(headers: object, body: bytes) -> int:
        return (await worker.take(Delivery(headers, body))).status_code  # type: ignore[arg-type]

    assert await deliver(delivery, post, later) == [429] * AGAIN + [200]
    assert waits == [PAUSE] * AGAIN
    assert len(await worker.kept()) == 1


async def test_without_the_overriding_keys_the_vendor_alone_is_believed(house: House) -> None:
    worker = await house.worker(keys={})
    for header in (CURRENT, OLDER):
        delivery = only(house.webhooks.event("ContactUpdate", contact(house)), header)
        assert (await worker.take(delivery)).status_code == 401
