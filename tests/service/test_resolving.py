"""Everybody in the replica as people: whom a change reaches, what people decide, and a source that is missing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.service.given import FakeClock, TinyCrm, at, definition

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.judgements import Different
from crmgraph.domain.records import Ref
from crmgraph.domain.resolution import USUAL
from crmgraph.service.resolving import Outcome, Resolving
from crmgraph.service.syncing import Syncing
from crmgraph.store.opened import Opened


class World:
    """Two CRMs, the store they are read into, and a clock that is turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.clock.time = 10_000.0
        counter = iter(range(1, 10_000))
        self.store = Opened(
            f"sqlite:///{folder}/crmgraph.db", self.clock, lambda size: next(counter).to_bytes(size, "big")
        )
        self.crms = [TinyCrm(name, definition("page", "createdAt asc", "none")) for name in "ab"]

    def put(self, crm: int, ident: str, given: str, *emails: str) -> Ref:
        self.crms[crm].put(
            ident, given=given, family="Row", emails=list(emails), created=at(0), updated=at(self.clock.time), at=1
        )
        return Ref(self.crms[crm].name, "contact", ident)

    async def sync(self, *crms: int) -> None:
        self.clock.time += 3600
        syncing = Syncing(self.store.replica, self.store.stores.locks, self.clock, asyncio.sleep)
        for crm in crms or (0, 1):
            await syncing.source(self.crms[crm])

    @property
    def resolving(self) -> Resolving:
        stores = self.store.stores
        return Resolving(self.store.replica, stores.judgements, stores.persons, self.crms, self.clock, "US", USUAL)

    async def changes(self) -> Outcome:
        self.clock.time += 3600
        return await self.resolving.changes(silent)

    async def person(self, ref: Ref) -> PersonId:
        return (await self.store.stores.persons.of([ref]))[ref]


def silent(step: str, done: int, total: int | None) -> None:
    """Nobody looks at how far it is."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    yield made
    await made.store.aclose()


async def test_a_newcomer_joins_the_person_they_are_and_others_are_not_looked_at(world: World) -> None:
    ada, bo = world.put(0, "1", "Ada", "ada@oars.example"), world.put(0, "2", "Bo", "bo@oars.example")
    await world.sync()
    assert (await world.changes()).looked_at == 2
    before = await world.person(ada)
    again = world.put(1, "7", "Ada", "ada@oars.example")
    await world.sync(1)
    outcome = await world.changes()
    assert (outcome.records, outcome.looked_at, outcome.missing) == (3, 2, ())
    assert await world.person(again) == await world.person(ada) == before
    assert await world.person(bo) != before


async def test_what_people_decided_since_is_looked_at_and_holds(world: World) -> None:
    ada, again = world.put(0, "1", "Ada", "ada@oars.example"), world.put(1, "7", "Ada", "ada@oars.example")
    await world.sync()
    await world.changes()
    assert await world.person(ada) == await world.person(again)
    world.clock.time += 60
    await world.store.stores.judgements.say(Different(ada, again), "eve")
    assert (await world.changes()).looked_at == 2
    assert await world.person(ada) != await world.person(again)
    assert (await world.resolving.all(silent)).resolution.clusters[0][0].ref == ada
    assert await world.person(ada) != await world.person(again)


async def test_who_changes_leaves_the_person_they_were(world: World) -> None:
    ada, again = world.put(0, "1", "Ada", "ada@oars.example"), world.put(1, "7", "Ada", "ada@oars.example")
    await world.sync()
    await world.changes()
    world.put(1, "7", "Zoltan", "zoltan@stern.example")
    await world.sync(1)
    assert (await world.changes()).looked_at == 2
    assert await world.person(ada) != await world.person(again)


async def test_a_source_that_was_not_read_is_named(world: World) -> None:
    world.put(0, "1", "Ada", "ada@oars.example")
    await world.sync(0)
    assert (await world.resolving.all(silent)).missing == ("b",)
