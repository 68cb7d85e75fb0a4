"""What a source's calls tell its breaker, and what the breaker keeps them from."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from tests.sources.given import FakeClock, Told, call, reading

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import BadReply, Denied, InputError, Throttled, Unavailable
from crmgraph.service.breakers import BreakerState, BreakerStatus
from crmgraph.service.errands import ERRAND, Errand
from crmgraph.sources.breaker import Breaker, BreakerRule, Tripped
from crmgraph.sources.breaking import A_WHILE, breaking, sparing, status_of
from crmgraph.sources.tallying import tallied

Came = Reply | Exception


class Crm:
    """Answers what is next, after `seconds` each."""

    def __init__(self, clock: FakeClock, *came: Came, seconds: float = 0.0) -> None:
        self.clock, self.came, self.seconds, self.calls = clock, list(came), seconds, 0

    async def __call__(self, asked: Call) -> Reply:
        self.calls += 1
        self.clock.time += self.seconds
        one = self.came.pop(0) if self.came else Reply(200, {}, b"{}")
        if isinstance(one, Reply):
            return one
        raise one


def _breaker(clock: FakeClock, **rule: object) -> Breaker:
    return Breaker("sales", BreakerRule(**{"failures": 1, "open": 5.0, **rule}), clock, lambda: 0.0)


async def _state_after(came: Came, asked: Call) -> BreakerState:
    clock = FakeClock()
    breaker = _breaker(clock)
    await asyncio.gather(breaking(Crm(clock, came), breaker, clock)(asked), return_exceptions=True)
    return breaker.state


BAD: list[Came] = [
    Unavailable("sales", "sales did not answer within 4 s."),
    Reply(500, {}, b"{}"),
    Reply(503, {}, b"{}"),
    Reply(408, {}, b"{}"),
    Reply(200, {}, b"<!DOCTYPE html>"),
    Reply(200, {}, b""),
    Reply(200, {}, b'{"data": [1, 2'),
]

GOOD: list[Came] = [
    Reply(200, {}, b"{}"),
    Reply(204),
    Reply(304),
    Reply(302, {}, b"<html>"),
    Reply(400, {}, b"<html>"),
    Reply(401),
    Reply(403),
    Reply(404),
    Reply(409),
    Reply(422),
    Reply(429),
    BadReply("sales", "sales sent more than fits in one reply."),
    Denied("sales", "sales refused our credentials."),
    Throttled("sales", "sales asks us to slow down."),
    InputError("ours"),
]


@pytest.mark.parametrize("came", BAD, ids=str)
async def test_a_call_counts_as_failed_after(came: Came) -> None:
    assert await _state_after(came, reading()) is BreakerState.OPEN


@pytest.mark.parametrize("came", GOOD, ids=str)
async def test_a_call_does_not_count_as_failed_after(came: Came) -> None:
    assert await _state_after(came, reading()) is BreakerState.CLOSED


async def test_a_write_may_be_answered_without_json() -> None:
    assert await _state_after(Reply(200, {}, b"OK"), call(method="DELETE")) is BreakerState.CLOSED
    assert await _state_after(Reply(500), call(method="DELETE")) is BreakerState.OPEN


@pytest.mark.parametrize(
    ("seconds", "deadline", "state"),
    [
        (A_WHILE, A_WHILE, BreakerState.OPEN),
        (A_WHILE, A_WHILE + 9, BreakerState.CLOSED),
        (A_WHILE / 2, A_WHILE / 2, BreakerState.CLOSED),
    ],
    ids=["the request's whole time", "its caller left", "it had no time"],
)
async def test_a_call_that_is_given_up_failed_only_if_it_used_up(seconds, deadline, state) -> None:
    clock = FakeClock()
    breaker = _breaker(clock)

    async def hanging(asked: Call) -> Reply:
        await asyncio.Event().wait()
        return Reply(200)

    ERRAND.set(Errand(clock.time + deadline))
    task = asyncio.create_task(breaking(hanging, breaker, clock)(reading()))
    await asyncio.sleep(0)
    clock.time += seconds
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert breaker.state is state


async def test_an_open_one_makes_no_call_nor_counts_one_and_afterwards_lets_one_through() -> None:
    clock = FakeClock()
    breaker, crm, told = _breaker(clock), Crm(clock, Reply(500)), Told()
    read = sparing(tallied(breaking(crm, breaker, clock)), breaker)
    await read(reading(), told)
    for _ in range(3):
        with pytest.raises(Tripped):
            await read(reading(), told)
    assert (crm.calls, told.calls) == (1, 1)
    clock.time += 5.0
    await read(reading(), told)
    assert (crm.calls, told.calls, breaker.state) == (2, 2, BreakerState.CLOSED)


async def test_who_waited_for_a_turn_when_it_opened_makes_no_call_either() -> None:
    clock = FakeClock()
    breaker, crm = _breaker(clock), Crm(clock)
    turn = asyncio.Event()

    async def waiting(asked: Call) -> Reply:
        await turn.wait()
        return await breaking(crm, breaker, clock)(asked)

    task = asyncio.create_task(sparing(tallied(waiting), breaker)(reading(), Told()))
    await asyncio.sleep(0)
    breaker.end(breaker.begin(), True)
    turn.set()
    with pytest.raises(Tripped):
        await task
    assert crm.calls == 0


async def test_a_dry_run_tells_what_it_would_do_and_lets_everything_through() -> None:
    clock = FakeClock()
    breaker, crm = _breaker(clock, mode="dry_run"), Crm(clock, Reply(500), Reply(500))
    read = sparing(tallied(breaking(crm, breaker, clock)), breaker)
    with capture_logs() as logs:
        for _ in range(3):
            await read(reading(), Told())
    assert (crm.calls, breaker.refuses) == (3, False)
    assert status_of(breaker, clock) == BreakerStatus(
        BreakerState.OPEN, 1, clock.now(), clock.now() + timedelta(seconds=5), dry_run=True
    )
    assert [(one["event"], one["dry_run"]) for one in logs] == [("a source keeps failing and is left alone", True)]


async def test_one_that_is_off_counts_nothing() -> None:
    clock = FakeClock()
    breaker, crm = _breaker(clock, mode="off"), Crm(clock, *[Reply(500)] * 3)
    read = sparing(tallied(breaking(crm, breaker, clock)), breaker)
    for _ in range(3):
        await read(reading(), Told())
    assert (status_of(breaker, clock), breaker.failures, crm.calls) == (None, 0, 3)


async def test_its_opening_and_its_closing_are_logged_and_told_in_the_wall_clocks_times() -> None:
    clock = FakeClock()
    breaker, crm = _breaker(clock), Crm(clock, Reply(500))
    send = breaking(crm, breaker, clock)
    assert status_of(breaker, clock) == BreakerStatus(BreakerState.CLOSED, 0, None, None, dry_run=False)
    with capture_logs() as logs:
        await send(reading())
        opened = clock.now()
        clock.time += 5.0
        assert status_of(breaker, clock) == BreakerStatus(
            BreakerState.HALF_OPEN, 1, opened, opened + timedelta(seconds=5), dry_run=False
        )
        await send(reading())
    assert [one["event"] for one in logs] == ["a source keeps failing and is left alone", "a source is back"]
    assert logs[0]["seconds"] == 5.0
