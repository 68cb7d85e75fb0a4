"""When a CRM that keeps failing is left alone: the state machine by itself, held to laws and shown by examples."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from tests.sources.given import FakeClock

from crmgraph.service.breakers import BreakerState
from crmgraph.sources.breaker import JITTER, LONGEST, Breaker, BreakerRule, Pass, Tripped

RULE = BreakerRule(failures=3, window=30.0, open=5.0)


def _breaker(clock: FakeClock, rule: BreakerRule = RULE, chance: float = 0.0) -> Breaker:
    return Breaker("sales", rule, clock, lambda: chance)


def _calls(breaker: Breaker, *failed: bool | None) -> None:
    for one in failed:
        breaker.end(breaker.begin(), one)


class Laws(RuleBasedStateMachine):
    """Calls begin and end in any order, and time passes."""

    passes = Bundle("passes")

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.breaker = _breaker(self.clock)
        self.out: list[Pass] = []
        self.since_open: list[Pass] = []
        self.failed_at: list[float] = []

    @rule(target=passes)
    def begin(self) -> Pass | None:
        before = self.breaker.state
        trials = list(self.since_open)
        if before is BreakerState.OPEN or (before is BreakerState.HALF_OPEN and trials):
            with pytest.raises(Tripped) as caught:
                self.breaker.begin()
            assert caught.value.retry_after == max(0.0, self.breaker.until - self.clock.time)
            assert not caught.value.sent
            return None
        given = self.breaker.begin()
        self.out.append(given)
        if before is BreakerState.HALF_OPEN:
            assert not trials, "A second call went out while one was finding out."
            self.since_open = [given]
        return given

    @rule(given=consumes(passes), failed=st.sampled_from([True, True, False, None]))
    def end(self, given: Pass | None, failed: bool | None) -> None:
        if given is None:
            return
        before, trial = self.breaker.state, given in self.since_open
        self.out.remove(given)
        if failed:
            self.failed_at.append(self.clock.time)
        self.breaker.end(given, failed)
        after = self.breaker.state
        if trial:
            self.since_open = []
            assert after is {True: BreakerState.OPEN, False: BreakerState.CLOSED, None: BreakerState.HALF_OPEN}[failed]
        elif after is not before:
            assert (before, after, failed) == (BreakerState.CLOSED, BreakerState.OPEN, True)
            recent = [one for one in self.failed_at if one > self.clock.time - RULE.window]
            assert len(recent) >= RULE.failures, "It opened with too few failures."

    @rule(seconds=st.floats(0.0, 20.0))
    def pass_time(self, seconds: float) -> None:
        before = self.breaker.state
        self.clock.time += seconds
        after = self.breaker.state
        assert after is before or (before, after) == (BreakerState.OPEN, BreakerState.HALF_OPEN)

    @invariant()
    def an_open_one_lets_nobody_through_and_ends(self) -> None:
        state = self.breaker.state
        assert (self.breaker.refusal() is None) == (
            state is BreakerState.CLOSED or (state is BreakerState.HALF_OPEN and not self.since_open)
        )
        assert self.breaker.until - self.clock.time <= LONGEST


TestLaws = Laws.TestCase
TestLaws.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_it_opens_when_enough_of_the_last_calls_failed_and_says_when_it_tries_again() -> None:
    clock = FakeClock()
    breaker = _breaker(clock)
    _calls(breaker, True, False, True, True)
    with pytest.raises(Tripped) as caught:
        breaker.begin()
    assert caught.value.message == "sales has kept failing and is left alone; it is tried again in 5 s."
    assert (caught.value.retry_after, caught.value.code) == (5.0, "UNAVAILABLE")


@pytest.mark.parametrize(
    "calls",
    [
        [True, True],
        [True, False, False, False, False, False, True, True],
        [None] * 9,
        [False] * 9,
    ],
    ids=["too few", "too few of the last ones", "none that tells anything", "good ones"],
)
def test_it_stays_closed_after(calls: list[bool | None]) -> None:
    breaker = _breaker(FakeClock())
    _calls(breaker, *calls)
    assert breaker.state is BreakerState.CLOSED


def test_failures_that_are_long_ago_do_not_count() -> None:
    clock = FakeClock()
    breaker = _breaker(clock)
    _calls(breaker, True, True)
    clock.time += RULE.window
    _calls(breaker, True, True)
    assert (breaker.state, breaker.failures) == (BreakerState.CLOSED, 2)


def test_each_trial_that_fails_doubles_the_time_up_to_the_longest_and_a_good_one_starts_afresh() -> None:
    clock, times = FakeClock(), []
    breaker = _breaker(clock)
    _calls(breaker, True, True, True)
    for _ in range(7):
        times.append(breaker.until - clock.time)
        clock.time = breaker.until
        _calls(breaker, True)
    assert times == [5.0, 10.0, 20.0, 40.0, LONGEST, LONGEST, LONGEST]
    clock.time = breaker.until
    _calls(breaker, False)
    assert (breaker.state, breaker.failures) == (BreakerState.CLOSED, 0)
    _calls(breaker, True, True, True)
    assert breaker.until - clock.time == 5.0


def test_a_part_of_the_open_time_is_left_to_chance() -> None:
    clock = FakeClock()
    breaker = _breaker(clock, chance=1.0)
    _calls(breaker, True, True, True)
    assert breaker.until - clock.time == 5.0 * (1 - JITTER)


def test_half_open_a_single_call_goes_out_and_one_that_is_cancelled_gives_its_place_back() -> None:
    clock = FakeClock()
    breaker = _breaker(clock)
    _calls(breaker, True, True, True)
    clock.time += 5.0
    trial = breaker.begin()
    with pytest.raises(Tripped, match=r"left alone; one call is finding out whether it is back\.$"):
        breaker.begin()
    breaker.end(trial, None)
    breaker.end(breaker.begin(), False)
    assert breaker.state is BreakerState.CLOSED


def test_what_began_before_it_opened_decides_nothing_afterwards() -> None:
    clock = FakeClock()
    breaker = _breaker(clock)
    late = [breaker.begin() for _ in range(4)]
    _calls(breaker, True, True, True)
    breaker.end(late[0], False)
    breaker.end(late[1], True)
    assert (breaker.state, breaker.until - clock.time) == (BreakerState.OPEN, 5.0)
    clock.time += 5.0
    trial = breaker.begin()
    breaker.end(late[2], False)
    assert breaker.refusal() is not None
    breaker.end(trial, False)
    breaker.end(late[3], True)
    assert (breaker.state, breaker.failures) == (BreakerState.CLOSED, 0)
