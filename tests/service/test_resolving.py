"""Everybody in the replica as people: whom a change reaches, what people decide, and a source that is missing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tests.service.given import FakeClock, Office, TinyCrm, at, definition

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.judgements import Different
from crmgraph.domain.profiles import profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.domain.resolution import USUAL, Policy
from crmgraph.service.identity import IdentityRules
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

    def put(self, crm: int, ident: str, given: str, *emails: str, family: str = "Row") -> Ref:
        moment = at(self.clock.time)
        self.crms[crm].put(
            ident, given=given, family=family, emails=list(emails), created=at(0), updated=moment, at=1, job="Rower"
        )
        return Ref(self.crms[crm].name, "contact", ident)

    async def sync(self, *crms: int) -> None:
        self.clock.time += 3600
        syncing = Syncing(self.store.replica, self.store.stores.locks, self.clock, asyncio.sleep)
        for crm in crms or (0, 1):
            await syncing.source(self.crms[crm])

    policy = USUAL

    @property
    def resolving(self) -> Resolving:
        stores = self.store.stores
        return Resolving(
            self.store.replica, stores.judgements, stores.persons, self.crms, self.clock, "US", self.policy
        )

    async def live(self, *refs: Ref) -> Sequence[Sequence[Ref]]:
        """The people that a question puts together of these records, where the key index knows everybody."""
        office = Office(self.crms, rules=IdentityRules(max_shared=self.policy.max_shared or 5))
        everyone = [Ref(crm.name, "contact", ident) for crm in self.crms for ident in crm.rows]
        office.index.learn(profile_of(self.record(ref), "US") for ref in everyone)
        session = office.session()
        try:
            found = await office.identity(session).persons([self.record(ref) for ref in refs], frozenset({"emails"}))
        finally:
            await session.close()
        return [one.refs for one in found]

    async def stored(self) -> Sequence[Sequence[Ref]]:
        """The people that a run over everything puts together."""
        clusters = (await self.resolving.all(silent)).resolution.clusters
        return [[one.ref for one in cluster] for cluster in clusters]

    def record(self, ref: Ref) -> Record:
        crm = next(one for one in self.crms if one.name == ref.source)
        return crm.definition.resources["contact"].record(crm.rows[ref.id], crm.name, {}, self.clock.now())

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


KONTOR = ("kontor77@gmail.com", "kontor78@gmail.com")
"""Mailboxes that everybody of an office reads."""


async def test_what_too_many_of_one_source_share_joins_nobody_live_or_stored(world: World) -> None:
    world.policy = Policy(max_shared=2)
    two = [world.put(0, ident, "Bo", *KONTOR, family="") for ident in "12"]
    await world.sync()
    assert await world.live(*two) == [tuple(two)]
    assert await world.stored() == [two]
    three = [*two, world.put(0, "3", "Bo", *KONTOR, family="")]
    await world.sync(0)
    assert await world.live(*three) == [(ref,) for ref in three]
    assert await world.stored() == [[ref] for ref in three]
    assert not any(one.emails for one in await world.resolving.everyone()), "Nor does anybody learn weights from it."


async def test_who_joins_those_who_share_a_key_parts_them_when_they_are_too_many(world: World) -> None:
    world.policy = Policy(max_shared=2)
    two = [world.put(0, ident, "Bo", *KONTOR, family="") for ident in "12"]
    await world.sync()
    await world.changes()
    assert await world.person(two[0]) == await world.person(two[1])
    three = [*two, world.put(0, "3", "Bo", *KONTOR, family="")]
    await world.sync(0)
    await world.changes()
    assert len({await world.person(ref) for ref in three}) == 3
