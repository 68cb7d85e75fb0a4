"""Lists out of the replica: where the caller allows what is that old, with its age, and while a source is down."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.service.given import FakeClock, TinyCrm, at, definition

from crmgraph.domain.errors import Denied, Unsupported
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.copies import Copies
from crmgraph.service.cursors import Seal
from crmgraph.service.custom import CustomFields
from crmgraph.service.freshness import LIVE, Freshness
from crmgraph.service.hearsay import Hearsay
from crmgraph.service.identity import IdentityRules
from crmgraph.service.index import MemoryIndex
from crmgraph.service.judging import Judging
from crmgraph.service.lists import Asked, Budget
from crmgraph.service.pages import Listed
from crmgraph.service.reading import Gateway, Reading
from crmgraph.service.resolver import Resolver
from crmgraph.service.syncing import Syncing
from crmgraph.store.opened import Opened

MINUTE = Freshness(max_age=60)
SPARE = Freshness(stale_if_error=True)


FAMILIES = dict(
    zip(
        (f"{crm}{number}" for crm in "ab" for number in range(5)),
        ("Quintero", "Mensah", "Petrova", "Lindqvist", "Okafor", "Haddad", "Brandt", "Solheim", "Yamada", "Kovacs"),
        strict=True,
    )
)
"""Nobody is in both."""


class House:
    """A gateway over two small CRMs, one of which cannot sort, with a replica of both."""

    def __init__(self, store: Opened, clock: FakeClock) -> None:
        self.store, self.clock, self.hearsay = store, clock, Hearsay()
        self.crms = [TinyCrm(name, definition("page", "createdAt asc", "none")) for name in "ab"]
        for crm in self.crms:
            for number in range(5):
                ident = f"{crm.name}{number}"
                crm.put(
                    ident,
                    given=f"N{number}",
                    family=FAMILIES[ident],
                    emails=[f"{ident}@{ident}.example"],
                    created=at(number),
                    updated=at(0),
                    at=1,
                )
        index = MemoryIndex(self.hearsay.gone)
        self.gateway = Gateway(
            sources=self.crms,
            index=index,
            identity=IdentityRules(),
            resolver=Resolver(IdentityRules().policy, index, Judging(self.clock)),
            rules={},
            custom=CustomFields({}),
            seal=Seal(b"k", lambda size: bytes(size)),
            budget=Budget(),
            clock=clock,
            deadline=60,
            copies=Copies(store.replica, clock, CustomFields({})),
            heard=self.hearsay.heard,
        )

    async def synced(self) -> None:
        syncing = Syncing(self.store.replica, self.store.stores.locks, self.clock)
        for crm in self.crms:
            await syncing.source(crm)
            crm.calls.clear()

    async def page(self, freshness: Freshness = LIVE, **asked: Any) -> tuple[Listed, Reading]:
        reading = self.gateway.read()
        reading.session.freshness = freshness
        listed = await reading.lists.page(Asked(Kind.CONTACT, asked.pop("first", 10), **asked))
        await reading.session.close()
        return listed, reading

    def asked(self) -> int:
        return sum(len(crm.calls) for crm in self.crms)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = FakeClock()
    clock.time = 10_000.0
    store = Opened(f"sqlite:///{tmp_path}/crmgraph.db", clock, lambda size: bytes(size))
    yield House(store, clock)
    await store.aclose()


def ids(listed: Listed) -> list[str]:
    return [one.records[0].ref.id for one in listed.items]


async def test_what_is_young_enough_is_told_without_a_call_and_with_its_age(house: House) -> None:
    await house.synced()
    house.clock.time += 30
    listed, reading = await house.page(MINUTE)
    assert (sorted(ids(listed)), house.asked()) == ([f"{name}{n}" for name in "ab" for n in range(5)], 0)
    assert [meter.age for meter in reading.session.meters.values()] == [30.0, 30.0]


async def test_what_is_too_old_or_not_allowed_is_asked_live(house: House) -> None:
    await house.synced()
    await house.page()
    assert house.asked() == 4
    house.clock.time += 61
    _, reading = await house.page(MINUTE)
    assert house.asked() == 8
    assert [meter.age for meter in reading.session.meters.values()] == [None, None]


async def test_before_the_first_sync_all_is_asked_live(house: House) -> None:
    listed, _ = await house.page(MINUTE)
    assert (len(ids(listed)), house.asked()) == (10, 4)


async def test_an_order_that_no_crm_knows_is_had_from_the_replica_page_by_page(house: House) -> None:
    await house.synced()
    with pytest.raises(Unsupported):
        await house.page(order=("givenName", True))
    found: list[str] = []
    after = None
    for _ in range(4):
        listed, _ = await house.page(MINUTE, order=("givenName", True), first=3, after=after)
        found += ids(listed)
        after = None if listed.end is None else listed.end.text
    assert [one[1] for one in found] == ["4", "4", "3", "3", "2", "2", "1", "1", "0", "0"]
    assert (sorted(found), house.asked()) == ([f"{name}{n}" for name in "ab" for n in range(5)], 0)


async def test_a_filter_is_answered_by_the_replica(house: House) -> None:
    await house.synced()
    listed, _ = await house.page(MINUTE, filter=Condition("givenName", Op.CONTAINS, "N3"))
    assert (sorted(ids(listed)), house.asked()) == (["a3", "b3"], 0)


async def test_while_a_source_is_down_its_copy_answers_where_that_is_allowed(house: House) -> None:
    await house.synced()
    house.clock.time += 5_000
    house.crms[0].down = True
    listed, reading = await house.page(SPARE)
    assert sorted(ids(listed)) == [f"{name}{n}" for name in "ab" for n in range(5)]
    meter = reading.session.meters["a"]
    assert (meter.age, [one.code for one in meter.covered]) == (5_000.0, ["UNAVAILABLE"])
    assert reading.session.meters["b"].age is None
    listed, _ = await house.page()
    assert all(one.startswith("b") for one in ids(listed))


async def test_nobody_is_told_from_the_replica_what_a_crm_refuses_us(house: House) -> None:
    await house.synced()

    def refuse(call: object) -> None:
        raise Denied("a", "a refused our credentials.")

    house.crms[0].before_each = refuse
    listed, _ = await house.page(SPARE)
    assert all(one.startswith("b") for one in ids(listed))


async def test_a_list_goes_on_as_it_began(house: House) -> None:
    await house.synced()
    listed, _ = await house.page(MINUTE, first=3)
    assert listed.end is not None
    house.clock.time += 1_000
    listed, _ = await house.page(first=3, after=listed.end.text)
    assert ids(listed) == ["a3", "a4", "b0"]


async def test_what_is_read_live_is_kept_later_and_what_is_gone_is_gone(house: House) -> None:
    await house.page()
    assert await house.store.replica.counts() == {}
    await house.hearsay.written(house.store.replica)
    assert await house.store.replica.counts() == {("a", Kind.CONTACT): 5, ("b", Kind.CONTACT): 5}
    house.clock.time += 1
    house.gateway.index.forget(Ref("a", "contact", "a1"))
    await house.hearsay.written(house.store.replica)
    assert (await house.store.replica.counts())["a", Kind.CONTACT] == 4


async def test_what_was_allowed_to_be_old_is_not_kept_as_new(house: House) -> None:
    await house.page(MINUTE)
    await house.hearsay.written(house.store.replica)
    assert await house.store.replica.counts() == {}


async def test_more_than_can_wait_is_left_to_the_next_sync(house: House) -> None:
    house.hearsay._most = 3
    await house.page()
    await house.hearsay.written(house.store.replica)
    assert sum((await house.store.replica.counts()).values()) == 3
