"""Pages that are surely needed are asked for at once, and no others."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.service.given import Office, TinyCrm, at, behind, definition

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.filtering import Condition, Op
from crmgraph.domain.model import Kind
from crmgraph.service.lists import Asked, Budget, Listed
from crmgraph.service.ports import Tally


@dataclass(repr=False)
class Watched(TinyCrm):
    """A CRM whose calls take a while. `rounds` are the pages that were asked for at the same time."""

    rounds: list[list[int]] = field(default_factory=list)
    open: int = 0

    async def send(self, call: Call, tally: Tally) -> Reply:
        asked = orjson.loads(call.body or b"{}")
        if not self.open:
            self.rounds.append([])
        self.open += 1
        self.rounds[-1].append(asked.get("page", asked.get("offset")))
        for _ in range(20):
            await asyncio.sleep(0)
        self.open -= 1
        return await super().send(call, tally)


def crm(count: int, style: str = "page", total: bool = True, **more: Any) -> Watched:
    made = Watched("a", definition(style, "createdAt asc", "none", total), **more)
    for number in range(count):
        made.put(f"{number:03d}", given="Anna", created=at(number - 500), updated=at(0), at=number, job="Baker")
    return made


async def rounds(source: Watched, asked: Asked, budget: Budget | None = None) -> Sequence[Sequence[int]]:
    office = Office([source], budget=budget or Budget())
    session = office.session()
    try:
        await office.lists(session).page(asked)
    finally:
        await session.close()
    assert session.meters["a"].calls == len(source.calls)
    return source.rounds


async def _listed(source: Watched, asked: Asked) -> Listed:
    office = Office([source])
    session = office.session()
    try:
        return await office.lists(session).page(asked)
    finally:
        await session.close()


@pytest.mark.parametrize(
    ("first", "pages"),
    [
        (3, [[1]]),
        (4, [[1], [2]]),
        (7, [[1], [2, 3]]),
        (12, [[1], [2, 3, 4]]),
        (20, [[1], [2, 3, 4, 5, 6, 7]]),
    ],
)
async def test_a_page_of_an_answer_takes_what_it_cannot_do_without(first: int, pages: list[list[int]]) -> None:
    assert await rounds(crm(40), Asked(Kind.CONTACT, first)) == pages


async def test_behind_a_page_that_was_taken_whole_the_next_one_is_asked_for_with_it() -> None:
    """The page of the cursor is read again to see whether anything moved."""
    source = crm(40)
    listed = await _listed(source, Asked(Kind.CONTACT, 3))
    source.rounds.clear()
    await _listed(source, Asked(Kind.CONTACT, 3, behind(listed)))
    assert source.rounds == [[1, 2]]
    source.rounds.clear()
    listed = await _listed(source, Asked(Kind.CONTACT, 2))
    await _listed(source, Asked(Kind.CONTACT, 1, behind(listed)))
    assert source.rounds == [[1], [1]], "Of a page that was taken in part the rest may do."


async def test_no_page_is_asked_for_behind_the_end() -> None:
    assert await rounds(crm(7), Asked(Kind.CONTACT, 100)) == [[1], [2, 3]]


async def test_offsets_go_on_by_what_came() -> None:
    """A list that counts records is asked for one more than is wanted, so that only its own bound makes pages."""
    assert await rounds(crm(11, "offset"), Asked(Kind.CONTACT, 100)) == [[0], [4, 8]]


async def test_where_the_end_is_not_told_pages_come_one_by_one() -> None:
    assert await rounds(crm(9, total=False), Asked(Kind.CONTACT, 9)) == [[1], [2], [3]]


async def test_no_more_is_asked_for_than_one_answer_may_read() -> None:
    assert await rounds(crm(40), Asked(Kind.CONTACT, 100), Budget(calls=4)) == [[1], [2, 3, 4]]


async def test_what_nobody_can_foresee_is_not_asked_for() -> None:
    """Half of the records do not pass, so the page needs more than it could know of."""
    source = crm(12)
    for number, row in enumerate(source.rows.values()):
        row["job"] = "Baker" if number % 2 else "Smith"
    passing = Condition("jobTitle", Op.EQ, "Baker")
    assert await rounds(source, Asked(Kind.CONTACT, 4, filter=passing)) == [[1], [2], [3]]


async def test_of_lists_that_are_merged_each_is_read_as_far_as_it_is_needed() -> None:
    one, other = crm(9), crm(9)
    other.name = "b"
    office = Office([one, other])
    session = office.session()
    await office.lists(session).page(Asked(Kind.CONTACT, 6, order=("createdAt", False)))
    await session.close()
    assert (one.rounds, other.rounds) == ([[1], [2]], [[1]])


async def test_a_list_that_is_read_whole_is_read_as_many_pages_at_once_as_the_crm_takes() -> None:
    source = crm(40)
    session = Office([source]).session()
    flow = source.reader.whole(session.resource("a", "contact").listings[0], 12)
    page = await session.run(source, flow)
    await session.close()
    assert (len(page.items), page.next) == (36, 13)
    assert source.rounds[:2] == [[1], [2, 3, 4, 5, 6, 7, 8, 9]]
    assert sorted(at for one in source.rounds for at in one) == list(range(1, 13))


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 30),
    first=st.integers(1, 20),
    style=st.sampled_from(["page", "offset", "cursor"]),
    calls=st.integers(1, 6),
)
def test_an_answer_costs_the_calls_that_it_would_cost_one_by_one(
    count: int, first: int, style: str, calls: int
) -> None:
    """And holds the same people in the same order."""

    async def both() -> list[Any]:
        found = []
        for total in (True, False):
            source = crm(count, style, total)
            office = Office([source], budget=Budget(calls=calls))
            session = office.session()
            listed = await office.lists(session).page(Asked(Kind.CONTACT, first))
            await session.close()
            pages = sorted(orjson.dumps(orjson.loads(call.body or b"")) for call in source.calls)
            found.append(([one.refs[0].id for one in listed.items], listed.has_next, pages))
        return found

    ahead, one_by_one = asyncio.run(both())
    assert ahead[0] == one_by_one[0]
    assert set(ahead[2]) <= set(one_by_one[2])
    assert len(ahead[2]) == len(set(ahead[2]))
