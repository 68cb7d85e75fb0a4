"""The rates of one source as one process keeps to them alone."""

from collections import deque
from collections.abc import Iterable

from crmgraph.connectors.rates import Rate
from crmgraph.service.allowances import ceiling, part, weighs


class Window:
    """At most `count` calls begin within any `seconds`. A count of all begun is exact where a leaky bucket is not."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._starts: deque[float] = deque()

    def earliest(self, now: float, count: int) -> float:
        """When the next call may begin, in the clock's monotonic seconds."""
        self._forget(now)
        return now if len(self._starts) < count else self._starts[-count] + self.seconds

    def take(self, start: float) -> None:
        """Count a call that begins at `start`, which is never earlier than the one before."""
        self._forget(start)
        self._starts.append(start)

    def _forget(self, now: float) -> None:
        while self._starts and self._starts[0] <= now - self.seconds:
            self._starts.popleft()


class Windows:
    """All rates at once, or the part of each that one of several workers takes; `reserve` is left to what is urgent."""

    def __init__(self, rates: Iterable[Rate], reserve: float, workers: int = 1) -> None:
        self._reserve = reserve
        self._workers = workers
        self._kept: list[tuple[Window, int, int]] = []
        self.rates: tuple[Rate, ...] = ()
        """The whole rates, the shortest span first."""
        for rate in rates:
            self.learn(rate)

    def learn(self, rate: Rate) -> None:
        """Keep to a rate; calls that were counted for a span stay counted when only their number changes."""
        if rate in self.rates:
            return
        others = [one for one in self.rates if one.seconds != rate.seconds]
        self.rates = tuple(sorted([*others, rate], key=lambda one: one.seconds))
        known = {window.seconds: window for window, _, _ in self._kept}
        ours = [part(one, self._workers) for one in self.rates]
        self._kept = [
            (known.get(weighs(one.seconds)) or Window(weighs(one.seconds)), one.count, ceiling(one, self._reserve))
            for one in ours
        ]

    def earliest(self, now: float, urgent: bool) -> float:
        """When the next call may begin, in the clock's monotonic seconds."""
        return max((one.earliest(now, count if urgent else most) for one, count, most in self._kept), default=now)

    def take(self, start: float) -> None:
        """Count a call that begins at `start`, which is never earlier than the one before."""
        for window, _, _ in self._kept:
            window.take(start)
