"""Filling the index: page by page, again after a failure and after a time, and to a limit."""

import asyncio
import gc
from dataclasses import dataclass, field, replace

import orjson
from structlog.testing import capture_logs
from tests.service.given import FakeClock, TinyCrm, at, definition

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import Throttled, Unavailable
from crmgraph.domain.names import person_name
from crmgraph.domain.profiles import Profile
from crmgraph.domain.records import Ref
from crmgraph.service.filling import PASSES, REFILL, Filling
from crmgraph.service.index import MemoryIndex
from crmgraph.service.patience import ATTEMPTS, PAUSES
from crmgraph.service.ports import Tally


@dataclass(repr=False)
class Moody(TinyCrm):
    """A CRM whose next calls fail with `refuse`, or that tells `hang` of a call and never answers it."""

    refuse: list[Exception] = field(default_factory=list)
    hang: asyncio.Event | None = None
    let_go: bool = False

    async def send(self, call: Call, tally: Tally) -> Reply:
        if self.refuse:
            raise self.refuse.pop(0)
        if self.hang is not None:
            self.hang.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.let_go = True
        return await super().send(call, tally)


def crm(count: int = 7, natural: str | None = "createdAt asc") -> Moody:
    made = Moody("a", definition("page", natural, "none"))
    for number in range(count):
        made.put(str(number), given="Anna", emails=[f"k{number}@x.example"], created=at(number), updated=at(0), at=1)
    return made


def page_of(call: Call) -> int:
    return int(orjson.loads(call.body or b"{}")["page"])


def pages_asked(source: TinyCrm) -> list[int]:
    return [page_of(call) for call in source.calls]


def failing_page(source: TinyCrm, page: int, times: int) -> None:
    """The page's next calls fail."""
    left = [times]

    def fail(call: Call) -> None:
        if page_of(call) == page and left[0]:
            left[0] -= 1
            source.calls.append(call)
            raise Unavailable(source.name, "Not this page.")

    source.before_each = fail


def rated(rate: str) -> Definition:
    """The small CRM's definition with a rate."""
    made = definition("page", "createdAt asc", "none")
    limits = made.spec.limits.model_copy(update={"rate": rate})
    return replace(made, spec=made.spec.model_copy(update={"limits": limits}))


def doubled() -> Definition:
    """The small CRM's definition, its contacts kept in two places."""
    made = definition("page", "createdAt asc", "none")
    contact = made.resources["contact"]
    return replace(made, resources={"contact": contact, "lead": replace(contact, name="lead")})


async def no_sleep(seconds: float) -> None:
    """Time is not what this is about."""


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


async def test_after_a_failure_it_goes_on_where_it_was() -> None:
    source = crm()
    failing_page(source, 3, times=2)
    index, slept = await filled(source)
    assert pages_asked(source) == [1, 2, 3, 3, 3]
    assert (index.size("a"), slept) == (7, list(PAUSES[:2]))


async def test_a_source_that_says_when_to_come_back_is_left_alone_until_then() -> None:
    source = crm()
    source.refuse = [Throttled("a", "Not now.", 12.5) for _ in range(ATTEMPTS + 2)]
    index, slept = await filled(source)
    assert slept == [12.5] * (ATTEMPTS + 2)
    assert index.complete_since("a") is not None


async def test_an_absurd_time_to_come_back_is_bounded_both_ways() -> None:
    source = crm()
    source.refuse = [Throttled("a", "Not now.", 0.0), Throttled("a", "Never.", 10.0**9)]
    _, slept = await filled(source)
    assert slept == [PAUSES[0], REFILL]


async def test_a_page_that_always_fails_is_given_up_until_the_next_filling() -> None:
    source = crm()
    failing_page(source, 2, times=10**6)
    index, slept = await filled(source)
    assert (len(slept), index.complete_since("a")) == (ATTEMPTS - 1, None)
    assert pages_asked(source) == [1, *[2] * ATTEMPTS]


async def test_a_declared_rate_is_used_by_half() -> None:
    source = crm()
    source.definition = rated("100/10s")
    _, slept = await filled(source)
    assert slept == [0.2, 0.2], "Three pages have two pauses between them."


async def test_it_is_filled_again_and_again() -> None:
    source, index, slept = crm(), MemoryIndex(), list[float]()
    done = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        source.rows.pop("6", None)
        source.put(f"new{len(slept)}", given="Boris", emails=["new@x.example"], created=at(0), updated=at(0), at=1)
        if len(slept) == 3:
            done.set()
            await asyncio.Event().wait()

    keeping = asyncio.create_task(Filling(index, FakeClock(), "US", 100, sleep).keep([source]))
    await done.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert slept == [REFILL] * 3
    assert {one.ref.id for one in index.holders("email:new@x.example")} == {"new1", "new2"}
    assert index.known(Ref("a", "contact", "6")) is None


async def test_once_is_one_pass() -> None:
    source = crm()
    await Filling(MemoryIndex(), FakeClock(), "US", 100, no_sleep, once=True).keep([source])
    source.down = True
    await Filling(MemoryIndex(), FakeClock(), "US", 100, no_sleep, once=True).keep([source])
    assert pages_asked(source) == [1, 2, 3, 1]


async def test_what_a_live_answer_taught_meanwhile_stays() -> None:
    source, index = crm(), MemoryIndex()
    old, new = Ref("a", "contact", "old"), Ref("a", "contact", "new")
    index.learn([Profile(old, person_name("Old", None, None))])
    source.before_each = lambda call: index.learn([Profile(new, person_name("New", None, None))])
    await Filling(index, FakeClock(), "US", 100, no_sleep).all([source])
    assert index.known(new) is not None
    assert index.known(old) is None


async def test_a_deletion_during_the_filling_hides_nobody() -> None:
    source = crm()

    def delete(call: Call) -> None:
        if page_of(call) == 2:
            source.rows.pop("0", None)

    source.before_each = delete
    index, _ = await filled(source)
    assert all(index.known(Ref("a", "contact", str(number))) for number in range(1, 7))
    assert pages_asked(source) == [1, 2, 1, 2]


async def test_a_list_that_never_stands_still_is_read_a_few_times_and_accepted() -> None:
    source = crm()

    def add(call: Call) -> None:
        number = len(source.rows)
        if page_of(call) == 2:
            source.put(f"n{number}", emails=[], created=at(number), updated=at(0), at=1)

    source.before_each = add
    index, _ = await filled(source)
    assert pages_asked(source).count(1) == PASSES
    assert index.complete_since("a") is not None


async def test_two_places_of_contacts_in_one_source_do_not_forget_each_other() -> None:
    source = crm()
    source.definition = doubled()
    index, _ = await filled(source)
    assert {one.ref.resource for one in index.holders("email:k0@x.example")} == {"contact", "lead"}
    assert (index.size("a"), index.complete_since("a") is not None) == (14, True)


async def test_a_source_that_outgrew_the_limit_is_complete_no_more() -> None:
    source, index = crm(3), MemoryIndex()
    await Filling(index, FakeClock(), "US", 4, no_sleep).all([source])
    assert index.complete_since("a") is not None
    for number in range(3, 9):
        source.put(str(number), emails=[], created=at(number), updated=at(0), at=1)
    await Filling(index, FakeClock(), "US", 4, no_sleep).all([source])
    assert index.complete_since("a") is None


async def test_a_failure_that_is_not_ours_is_logged_without_a_word_of_the_record_and_tried_again() -> None:
    source = crm()
    source.refuse = [ValueError("anna@private.example")]
    with capture_logs() as logs:
        index, slept = await filled(source)
    assert (index.size("a"), slept) == (7, [PAUSES[0]])
    assert [one["error"] for one in logs if one["log_level"] == "error"] == ["ValueError"]
    assert "anna@private.example" not in repr(logs)


async def test_a_cancelled_filling_takes_its_call_along() -> None:
    source = crm()
    source.hang = asyncio.Event()
    filling = asyncio.create_task(Filling(MemoryIndex(), FakeClock(), "US", 100, no_sleep).all([source]))
    await source.hang.wait()
    filling.cancel()
    await asyncio.gather(filling, return_exceptions=True)
    assert source.let_go


async def test_no_reply_is_kept_beyond_its_page() -> None:
    source, alive = crm(30), list[int]()
    gc.collect()
    before = replies_alive()
    source.before_each = lambda call: alive.append(replies_alive() - before)
    await filled(source)
    assert len(alive) == 10
    assert max(alive) <= 3


def replies_alive() -> int:
    return sum(isinstance(one, Reply) for one in gc.get_objects())
