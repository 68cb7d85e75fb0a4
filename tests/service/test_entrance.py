"""Waiting at the entrance, with a clock and timers that are moved by hand."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crmgraph.domain.errors import Overloaded
from crmgraph.service.admission import CALM, TOO_LONG, Admission, Room
from crmgraph.service.entrance import Entrance
from crmgraph.service.errands import Urgency

INTERACTIVE, WRITE, REPORT = Urgency.INTERACTIVE, Urgency.WRITE, Urgency.REPORT


class Hands:
    """A clock, and the timers that go by it."""

    def __init__(self) -> None:
        self.time = 100.0
        self.timers: dict[object, tuple[float, Callable[[], None]]] = {}

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def monotonic(self) -> float:
        return self.time

    def call_later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        key = object()
        self.timers[key] = (self.time + seconds, do)
        return lambda: self.timers.pop(key, None) and None

    async def move(self, seconds: float) -> None:
        self.time += seconds
        for key in [key for key, (when, _) in self.timers.items() if when <= self.time]:
            self.timers.pop(key)[1]()
        await settled()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Visitor:
    """One who comes, stays until they are told to go, and remembers how it was."""

    def __init__(self, entrance: Entrance, urgency: Urgency = INTERACTIVE, patience: float = 60.0) -> None:
        self.waited: float | None = None
        self.end = asyncio.Event()
        self.task = asyncio.create_task(self._visit(entrance, urgency, patience))

    async def _visit(self, entrance: Entrance, urgency: Urgency, patience: float) -> None:
        async with entrance.enter(urgency, patience) as self.waited:
            await self.end.wait()

    async def go(self) -> None:
        self.end.set()
        await self.task


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def entrance(hands: Hands) -> Entrance:
    return Entrance(Admission(Room(at_once=1, waiting=2, max_wait=2.0)), hands, hands.call_later)


async def test_who_waits_comes_in_when_a_place_is_free_and_knows_how_long_it_took(
    entrance: Entrance, hands: Hands
) -> None:
    first, second = Visitor(entrance), Visitor(entrance)
    await settled()
    await hands.move(1.5)
    assert (first.waited, second.waited) == (0.0, None)
    await first.go()
    await settled()
    assert second.waited == 1.5
    await second.go()
    assert (entrance.admission.inside, entrance.admission.waiting, hands.timers) == (0, 0, {})


async def test_who_has_waited_for_long_enough_is_turned_away_with_a_time_to_come_back(
    entrance: Entrance, hands: Hands
) -> None:
    first, second, third = Visitor(entrance), Visitor(entrance), Visitor(entrance, patience=0.5)
    await settled()
    await hands.move(0.5)
    assert (second.task.done(), third.task.done()) == (False, True)
    await hands.move(1.5)
    for one in (second, third):
        with pytest.raises(Overloaded) as refused:
            await one.task
        assert refused.value.retry_after == 2
        assert refused.value.message == "This server has as many questions as it can answer; ask again in 2 s."
    await first.go()
    assert (entrance.admission.inside, entrance.admission.waiting) == (0, 0)


async def test_who_is_one_too_many_is_turned_away_without_waiting(entrance: Entrance, hands: Hands) -> None:
    visitors = [Visitor(entrance) for _ in range(3)]
    await settled()
    with pytest.raises(Overloaded):
        async with entrance.enter(INTERACTIVE, 60.0):
            raise AssertionError("There was no room.")
    assert hands.time == 100.0
    for one in visitors:
        await one.go()


async def test_a_report_makes_way_for_a_write_and_is_told_at_once(entrance: Entrance) -> None:
    first, report, other = Visitor(entrance), Visitor(entrance, REPORT), Visitor(entrance)
    await settled()
    write = Visitor(entrance, WRITE)
    await settled()
    with pytest.raises(Overloaded):
        await report.task
    await first.go()
    await settled()
    assert (write.waited, other.waited) == (0.0, None)
    await write.go()
    await other.go()


async def test_a_waiter_who_is_cancelled_leaves_their_place_in_the_queue(entrance: Entrance, hands: Hands) -> None:
    first, gone, last = Visitor(entrance), Visitor(entrance), Visitor(entrance)
    await settled()
    gone.task.cancel()
    await settled()
    assert (entrance.admission.waiting, len(hands.timers)) == (1, 1)
    await first.go()
    await settled()
    assert last.waited == 0.0
    await last.go()


async def test_who_is_cancelled_in_the_moment_of_being_let_in_holds_no_place(entrance: Entrance) -> None:
    first = entrance.admission.arrive(100.0, INTERACTIVE)
    second = Visitor(entrance)
    await settled()
    entrance.admission.leave(100.0, first)
    assert entrance.admission.inside == 1
    second.task.cancel()
    await settled()
    assert (entrance.admission.inside, second.waited) == (0, None)


async def test_a_failure_inside_gives_the_place_back(entrance: Entrance) -> None:
    with pytest.raises(ZeroDivisionError):
        async with entrance.enter(INTERACTIVE, 1.0):
            raise ZeroDivisionError
    assert entrance.admission.inside == 0


async def test_it_is_overloaded_while_many_are_turned_away_and_for_a_while_after(
    entrance: Entrance, hands: Hands
) -> None:
    stays = Visitor(entrance)
    entrance.admission.room = Room(at_once=1, waiting=0, max_wait=2.0)
    await settled()

    async def is_turned_away() -> None:
        with pytest.raises(Overloaded):
            await Visitor(entrance).task

    await is_turned_away()
    assert not entrance.is_overloaded
    await hands.move(TOO_LONG)
    await is_turned_away()
    assert entrance.is_overloaded
    await hands.move(CALM)
    assert entrance.is_overloaded
    await hands.move(0.1)
    assert not entrance.is_overloaded
    await stays.go()
