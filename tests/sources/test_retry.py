"""Calling once more: when, after what pause, how often, and how rarely."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.given import FakeClock, Told, call, reading

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import BadReply, Denied, SourceError, Throttled, Unavailable
from crmgraph.service.errands import ERRAND, Errand
from crmgraph.sources.breaker import Tripped
from crmgraph.sources.retry import FIRST_PAUSE, FLOOR, LONGEST_PAUSE, MOST, REGAINED, SHARE, Budget, Retrying, retried
from crmgraph.sources.tallying import tallied

DOWN = Unavailable("sales", "sales did not answer within 4 s.")
Came = Reply | SourceError


class Crm:
    """Answers what is next, at last 200; each call takes `seconds`."""

    def __init__(self, *came: Came, seconds: float = 0.0) -> None:
        self.clock, self.came, self.seconds, self.times = FakeClock(), list(came), seconds, list[float]()

    async def __call__(self, asked: Call) -> Reply:
        self.times.append(self.clock.time)
        self.clock.time += self.seconds
        one = self.came.pop(0) if self.came else Reply(200, {}, b"{}")
        if isinstance(one, Reply):
            return one
        raise one

    def read(self, told: Told, attempts: int = 3, chance: Callable[[], float] = lambda: 0.0) -> Callable[..., object]:
        how = Retrying("sales", attempts, 60.0, self.clock, self.clock.sleep, chance)
        read = retried(tallied(self), how)
        return lambda asked=None: read(asked or reading(), told)


PASSING: list[Came] = [DOWN, *(Reply(status) for status in (408, 425, 429, 500, 502, 503, 504, 520))]


@pytest.mark.parametrize("came", PASSING, ids=str)
async def test_what_may_pass_is_tried_again_and_each_attempt_counts(came: Came) -> None:
    crm, told = Crm(came, came), Told()
    assert (await crm.read(told)()).status == 200
    assert (len(crm.times), told.calls) == (3, 3)


STAYING: list[Came] = [
    *(Reply(status) for status in (200, 204, 302, 304, 400, 401, 403, 404, 409, 422, 501, 505)),
    Reply(200, {}, b"<!DOCTYPE html>"),
    BadReply("sales", "sales sent more than fits in one reply."),
    Denied("sales", "sales refused our credentials."),
    Throttled("sales", "sales has been asked as often as its rate allows."),
    Tripped("sales", "sales has kept failing."),
]


@pytest.mark.parametrize("came", STAYING, ids=str)
async def test_what_will_be_the_same_again_is_asked_once(came: Came) -> None:
    crm = Crm(came)
    await asyncio.gather(crm.read(Told())(), return_exceptions=True)
    assert len(crm.times) == 1


async def test_a_call_that_writes_is_never_sent_again() -> None:
    crm = Crm(Unavailable("sales", "sales cannot be reached: connection refused."))
    with pytest.raises(Unavailable):
        await crm.read(Told())(call(method="POST"))
    assert len(crm.times) == 1


async def test_after_the_last_attempt_its_own_failure_is_told() -> None:
    crm = Crm(Reply(500), Reply(502), Reply(503, {}, b"last"))
    assert (await crm.read(Told())()).content == b"last"
    crm = Crm(Reply(500), DOWN)
    with pytest.raises(Unavailable) as caught:
        await crm.read(Told(), attempts=2)()
    assert caught.value is DOWN


@pytest.mark.parametrize("refusal", [Throttled("sales", "not now"), Tripped("sales", "left alone")], ids=str)
async def test_where_it_is_not_its_turn_again_what_the_crm_came_to_is_told(refusal: SourceError) -> None:
    assert (await Crm(Reply(500), refusal).read(Told())()).status == 500
    with pytest.raises(Unavailable) as caught:
        await Crm(DOWN, refusal).read(Told())()
    assert caught.value is DOWN


async def test_pauses_are_left_to_chance_as_a_whole_and_double_up_to_the_longest() -> None:
    crm = Crm(*[Reply(200)] * 40, *[Reply(500)] * 9)
    read = crm.read(Told(), attempts=10, chance=lambda: 1.0)
    for _ in range(41):  # Each earns a share of a retry.
        await read()
    assert crm.clock.slept == [min(LONGEST_PAUSE, FIRST_PAUSE * 2**n) for n in range(9)]
    crm = Crm(Reply(500))
    await crm.read(Told(), chance=lambda: 0.5)()
    assert crm.clock.slept == [FIRST_PAUSE / 2]


LATER = {"retry-after": "Thu, 01 Jan 2026 00:00:07 GMT", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}


@pytest.mark.parametrize("headers", [{"retry-after": "7"}, LATER], ids=["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_crm_that_says_when_is_asked_then_and_a_little_later(status: int, headers: dict[str, str]) -> None:
    crm = Crm(Reply(status, headers))
    await crm.read(Told(), chance=lambda: 0.5)()
    assert crm.clock.slept == [7.0 + FIRST_PAUSE / 2]


async def test_no_attempt_is_made_that_would_come_too_late() -> None:
    """One that takes as long as the last one must fit into the time that is left, its pause included."""
    for left, attempts in ((7.9, 1), (8.1, 2)):
        crm = Crm(DOWN, DOWN, seconds=4.0)
        ERRAND.set(Errand(crm.clock.time + left))
        with pytest.raises(Unavailable):
            await crm.read(Told())()
        assert len(crm.times) == attempts
    crm = Crm(Reply(429, {"retry-after": "30"}))
    ERRAND.set(Errand(crm.clock.time + 20))
    assert (await crm.read(Told())()).status == 429
    assert len(crm.times) == 1


async def test_all_attempts_together_have_a_time_of_their_own() -> None:
    """However long each may take: what the CRM came to before is told, or that it did not answer."""
    begun = 0

    async def hanging(asked: Call) -> Reply:
        nonlocal begun
        begun += 1
        if begun % 2:
            return Reply(500)
        await asyncio.Event().wait()
        raise AssertionError

    clock = FakeClock()
    how = Retrying("sales", 3, 0.05, clock, clock.sleep, lambda: 0.0)
    read = retried(tallied(hanging), how)
    assert (await read(reading(), Told())).status == 500
    begun = 1
    with pytest.raises(Unavailable, match=r"^sales did not answer within 0\.05 s in all\.$"):
        await read(reading(), Told())


async def test_a_crm_that_fails_as_a_whole_is_asked_a_fifth_more_and_a_few_times() -> None:
    crm, told = Crm(*[Reply(500)] * 10_000), Told()
    read = crm.read(told)
    for _ in range(1000):
        await read()
    assert 1000 * (1 + SHARE) <= told.calls <= 1000 * (1 + SHARE) + FLOOR


async def test_a_source_that_is_seldom_asked_may_be_tried_again() -> None:
    crm, told = Crm(*[Reply(500)] * 100), Told()
    read = crm.read(told)
    for _ in range(5):
        await read()
        crm.clock.time += FLOOR / REGAINED
    assert told.calls == 15


@given(st.lists(st.tuples(st.sampled_from(["earn", "spend"]), st.floats(0, 100)), max_size=200))
def test_retries_are_never_more_than_what_was_earned(steps: list[tuple[str, float]]) -> None:
    """Over any span: a share of the calls, what the seconds give, and what was saved up before."""
    clock = FakeClock()
    budget = Budget(clock)
    calls = spent = 0
    for what, seconds in steps:
        clock.time += seconds
        if what == "earn":
            budget.earn()
            calls += 1
        else:
            spent += budget.spend()
        assert spent <= FLOOR + SHARE * calls + REGAINED * (clock.time - 1000.0) + 1e-6
    assert budget._left <= MOST
