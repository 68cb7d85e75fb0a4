"""What a worker has in hand of an allowance that it shares: a lease, and what it has yet to tell of calls it began."""

from collections.abc import Callable, Sequence
from math import ceil

from crmgraph.connectors.rates import Rate
from crmgraph.service.allowances import GRAINS, LONGEST, Lease, Wish

UNTOLD = 1000
"""How many groups of calls are kept to be told; beyond that, neighbours are told together."""


class Hand:
    """Decides alone: times are readings of one clock, names are never given twice.

    A lease is for a tenth of the shortest span, and for as many calls as the last ones showed are needed: twice as many
    when one was used up, as many as were used when one was not, half as many after a 429.
    """

    def __init__(self, workers: int, reserve: float, name: Callable[[], str]) -> None:
        self._workers = workers
        self._reserve = reserve
        self._name = name
        self._size = 0
        self._lent = self._calls = self._spare = 0
        self._until = 0.0
        self._back: tuple[str, ...] = ()
        self._begun: list[tuple[float, float, int]] = []  # The first and the last beginning of a group, and how many.
        self._told = 0
        self._grain = 1.0 / GRAINS  # Seconds in which calls begin that are told together.

    def serves(self, now: float, urgent: bool) -> bool:
        """Whether a call may begin."""
        return now < self._until and (self._calls if urgent else self._spare) > 0

    def take(self, now: float, urgent: bool) -> None:
        """A call begins, which may be only where the hand serves it."""
        self._calls -= 1
        self._spare = min(self._spare - (not urgent), self._calls)
        self.note(now)

    def note(self, now: float) -> None:
        """A call begins under no lease, or under this one: it is to be told."""
        if len(self._begun) > self._told and now - self._begun[-1][0] < self._grain:
            first, _, calls = self._begun[-1]
            self._begun[-1] = (first, now, calls + 1)
        else:
            self._begun.append((now, now, 1))

    @property
    def lapses(self) -> float | None:
        """When the lease ends, and others should learn what was used of it; None when there is none."""
        return self._until if self._back else None

    def wish(self, rates: Sequence[Rate], now: float, urgent: bool = True, *, ends: bool = False) -> Wish:
        """What to ask for, in exchange for what is in hand, which is used no more; with `ends`, nothing."""
        shortest = min(rate.seconds for rate in rates)
        most = max(1, ceil(min(rate.count for rate in rates) / 2 / self._workers))
        self._size = min(most, self._next() or max(1, most // 4))
        self._grain = shortest / GRAINS
        self._lent = self._calls = self._spare = 0
        self._shorten()
        self._told = len(self._begun)
        begun = tuple((max(0.0, now - last), calls) for _, last, calls in self._begun)
        back, name = self._back, self._name()
        self._back = back if ends else (*back, name)  # Also when no answer comes, it may have been lent.
        calls, lasting = 0 if ends else self._size, min(shortest / 10, LONGEST)
        return Wish(name, tuple(rates), calls, lasting, urgent, self._reserve, back, begun)

    def given(self, wish: Wish, lease: Lease, asked: float) -> None:
        """What a wish came to that was asked for at `asked`: the lease runs from then, which is before it was lent."""
        del self._begun[: self._told]
        self._told = 0
        self._back = (wish.lease,) if lease.calls else ()
        self._lent, self._calls, self._spare = lease.calls, lease.calls, lease.spare
        self._until = asked + wish.seconds

    def throttled(self) -> None:
        """The CRM says that it was too much: half of the lease is not used, and the next is half as large."""
        self._size = max(1, self._size // 2)
        self._calls //= 2
        self._lent = 0
        self._spare = min(self._spare, self._calls)

    def _next(self) -> int:
        if not self._lent:
            return self._size
        return self._size * 2 if not self._calls else max(1, self._lent - self._calls)

    def _shorten(self) -> None:
        """Tell neighbours together where there are too many, as if all had begun when the last of them did."""
        while len(self._begun) > UNTOLD:
            pairs = zip(self._begun[::2], [*self._begun[1::2], None], strict=False)
            self._begun = [one if two is None else (one[0], two[1], one[2] + two[2]) for one, two in pairs]
