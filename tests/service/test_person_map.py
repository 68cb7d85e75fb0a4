"""The map of ids as reading knows it, while its store fails."""

from collections.abc import Collection, Mapping

import pytest
from tests.service.given import FakeClock

from crmgraph.domain.assigning import PersonId
from crmgraph.domain.records import Ref
from crmgraph.service.person_map import PersonMap
from crmgraph.service.persons import Clusters, Led, Resolved
from crmgraph.service.ports import StoreUnavailable
from crmgraph.service.sparing import PAUSE

ANNA, BOB = Ref("sales", "contact", "1"), Ref("sales", "contact", "2")
IDS = {ANNA: PersonId("a")}


class Failing:
    """A map that knows Anna, and fails while it `fails`; it counts how often it was asked."""

    def __init__(self) -> None:
        self.fails = False
        self.asked = 0

    async def open(self) -> "Failing":
        return self

    def _ask(self) -> None:
        self.asked += 1
        if self.fails:
            raise StoreUnavailable("The disk is full.")

    async def of(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        return await self.around(refs)

    async def around(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        self._ask()
        return {ref: IDS[ref] for ref in refs if ref in IDS}

    def last(self, refs: Collection[Ref]) -> Mapping[Ref, PersonId]:
        return {ref: IDS[ref] for ref in refs if ref in IDS}

    async def assign(
        self, clusters: Clusters, read_sources: Collection[str], whole: bool = False
    ) -> Mapping[Ref, PersonId]:
        self._ask()
        return {ref: PersonId("new") for refs in clusters for ref in refs}

    async def resolve(self, ident: PersonId) -> Resolved | None:
        self._ask()
        return Resolved(ident, (ANNA,))

    async def leads(self, idents: Collection[PersonId]) -> Mapping[PersonId, Led]:
        self._ask()
        return {}


async def test_while_the_store_fails_what_is_remembered_stands_in_and_nobody_is_new() -> None:
    store, clock = Failing(), FakeClock()
    known = PersonMap(clock, store.open)
    assert await known.around([ANNA, BOB], or_last=True) == IDS
    store.fails = True
    assert await known.around([ANNA, BOB], or_last=True) == IDS
    assert await known.assign([[BOB]], ["sales"]) == {}


async def test_to_whom_what_is_remembered_may_tell_too_much_nothing_stands_in() -> None:
    store = Failing()
    known = PersonMap(FakeClock(), store.open)
    await known.around([ANNA], or_last=False)
    store.fails = True
    assert await known.around([ANNA], or_last=False) == {}


async def test_a_store_that_failed_is_left_alone_for_a_while() -> None:
    store, clock = Failing(), FakeClock()
    known = PersonMap(clock, store.open)
    store.fails = True
    for _ in range(3):
        await known.around([ANNA], or_last=True)
    assert store.asked == 1
    store.fails = False
    clock.time += PAUSE
    assert await known.assign([[BOB]], ["sales"]) == {BOB: "new"}


async def test_an_id_is_asked_for_all_the_same_and_a_failure_is_told() -> None:
    """Nobody else can say whose it is."""
    store = Failing()
    known = PersonMap(FakeClock(), store.open)
    store.fails = True
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await known.leads([PersonId("a")])
    assert store.asked == 2
