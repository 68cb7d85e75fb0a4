"""Who is let in, who waits and who is turned away: the decisions alone, with a clock that is moved by hand."""

from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from crmgraph.service.admission import CALM, TOO_LONG, Admission, Room, Standing, Strain, Ticket
from crmgraph.service.errands import Urgency

REPORT, INTERACTIVE, WRITE = Urgency.REPORT, Urgency.INTERACTIVE, Urgency.WRITE


def full(waiting: int = 2, at_once: int = 1) -> tuple[Admission, list[Ticket]]:
    """An admission with nobody waiting and no place left, and who is inside."""
    admission = Admission(Room(at_once, waiting, 2.0))
    return admission, [admission.arrive(0.0, INTERACTIVE) for _ in range(at_once)]


def test_as_many_are_let_in_as_there_are_places_and_the_next_one_waits() -> None:
    admission, inside = full(at_once=3)
    assert [one.standing for one in inside] == [Standing.INSIDE] * 3
    assert admission.arrive(0.0, WRITE).standing is Standing.WAITING
    assert (admission.inside, admission.waiting) == (3, 1)


def test_who_goes_is_followed_by_the_most_urgent_and_among_equals_by_who_came_first() -> None:
    admission, [inside] = full(waiting=9)
    came = [admission.arrive(0.0, one) for one in (REPORT, INTERACTIVE, WRITE, INTERACTIVE, WRITE, REPORT)]
    order = []
    for _ in came:
        admission.leave(0.0, inside)
        [inside] = [one for one in came if one.standing is Standing.INSIDE]
        order.append(came.index(inside))
    assert order == [2, 4, 1, 3, 0, 5]


def test_where_too_many_wait_the_newcomer_is_turned_away_at_once() -> None:
    admission, _ = full(waiting=2)
    waiting = [admission.arrive(0.0, INTERACTIVE) for _ in range(2)]
    assert admission.arrive(0.0, INTERACTIVE).standing is Standing.REFUSED
    assert [one.standing for one in waiting] == [Standing.WAITING] * 2


def test_where_too_many_wait_the_last_of_the_least_urgent_makes_way_for_the_more_urgent() -> None:
    admission, _ = full(waiting=3)
    first, second, middle = (admission.arrive(0.0, one) for one in (REPORT, REPORT, INTERACTIVE))
    write = admission.arrive(0.0, WRITE)
    assert [one.standing.name for one in (first, second, middle, write)] == ["WAITING", "REFUSED", "WAITING", "WAITING"]
    admission.arrive(0.0, WRITE)
    admission.arrive(0.0, WRITE)
    assert [one.standing.name for one in (first, middle)] == ["REFUSED", "REFUSED"]
    assert admission.arrive(0.0, WRITE).standing is Standing.REFUSED
    assert admission.arrive(0.0, REPORT).standing is Standing.REFUSED


def test_whose_patience_has_ended_is_never_let_in() -> None:
    admission, [inside] = full()
    late, patient = admission.arrive(0.0, WRITE, 1.0), admission.arrive(0.5, REPORT)
    admission.leave(1.5, inside)
    assert (late.standing, patient.standing) == (Standing.REFUSED, Standing.INSIDE)


def test_nobody_is_let_wait_for_longer_than_the_room_says() -> None:
    admission, _ = full()
    assert admission.arrive(10.0, WRITE).until == 12.0
    assert admission.arrive(10.0, WRITE, 0.5).until == 10.5
    assert admission.arrive(10.0, WRITE, 60.0).until == 12.0


def test_a_waiter_who_goes_leaves_no_hole() -> None:
    admission, [inside] = full(waiting=2)
    gone, stays = admission.arrive(0.0, INTERACTIVE), admission.arrive(0.0, INTERACTIVE)
    admission.leave(0.0, gone)
    assert admission.arrive(0.0, INTERACTIVE).standing is Standing.WAITING
    admission.leave(0.0, inside)
    assert (stays.standing, admission.inside, admission.waiting) == (Standing.INSIDE, 1, 1)


def test_going_twice_is_going_once() -> None:
    admission, [inside] = full()
    admission.leave(0.0, inside)
    admission.leave(0.0, inside)
    assert admission.inside == 0


class Crowd(RuleBasedStateMachine):
    """People come, go and lose patience in any order; a model of lists says who should be where."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.room = Room(at_once=2, waiting=3, max_wait=2.0)
        self.admission = Admission(self.room)
        self.inside: list[Ticket] = []
        self.queue: deque[tuple[Ticket, float]] = deque()

    @rule(urgency=st.sampled_from(Urgency), patience=st.sampled_from([0.25, 1.0, 5.0]))
    def come(self, urgency: Urgency, patience: float) -> None:
        ticket = self.admission.arrive(self.now, urgency, patience)
        if len(self.inside) < self.room.at_once:
            assert ticket.standing is Standing.INSIDE
            self.inside.append(ticket)
            return
        if len(self.queue) == self.room.waiting:
            loser = min(reversed(self.queue), key=lambda one: one[0].urgency)
            if loser[0].urgency >= urgency:
                assert ticket.standing is Standing.REFUSED
                return
            assert loser[0].standing is Standing.REFUSED
            self.queue.remove(loser)
        assert ticket.standing is Standing.WAITING
        self.queue.append((ticket, self.now))

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.inside))
        self.inside.remove(ticket)
        self.admission.leave(self.now, ticket)
        while self.queue and len(self.inside) < self.room.at_once:
            first = max(self.queue, key=lambda one: one[0].urgency)
            self.queue.remove(first)
            if first[0].until < self.now:
                assert first[0].standing is Standing.REFUSED
            else:
                assert first[0].standing is Standing.INSIDE
                self.inside.append(first[0])

    @precondition(lambda self: self.queue)
    @rule(data=st.data())
    def hang_up(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(list(self.queue)))
        self.queue.remove(one)
        self.admission.leave(self.now, one[0])

    @rule(seconds=st.sampled_from([0.1, 0.5, 3.0]), on_time=st.booleans())
    def wait(self, seconds: float, on_time: bool) -> None:
        """Time goes by; timers may be late, and then nobody may profit from it."""
        self.now += seconds
        for one in list(self.queue) if on_time else ():
            if one[0].until <= self.now:
                self.admission.lose_patience(self.now, one[0])
                assert one[0].standing is Standing.REFUSED
                self.queue.remove(one)

    @invariant()
    def nobody_is_where_they_should_not_be(self) -> None:
        assert self.admission.inside == len(self.inside) <= self.room.at_once
        assert self.admission.waiting == len(self.queue) <= self.room.waiting
        assert all(one.standing is Standing.INSIDE for one in self.inside)
        assert all(one.standing is Standing.WAITING for one, _ in self.queue)
        assert all(one.until <= came + self.room.max_wait for one, came in self.queue)
        assert not self.queue or len(self.inside) == self.room.at_once


TestCrowd = Crowd.TestCase
TestCrowd.settings = settings(deadline=None, stateful_step_count=40)


@pytest.mark.parametrize(
    ("refusals", "at", "too_much"),
    [
        ([], 0.0, False),
        ([0.0], 0.0, False),
        ([0.0, 0.1, TOO_LONG - 0.1], TOO_LONG, False),
        ([0.0, TOO_LONG], TOO_LONG, True),
        ([0.0, TOO_LONG], TOO_LONG + CALM, True),
        ([0.0, TOO_LONG], TOO_LONG + CALM + 0.1, False),
        # A new run of refusals after calm begins from its own first.
        ([0.0, TOO_LONG, TOO_LONG + CALM + 1], TOO_LONG + CALM + 1, False),
        # Refusals with pauses shorter than calm are one run.
        ([0.0, CALM, 2 * CALM], 2 * CALM, True),
    ],
)
def test_too_much_is_what_goes_on_and_enough_is_what_has_ended_for_a_while(
    refusals: list[float], at: float, too_much: bool
) -> None:
    strain = Strain()
    for when in refusals:
        strain.refused(when)
    assert strain.is_too_much(at) is too_much
