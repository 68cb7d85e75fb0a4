"""How hard a source is asked, by a clock that is turned by hand."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.given import FakeClock, call

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.rates import Rate
from crmgraph.connectors.spec import QuotaSpec
from crmgraph.domain.errors import Throttled
from crmgraph.service.ports import Quota
from crmgraph.sources.limit import LONGEST_PAUSE, Limiter, limited
from crmgraph.sources.windows import Window, Windows

QUOTA = QuotaSpec(window="1m", limit="X-RateLimit-Limit", remaining="X-RateLimit-Remaining")


class Crm:
    """Writes down when it was called and answers what is next, at last 200."""

    def __init__(self, clock: FakeClock, *replies: Reply) -> None:
        self.clock = clock
        self.replies = list(replies)
        self.times: list[float] = []
        self.paths: list[str] = []

    async def __call__(self, asked: Call) -> Reply:
        self.times.append(self.clock.time)
        self.paths.append(asked.path)
        return self.replies.pop(0) if self.replies else Reply(200)


def _limiter(clock: FakeClock, **given: Any) -> Limiter:
    rates = [Rate(*one) for one in given.pop("rates", ())]
    told = {"concurrency": 8, "patience": 10.0, "windows": Windows(rates, 0.2), "learns": not rates, **given}
    return Limiter("sales", clock=clock, sleep=clock.sleep, **told)


async def _times(*replies: Reply, calls: int, clock: FakeClock, **given: Any) -> list[float]:
    """When each of `calls` calls in a row was made, in seconds since the first."""
    crm = Crm(clock, *replies)
    send = limited(crm, _limiter(clock, **given))
    for _ in range(calls):
        await send(call())
    return [time - crm.times[0] for time in crm.times]


async def test_calls_within_the_rate_do_not_wait() -> None:
    clock = FakeClock()
    assert await _times(calls=5, clock=clock, rates=[(5, 10.0)]) == [0.0] * 5
    assert clock.slept == []


async def test_calls_beyond_the_rate_wait_until_the_first_ones_are_long_enough_ago() -> None:
    assert await _times(calls=6, clock=FakeClock(), rates=[(2, 4.0)]) == pytest.approx(
        [0.0, 0.0, 4.08, 4.08, 8.16, 8.16]
    )


async def test_calls_at_once_keep_to_the_rate_in_the_order_they_came() -> None:
    clock = FakeClock()
    limiter = _limiter(clock, rates=[(1, 3.0)], concurrency=3)
    crm = Crm(clock)
    await asyncio.gather(*(limited(crm, limiter)(call(f"/{number}")) for number in range(3)))
    assert [time - crm.times[0] for time in crm.times] == pytest.approx([0.0, 3.06, 6.12])
    assert crm.paths == ["/0", "/1", "/2"]


async def test_a_call_that_would_wait_too_long_is_refused_at_once_and_says_for_how_long() -> None:
    clock = FakeClock()
    limiter = _limiter(clock, rates=[(1, 30.0)])
    send = limited(Crm(clock), limiter)
    await send(call())
    assert not limiter.closed
    with pytest.raises(Throttled) as caught:
        await send(call())
    assert caught.value.message == "sales has been asked as often as its rate allows; it can be asked again in 31 s."
    assert caught.value.retry_after == 30.25
    assert clock.slept == []
    assert limiter.closed
    clock.time += 30.25
    assert not limiter.closed
    await send(call())


async def test_a_refused_call_takes_nobodys_place_and_uses_up_no_rate() -> None:
    clock = FakeClock()
    send = limited(Crm(clock), _limiter(clock, rates=[(1, 30.0)], concurrency=1))
    await send(call())
    for _ in range(3):
        with pytest.raises(Throttled):
            await send(call())
    clock.time += 30.25
    await send(call())
    assert clock.slept == []


@given(
    st.integers(1, 4),
    st.floats(0.5, 20.0),
    st.lists(st.floats(0.0, 30.0), min_size=1, max_size=25),
)
def test_no_span_of_time_ever_sees_more_calls_than_the_rate(count: int, seconds: float, gaps: list[float]) -> None:
    window, now, starts = Window(seconds), 0.0, []
    for gap in gaps:
        now += gap
        now = max(now, window.earliest(now, count))
        window.take(now)
        starts.append(now)
    for first, beyond in zip(starts, starts[count:], strict=False):
        assert beyond - first >= seconds - 1e-6


async def test_no_more_calls_are_under_way_than_allowed() -> None:
    limiter = _limiter(FakeClock(), concurrency=2)
    running = most = 0

    async def crm(asked: Call) -> Reply:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return Reply(200)

    await asyncio.gather(*(limited(crm, limiter)(call()) for _ in range(9)))
    assert most == 2


async def test_when_no_place_becomes_free_the_call_is_refused_and_a_cancelled_call_frees_its_place() -> None:
    limiter = _limiter(FakeClock(), concurrency=1, patience=0.01)

    async def hanging(asked: Call) -> Reply:
        await asyncio.Event().wait()
        return Reply(200)

    stuck = asyncio.create_task(limited(hanging, limiter)(call()))
    await asyncio.sleep(0)
    with pytest.raises(Throttled) as caught:
        await limited(hanging, limiter)(call())
    assert caught.value.message == "sales is asked at most 1 times at once, and no such call ended within 0.01 s."
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)
    assert (await limited(Crm(FakeClock()), limiter)(call())).status == 200


PAUSES = [
    (Reply(429, {"retry-after": "5"}), {}, 5.0),
    (Reply(503, {"retry-after": "5"}), {}, 5.0),
    (Reply(503), {}, 0.0),
    (Reply(429), {}, 1.0),
    (Reply(429), {"rates": [(100, 4.0)]}, 4.0),
    (Reply(200, {"retry-after": "5"}), {}, 0.0),
]


@pytest.mark.parametrize(("reply", "limits", "pause"), PAUSES)
async def test_after_a_call_for_a_pause_the_next_call_waits_as_long_as_it_says(reply, limits, pause) -> None:
    assert await _times(reply, calls=2, clock=FakeClock(), **limits) == [0.0, pause]


async def test_a_pause_longer_than_anybody_waits_is_refused_at_once_until_it_is_over() -> None:
    clock = FakeClock()
    limiter = _limiter(clock)
    send = limited(Crm(clock, Reply(429, {"retry-after": "60"})), limiter)
    await send(call())
    clock.time += 20.0
    assert limiter.closed
    with pytest.raises(Throttled) as caught:
        await send(call())
    assert caught.value.message == "sales asked for a pause; it can be asked again in 40 s."
    assert caught.value.retry_after == 40.0
    clock.time += 40.0
    assert not limiter.closed
    assert (await send(call())).status == 200


async def test_a_pause_that_is_asked_for_while_a_call_waits_for_its_turn_is_kept_too() -> None:
    clock = FakeClock()
    limiter = _limiter(clock, rates=[(1, 2.0)])
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.time += seconds
        if len(naps) == 1:
            limiter.learn(Reply(429, {"retry-after": "3"}))

    limiter._sleep = sleep
    crm = Crm(clock)
    await limited(crm, limiter)(call())
    await limited(crm, limiter)(call())
    assert crm.times[1] - crm.times[0] >= 5.0


async def test_nobody_is_shut_out_for_ever_by_a_wrong_number() -> None:
    clock = FakeClock()
    send = limited(Crm(clock, Reply(429, {"retry-after": "9" * 400})), _limiter(clock))
    await send(call())
    clock.time += LONGEST_PAUSE
    assert (await send(call())).status == 200


def _left(limit: int, remaining: int) -> Reply:
    return Reply(200, {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(remaining)})


async def test_the_allowance_last_told_is_remembered() -> None:
    clock = FakeClock()
    limiter = _limiter(clock, quotas=[QUOTA])
    send = limited(Crm(clock, _left(60, 59), _left(60, 58), Reply(200)), limiter)
    assert limiter.quota == ()
    for _ in range(3):
        await send(call())
    assert limiter.quota == (Quota("1m", 60, 58),)


async def test_without_a_rate_the_allowance_that_replies_tell_is_kept_to() -> None:
    times = await _times(_left(2, 1), _left(2, 1), calls=4, clock=FakeClock(), quotas=[QUOTA], patience=100.0)
    assert times == [0.0, 0.0, 0.0, 60.25]


async def test_a_rate_that_the_operator_chose_stands_above_what_replies_tell() -> None:
    replies = [_left(1, 0)] * 3
    assert await _times(*replies, calls=4, clock=FakeClock(), quotas=[QUOTA], rates=[(9, 1.0)]) == [0.0] * 4
