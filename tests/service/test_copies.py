"""Lists out of the replica: where the caller allows what is that old, with its age, and while a source is down."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
    """A gateway over two small CRMs, one of which cannot sort, with a replica of both; `mark` tells their names from
    those of another house in the same store.
    """

    def __init__(self, store: Opened, clock: FakeClock, mark: str = "") -> None:
        self.store, self.clock, self.hearsay = store, clock, Hearsay()
        self.crms = [TinyCrm(name + mark, definition("page", "createdAt asc", "single")) for name in "ab"]
        for crm in self.crms:
            for number in range(5):
                ident = f"{crm.name[0]}{number}"
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


def failing_from(crm: TinyCrm, nth: int) -> None:
    """From its n-th call on (0 is the first), a CRM does not answer."""
    began = len(crm.calls)

    def fail(call: object) -> None:
        crm.down = len(crm.calls) - began >= nth

    crm.before_each = fail


async def everybody(house: House, first: int, **asked: Any) -> tuple[list[str], list[str]]:
    """All pages of a list, and the codes of what failed meanwhile and nothing stood in for."""
    found: list[str] = []
    wrong: list[str] = []
    after = None
    for _ in range(40):
        listed, reading = await house.page(SPARE, first=first, after=after, **asked)
        found += ids(listed)
        wrong += [one.code for one in reading.session.meters[house.crms[0].name].problems]
        if not listed.has_next or listed.end is None:
            return found, wrong
        after = listed.end.text
    raise AssertionError("The list does not end.")


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=12),
    st.integers(0, 8),
    st.integers(1, 7),
    st.sampled_from([None, ("createdAt", False), ("createdAt", True)]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_a_source_that_fails_in_the_middle_goes_on_out_of_the_replica_with_nobody_twice_or_left_out(
    house: House, minutes: list[int], nth: int, first: int, order: tuple[str, bool] | None
) -> None:
    """In the order of creation, wherever it fails and however pages are cut; unless more were made at one instant than
    a cursor remembers, which may be told as a failure.
    """
    here = House(house.store, house.clock, str(next(HOUSES)))
    crm = here.crms[0]
    crm.rows.clear()
    for some in (slice(1, None, 2), slice(None)):  # Those of one instant lie in the replica in another order.
        for number, minute in list(enumerate(minutes))[some]:
            crm.put(f"a{number}", given="Ada", family=OTHERS[number], created=at(minute), updated=at(0), at=1)
        await here.synced()
        here.clock.time += 100_000  # Then everything is read once more.
    failing_from(crm, nth)
    found, wrong = await everybody(here, first, order=order)
    if wrong:
        assert max(map(minutes.count, minutes)) >= 5
        assert sorted(found) == sorted(set(found))
    else:
        assert sorted(found) == sorted(
            [*(f"a{number}" for number in range(len(minutes))), *(f"b{n}" for n in range(5))]
        )


HOUSES = count()
OTHERS = (
    "Rossi",
    "Tanaka",
    "Murphy",
    "Nkosi",
    "Dubois",
    "Garcia",
    "Ivanov",
    "Kumar",
    "Chen",
    "Jensen",
    "Silva",
    "Bauer",
)


async def test_in_an_order_in_which_people_move_a_failure_in_the_middle_is_told_as_ever(house: House) -> None:
    await house.synced()
    failing_from(house.crms[0], 1)
    found, wrong = await everybody(house, 2, order=("updatedAt", False))
    assert "UNAVAILABLE" in wrong
    assert len(set(found)) == len(found)


async def test_free_text_is_looked_for_in_the_replica_word_by_word(house: House) -> None:
    await house.synced()
    for text, found in (("n3", ["a3", "b3"]), ("mens A1", ["a1"]), ("b4@b4.ex", ["b4"]), ("n3 mens", [])):
        listed, _ = await house.page(MINUTE, search=text)
        assert (sorted(ids(listed)), house.asked()) == (found, 0), text


async def test_how_many_one_source_has_is_counted_in_the_replica(house: House) -> None:
    """Of several nobody can tell, for people may be in both; nor of a filter."""
    await house.synced()
    for asked, total in (({"sources": ("a",)}, 5), ({}, None), ({"sources": ("a",), "search": "n1"}, None)):
        listed, _ = await house.page(MINUTE, first=2, **asked)
        assert listed.total == total, asked


async def found(house: House, freshness: Freshness, email: str) -> tuple[list[str], Reading]:
    """Whose record has this e-mail."""
    reading = house.gateway.read()
    reading.session.freshness = freshness
    entity = await reading.by_key("email", email, {"givenName"})
    await reading.session.close()
    return [] if entity is None else [one.ref.id for one in entity.person.records], reading


async def test_a_look_up_needs_no_call_where_the_copy_is_young_enough(house: House) -> None:
    await house.synced()
    house.clock.time += 30
    who, reading = await found(house, MINUTE, "A1@a1.example")
    assert (who, house.asked(), reading.session.meters["a"].age) == (["a1"], 0, 30.0)
    assert not reading.session.identity_partial
    house.clock.time += 60
    await found(house, MINUTE, "a1@a1.example")
    assert house.asked() > 0


async def test_who_is_looked_up_while_a_source_is_down_comes_from_its_copy(house: House) -> None:
    """Whoever came since the copy was made is not in it, so the identity is said to be partial."""
    await house.synced()
    house.clock.time += 5_000
    house.crms[0].down = True
    who, reading = await found(house, SPARE, "a1@a1.example")
    meter = reading.session.meters["a"]
    assert (who, meter.age, [one.code for one in meter.covered], meter.problems) == (
        ["a1"],
        5_000.0,
        ["UNAVAILABLE"],
        [],
    )
    assert reading.session.identity_partial
    who, reading = await found(house, LIVE, "a1@a1.example")
    assert (who, [one.code for one in reading.session.meters["a"].problems]) == ([], ["UNAVAILABLE"])


async def test_what_a_write_reads_never_comes_from_the_replica(house: House) -> None:
    await house.synced()
    reading = house.gateway.read(anew=True)
    reading.session.freshness = MINUTE
    assert await reading.by_key("email", "a1@a1.example", {"givenName"}) is not None
    assert house.asked() > 0
