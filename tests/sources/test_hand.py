"""Workers that share an allowance by leases, without any store: the arithmetic of both sides, in every order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmgraph.connectors.rates import Rate
from crmgraph.service.allowances import LONGEST, Lease, Ledger, Wish, ceiling, decided, part, weighs
from crmgraph.sources.hand import UNTOLD, Hand

RESERVE = 0.2
NAMES: Iterator[int] = count()


@dataclass
class Crew:
    """Some workers, the messages between them and one ledger, and the time; everything happens when it is told to."""

    rates: tuple[Rate, ...]
    size: int
    time: float = 0.0
    clock: float = 1_000.0
    ledger: Ledger = field(default_factory=Ledger)
    begun: list[tuple[float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hands = [self.hand() for _ in range(self.size)]
        self.asking: dict[int, tuple[Wish, float]] = {}
        self.answers: dict[int, tuple[Wish, Lease, float]] = {}
        self.late: list[Wish] = []

    def hand(self) -> Hand:
        return Hand(self.size, RESERVE, lambda: f"lease {next(NAMES)}")

    def call(self, worker: int, urgent: bool) -> None:
        if self.hands[worker].serves(self.time, urgent):
            self.hands[worker].take(self.time, urgent)
            self.begun.append((self.time, urgent))

    def ask(self, worker: int, urgent: bool) -> None:
        """One wish of a worker is under way at a time; asking anew means that the answer is waited for no longer."""
        self.answers.pop(worker, None)
        if worker in self.asking:
            self.late.append(self.asking.pop(worker)[0])
        self.asking[worker] = (self.hands[worker].wish(self.rates, self.time, urgent), self.time)

    def decide(self, worker: int) -> None:
        if worker in self.asking:
            wish, asked = self.asking.pop(worker)
            self.ledger, lease = decided(self.ledger, wish, self.clock)
            self.answers[worker] = (wish, lease, asked)

    def answer(self, worker: int) -> None:
        if worker in self.answers:
            self.hands[worker].given(*self.answers.pop(worker))

    def arrive_late(self) -> None:
        """What nobody waits for is decided on all the same."""
        if self.late:
            self.ledger, _ = decided(self.ledger, self.late.pop(0), self.clock)

    def crash(self, worker: int) -> None:
        self.asking.pop(worker, None)
        self.answers.pop(worker, None)
        self.hands[worker] = self.hand()

    def whole(self, worker: int, urgent: bool = True) -> None:
        """Ask, be answered, and begin all that was lent."""
        self.ask(worker, urgent)
        self.decide(worker)
        self.answer(worker)
        while self.hands[worker].serves(self.time, urgent):
            self.call(worker, urgent)

    def pass_(self, seconds: float, set_back: float = 0.0) -> None:
        self.time += seconds
        self.clock += seconds - set_back


def most(starts: list[float], seconds: float) -> int:
    """The most that begin in any span; a start stands for the span that begins with it."""
    return max((sum(one <= other < one + seconds for other in starts) for one in starts), default=0)


DEEDS = ("whole", "call", "ask", "decide", "answer", "arrive_late", "crash", "pass_", "set back")
WEIGHTS = st.tuples(*(st.integers(0, 9) for _ in DEEDS))
RATES = st.lists(st.builds(Rate, st.integers(1, 8), st.sampled_from([1.0, 4.0, 10.0])), min_size=1, max_size=2)


def happen(crew: Crew, deed: str, chance: Random) -> None:
    if deed == "pass_":
        crew.pass_(chance.choice([0.01, 0.1, 0.3, 1.0]))
    elif deed == "set back":
        crew.pass_(chance.choice([0.01, 0.3, 2.0]), set_back=chance.choice([0.5, 5.0, 50.0]))
    elif deed == "arrive_late":
        crew.arrive_late()
    elif deed in ("whole", "call", "ask"):
        getattr(crew, deed)(chance.randrange(crew.size), chance.random() < 0.6)
    else:
        getattr(crew, deed)(chance.randrange(crew.size))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(RATES, WEIGHTS, st.integers(0, 2**32))
def test_no_span_sees_more_calls_than_the_rate_whatever_workers_messages_and_clocks_do(
    rates: list[Rate], weights: tuple[int, ...], seed: int
) -> None:
    """Times and deeds are drawn by chance within an example: it takes many of them in a row to come near the limit."""
    crew, chance = Crew(tuple({rate.seconds: rate for rate in rates}.values()), 3), Random(seed)
    for deed in chance.choices(DEEDS, [weight + 1 for weight in weights], k=600):
        happen(crew, deed, chance)
    for rate in crew.rates:
        span = weighs(rate.seconds)  # The margin is kept as well.
        assert most([start for start, _ in crew.begun], span) <= rate.count
        assert most([start for start, urgent in crew.begun if not urgent], span) <= ceiling(rate, RESERVE)


def test_workers_that_want_all_there_is_leave_nothing_of_it_unused() -> None:
    crew = Crew((Rate(100, 10.0), Rate(200_000, 86_400.0)), 4)
    for _ in range(600):
        for worker in range(4):
            crew.whole(worker)
        crew.pass_(0.1)
    last = [start for start, _ in crew.begun if start >= 10.0]
    assert len(last) / 500 >= 0.95
    assert most([start for start, _ in crew.begun], 10.0) == 100


def test_one_busy_worker_gets_what_the_idle_ones_do_not_want() -> None:
    crew = Crew((Rate(100, 10.0),), 4)
    for _ in range(40):
        crew.whole(0)
    assert len(crew.begun) == 100


def test_reports_leave_the_reserve_to_the_others() -> None:
    crew = Crew((Rate(10, 10.0),), 2)
    for _ in range(20):
        crew.whole(0, urgent=False)
    assert len(crew.begun) == 8
    for _ in range(20):
        crew.whole(1)
    assert len(crew.begun) == 10


def test_a_worker_that_has_nothing_spare_in_hand_serves_what_is_urgent_alone() -> None:
    hand = Hand(1, RESERVE, lambda: "a")
    hand.given(hand.wish((Rate(10, 10.0),), 0.0), Lease(3, 1), 0.0)
    assert hand.serves(0.5, urgent=False)
    hand.take(0.5, urgent=False)
    assert (hand.serves(0.5, urgent=False), hand.serves(0.5, urgent=True)) == (False, True)
    assert not hand.serves(1.0, urgent=True)


def test_a_lease_that_nobody_gave_back_weighs_as_if_it_were_used_at_its_last_moment() -> None:
    crew = Crew((Rate(4, 10.0),), 1)
    crew.ask(0, True)
    crew.decide(0)
    crew.crash(0)
    crew.pass_(1.0 + weighs(10.0) - 0.01)
    wish = Wish("b", crew.rates, 4, 1.0)
    assert decided(crew.ledger, wish, crew.clock)[1].calls < 4
    assert decided(crew.ledger, wish, crew.clock + 0.02)[1].calls == 4


def test_what_is_given_back_unused_is_lent_to_the_next_at_once() -> None:
    rates = (Rate(4, 10.0),)
    ledger, first = decided(Ledger(), Wish("a", rates, 4, 1.0), 0.0)
    ledger, refused = decided(ledger, Wish("b", rates, 1, 1.0), 0.5)
    ledger, _ = decided(ledger, Wish("c", rates, 0, 1.0, back=("a",), begun=((0.25, 1),)), 0.75)
    _, second = decided(ledger, Wish("d", rates, 4, 1.0), 0.75)
    assert (first.calls, refused.calls, second.calls) == (4, 0, 3)
    assert refused.wait == 1.0


def test_who_is_lent_nothing_is_told_when_something_ceases_to_weigh() -> None:
    rates = (Rate(2, 10.0), Rate(1, 60.0))
    ledger, _ = decided(Ledger(), Wish("a", rates, 0, 1.0, begun=((1.0, 1),)), 0.0)
    _, lease = decided(ledger, Wish("b", rates, 1, 1.0), 0.0)
    assert (lease.calls, lease.wait) == (0, pytest.approx(60.25 - 1.0, abs=0.6))


def test_the_next_lease_is_as_large_as_the_last_ones_were_of_use_and_half_after_a_429() -> None:
    hand, rates, sizes = Hand(1, 0.0, lambda: "a"), (Rate(100, 10.0),), []

    def leased(used: int | None) -> None:
        wish = hand.wish(rates, 0.0)
        sizes.append(wish.calls)
        hand.given(wish, Lease(wish.calls, wish.calls), 0.0)
        for _ in range(wish.calls if used is None else used):
            hand.take(0.0, True)

    for used in (None, None, None, 5, 0):
        leased(used)
    hand.throttled()
    leased(0)
    assert sizes == [12, 24, 48, 50, 5, 2]


def test_after_a_429_half_of_what_is_in_hand_is_not_used() -> None:
    hand = Hand(1, 0.0, lambda: "a")
    hand.given(hand.wish((Rate(100, 10.0),), 0.0), Lease(9, 9), 0.0)
    hand.throttled()
    taken = 0
    while hand.serves(0.0, True):
        hand.take(0.0, True)
        taken += 1
    assert taken == 4


def test_what_began_without_a_store_is_told_when_it_is_back_however_much_it_was() -> None:
    hand, rates = Hand(1, 0.0, lambda: "a"), (Rate(100, 10.0),)
    for call in range(5 * UNTOLD):
        hand.note(call * 1.0)
    wish = hand.wish(rates, 5.0 * UNTOLD)
    assert len(wish.begun) <= UNTOLD
    assert sum(calls for _, calls in wish.begun) == 5 * UNTOLD
    assert hand.wish(rates, 5.0 * UNTOLD).begun == wish.begun  # It was not heard, so it is told again.


@pytest.mark.parametrize(
    ("rate", "workers", "parts"),
    [(Rate(100, 10.0), 4, Rate(25, 10.0)), (Rate(10, 1.0), 3, Rate(3, 1.0)), (Rate(2, 10.0), 4, Rate(1, 20.0))],
)
def test_a_part_is_never_more_than_its_share(rate: Rate, workers: int, parts: Rate) -> None:
    assert part(rate, workers) == parts


def test_what_begins_while_a_wish_is_under_way_is_told_with_the_next() -> None:
    hand, rates = Hand(1, 0.0, lambda: "a"), (Rate(100, 10.0),)
    hand.note(0.0)
    wish = hand.wish(rates, 1.0)
    hand.note(1.5)
    hand.given(wish, Lease(0), 1.0)
    assert (wish.begun, hand.wish(rates, 2.5).begun) == (((1.0, 1),), ((1.0, 1),))


def test_what_begins_close_together_is_told_together_as_if_it_began_with_the_last() -> None:
    hand = Hand(1, 0.0, lambda: "a")
    hand.wish((Rate(100, 100.0),), 0.0)
    for start in (0.0, 0.5, 1.25):
        hand.note(start)
    assert hand.wish((Rate(100, 100.0),), 2.0).begun == ((1.5, 2), (0.75, 1))


def test_when_the_stores_clock_is_set_back_a_lease_still_weighs_for_its_time_and_not_for_longer() -> None:
    rates = (Rate(4, 10.0),)
    ledger, _ = decided(Ledger(), Wish("a", rates, 4, 1.0), 1000.0)
    ledger, _ = decided(ledger, Wish("b", rates, 0, 1.0), 950.0)
    assert dict(ledger.lent) == {"a": (950.0 + LONGEST, 4)}
