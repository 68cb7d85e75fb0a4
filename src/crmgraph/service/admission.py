"""Who is let in, who waits and who is turned away, decided without a clock or a loop of its own.

No more than so many are inside. Who comes when it is full waits, the most urgent first and among these whoever came
first. When too many wait, the least urgent who came last goes, be it the newcomer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from math import inf

from crmgraph.service.errands import Urgency

TOO_LONG = 1.0
"""Seconds for which some must have been turned away again and again before it counts as too much."""

CALM = 3.0
"""Seconds in which nobody must have been turned away before it counts as enough room again."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many are inside `at_once`, how many wait, and for how many seconds the longest."""

    at_once: int = 64
    waiting: int = 256
    max_wait: float = 2.0


class Standing(Enum):
    """What became of one who came."""

    WAITING = "waiting"
    INSIDE = "inside"
    REFUSED = "turned away"
    GONE = "gone"


@dataclass(slots=True, eq=False)
class Ticket:
    """One who came. `until` is when their patience ends; `told` is called when their standing changes."""

    urgency: Urgency
    until: float
    told: Callable[[], None] = lambda: None
    standing: Standing = Standing.WAITING

    def become(self, standing: Standing) -> None:
        """Change the standing, and tell."""
        self.standing = standing
        self.told()


@dataclass(slots=True)
class Strain:
    """Whether it has been too much lately: a while of refusals begins it, a longer while without any ends it."""

    first: float = -inf
    last: float = -inf

    def refused(self, now: float) -> None:
        """Somebody was turned away."""
        if now - self.last > CALM:
            self.first = now
        self.last = now

    def is_too_much(self, now: float) -> bool:
        """Whether whoever can ask elsewhere should."""
        return now - self.last <= CALM and self.last - self.first >= TOO_LONG


@dataclass(slots=True)
class Admission:
    """Those who are inside, and those who wait. Times are monotonic seconds and never go back."""

    room: Room
    strain: Strain = field(default_factory=Strain)
    inside: int = 0
    _waiting: dict[Urgency, dict[Ticket, None]] = field(
        default_factory=lambda: {urgency: {} for urgency in sorted(Urgency, reverse=True)}
    )

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def arrive(self, now: float, urgency: Urgency, patience: float = inf) -> Ticket:
        """A newcomer who waits `patience` seconds at the most: inside, waiting or turned away."""
        ticket = Ticket(urgency, now + min(patience, self.room.max_wait))
        if self.inside < self.room.at_once:
            self._let_in(ticket)
        elif self.waiting < self.room.waiting or self._makes_way(now, urgency):
            self._waiting[urgency][ticket] = None
        else:
            self._refuse(now, ticket)
        return ticket

    def lose_patience(self, now: float, ticket: Ticket) -> None:
        """Turn away one who has waited for too long."""
        if ticket.standing is Standing.WAITING:
            del self._waiting[ticket.urgency][ticket]
            self._refuse(now, ticket)

    def leave(self, now: float, ticket: Ticket) -> None:
        """One goes, whether they were inside, waited or were turned away; who waits may come in instead."""
        if ticket.standing is Standing.WAITING:
            del self._waiting[ticket.urgency][ticket]
        elif ticket.standing is Standing.INSIDE:
            self.inside -= 1
            self._fill(now)
        ticket.standing = Standing.GONE

    def _fill(self, now: float) -> None:
        while self.inside < self.room.at_once and (first := self._first()) is not None:
            if first.until < now:
                self.lose_patience(now, first)
            else:
                del self._waiting[first.urgency][first]
                self._let_in(first)

    def _first(self) -> Ticket | None:
        return next((ticket for queue in self._waiting.values() for ticket in queue), None)

    def _makes_way(self, now: float, urgency: Urgency) -> bool:
        """Whether one who is less urgent makes way: the last who came of the least urgent."""
        for lesser, queue in reversed(self._waiting.items()):
            if queue and lesser < urgency:
                self._refuse(now, queue.popitem()[0])
                return True
        return False

    def _let_in(self, ticket: Ticket) -> None:
        self.inside += 1
        ticket.become(Standing.INSIDE)

    def _refuse(self, now: float, ticket: Ticket) -> None:
        self.strain.refused(now)
        ticket.become(Standing.REFUSED)
