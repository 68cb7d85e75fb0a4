"""What CRMs told: each delivery once, in one order for each source, and for thirty days."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from tests.store.given import NOON, Crew

from crmgraph.domain.errors import ConfigError
from crmgraph.domain.records import Ref
from crmgraph.service.events import Event
from crmgraph.service.notices import Notice
from crmgraph.service.ports import StoreUnavailable
from crmgraph.store.database import Database
from crmgraph.store.events import DatabaseEvents
from crmgraph.store.notices import DatabaseNotices
from crmgraph.store.tables import events
from crmgraph.store.tidying import tidy

ANNA = Ref("sales", "contact", "c1")
TOLD = Event(ANNA, "ContactUpdate", "w1", NOON, False, b'{"firstName":"Anna"}')


async def test_events_are_read_as_they_were_told_in_the_order_in_which_they_came(
    database: Database, crew: Crew
) -> None:
    kept = DatabaseEvents(database, crew.worker())
    told = [replace(TOLD, delivery=f"w{number}", gone=number == 2) for number in range(4)]
    for one in told:
        assert await kept.keep(one, [])
    assert await kept.keep(replace(TOLD, ref=Ref("support", "contact", "c9")), [])
    assert [(one.number, one.event) for one in await kept.after("sales", 1, 2)] == [(2, told[1]), (3, told[2])]
    assert [one.number for one in await kept.after("support", 0, 9)] == [1]


async def test_a_delivery_that_comes_to_two_workers_at_once_is_kept_by_one(url: str, crew: Crew) -> None:
    """However often, and no number is lost over it."""
    databases = [Database(url), Database(url)]
    workers = [DatabaseEvents(one, crew.worker()) for one in databases]
    deliveries = [replace(TOLD, delivery=f"w{number % 5}") for number in range(40)]
    kept = await asyncio.gather(*(workers[at % 2].keep(one, []) for at, one in enumerate(deliveries)))
    assert kept.count(True) == 5
    found = await workers[0].after("sales", 0, 99)
    assert [one.number for one in found] == [1, 2, 3, 4, 5]
    assert {one.event.delivery for one in found} == {f"w{number}" for number in range(5)}
    for one in databases:
        await one.aclose()


async def test_other_workers_hear_of_it_with_the_event_and_not_with_its_repetition(
    database: Database, crew: Crew
) -> None:
    kept, listener = DatabaseEvents(database, crew.worker()), DatabaseNotices(database, crew.worker())
    await listener.heard()
    for _ in range(2):
        await kept.keep(TOLD, [Notice(ANNA)])
    assert list(await listener.heard()) == [Notice(ANNA)]


async def test_events_are_thrown_away_after_thirty_days_and_numbers_go_on(database: Database, crew: Crew) -> None:
    worker = crew.worker()
    kept = DatabaseEvents(database, worker)
    await kept.keep(TOLD, [])
    crew.clock.pass_(29 * 86_400)
    await tidy(database, worker)
    assert not await kept.keep(TOLD, [])
    crew.clock.pass_(86_400 + 1)
    await tidy(database, worker)
    assert await kept.after("sales", 0, 9) == []
    await kept.keep(replace(TOLD, delivery="w2"), [])
    assert [one.number for one in await kept.after("sales", 0, 9)] == [2]


class Backwards:
    """A vault that writes backwards, with the place that a text belongs to."""

    def seal(self, plain: str, spot: tuple[str, ...]) -> bytes:
        return f"{'|'.join(spot)}|{plain[::-1]}".encode()

    def open(self, sealed: bytes, spot: tuple[str, ...]) -> str:
        *place, text = sealed.decode().split("|")
        assert tuple(place) == spot
        return text[::-1]


async def test_a_payload_is_hidden_from_who_has_nothing_but_the_database(database: Database, crew: Crew) -> None:
    """What was kept before there was a vault stays readable; without the vault nothing sealed is given away."""
    worker = crew.worker()
    await DatabaseEvents(database, worker).keep(TOLD, [])
    kept, later = DatabaseEvents(database, worker, Backwards()), replace(TOLD, delivery="w2")
    await kept.keep(later, [])
    rows = (await database.read(lambda connection: connection.execute(select(events.c.payload)))).scalars().all()
    assert rows == [TOLD.payload, b"events|sales 2|payload|" + TOLD.payload[::-1]]
    assert [one.event for one in await kept.after("sales", 0, 9)] == [TOLD, later]
    with pytest.raises(ConfigError, match="no vault"):
        await DatabaseEvents(database, worker).after("sales", 0, 9)


async def test_what_cannot_be_kept_is_not_said_to_be(crew: Crew) -> None:
    database = Database("sqlite:////nowhere/at/all/crmgraph.db")
    with pytest.raises(StoreUnavailable):
        await DatabaseEvents(database, crew.worker()).keep(TOLD, [])
    await database.aclose()
