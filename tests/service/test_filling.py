"""Filling the index: once, page by page, again after a failure, and to a limit."""

import orjson
from tests.service.given import FakeClock, TinyCrm, at, definition

from crmgraph.domain.records import Ref
from crmgraph.service.filling import PAUSES, Filling
from crmgraph.service.index import MemoryIndex


def crm(count: int = 7, natural: str | None = "createdAt asc") -> TinyCrm:
    made = TinyCrm("a", definition("page", natural, "none"))
    for number in range(count):
        made.put(str(number), given="Anna", emails=[f"k{number}@x.example"], created=at(number), updated=at(0), at=1)
    return made


async def filled(source: TinyCrm, limit: int = 100) -> tuple[MemoryIndex, list[float]]:
    index, slept = MemoryIndex(), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    await Filling(index, FakeClock(), "US", limit, sleep).all([source])
    return index, slept


async def test_every_contact_is_known_by_its_keys() -> None:
    index, slept = await filled(crm())
    assert [one.ref for one in index.holders("email:k6@x.example")] == [Ref("a", "contact", "6")]
    assert (index.size("a"), slept, index.complete_since("a") is not None) == (7, [], True)


async def test_a_source_that_fails_is_tried_again_after_ever_longer_pauses() -> None:
    source = crm()
    source.hiccups = 5
    index, slept = await filled(source)
    assert slept == [*PAUSES, PAUSES[-1]]
    assert index.size("a") == 7


async def test_at_its_limit_a_source_is_not_complete() -> None:
    index, _ = await filled(crm(), limit=4)
    assert (index.size("a"), index.complete_since("a")) == (6, None)


async def test_pages_are_asked_for_in_turn() -> None:
    source = crm()
    await filled(source)
    assert [orjson.loads(call.body or b"{}")["page"] for call in source.calls] == [1, 2, 3]
