"""When a CRM that keeps failing is left alone: a state machine that makes no call itself.

Closed, it remembers the last calls. Open, it refuses them until its time is over. Then it is half open: one call is let
through, and what that comes to closes it or opens it again for longer.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Literal

from crmgraph.domain.errors import Unavailable
from crmgraph.service.breakers import BreakerState
from crmgraph.service.ports import Clock

LONGEST = 60.0
"""The most seconds that a breaker stays open before it tries again, unless its rule says more."""

JITTER = 0.25
"""The share of the open time that is left to chance, so that several gateways do not try at the same moment."""


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """Open for `open` seconds once `failures` of the last twice as many calls failed, all within `window` seconds.

    With `dry_run` it refuses nothing; `off` means that there is no breaker.
    """

    failures: int = 10
    window: float = 30.0
    open: float = 5.0
    mode: Literal["on", "dry_run", "off"] = "on"


USUAL = BreakerRule()


class Tripped(Unavailable):
    """A call that was not made, because the CRM has kept failing."""

    sent = False


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """Leave to make one call; `era` counts how often the state had changed when it was given."""

    era: int


class Breaker:
    """One source's breaker, by a clock's monotonic seconds. `chance` gives a number from 0 up to 1."""

    def __init__(self, source: str, rule: BreakerRule, clock: Clock, chance: Callable[[], float]) -> None:
        self.rule = rule
        self.source = source
        self._clock = clock
        self._chance = chance
        self._era = 0
        self._lately: deque[tuple[float, bool]] = deque(maxlen=2 * rule.failures)
        self._state = BreakerState.CLOSED
        self._trial: Pass | None = None
        self._times = 0
        self.opened = 0.0
        self.until = 0.0

    @property
    def state(self) -> BreakerState:
        """OPEN becomes HALF_OPEN when its time is over, also while nobody calls."""
        if self._state is BreakerState.OPEN and self._clock.monotonic() >= self.until:
            return BreakerState.HALF_OPEN
        return self._state

    @property
    def refuses(self) -> bool:
        """Whether calls are being refused now: in a dry run never."""
        return self.rule.mode == "on" and self.state is BreakerState.OPEN

    @property
    def failures(self) -> int:
        """The failed ones of the last calls that count still."""
        since = self._clock.monotonic() - self.rule.window
        return sum(failed and when > since for when, failed in self._lately)

    def refusal(self) -> Tripped | None:
        """Why a call that began now would be one too many; None where it would not."""
        state = self.state
        if state is BreakerState.CLOSED or (state is BreakerState.HALF_OPEN and self._trial is None):
            return None
        wait = max(self.until - self._clock.monotonic(), 0.0)
        when = f"it is tried again in {ceil(wait)} s" if wait else "one call is finding out whether it is back"
        return Tripped(self.source, f"{self.source} has kept failing and is left alone; {when}.", wait)

    def begin(self) -> Pass:
        """Leave for a call that begins now, to be given back by `end`; raises Tripped."""
        if (refusal := self.refusal()) is not None:
            raise refusal
        given = Pass(self._era)
        if self.state is not BreakerState.CLOSED:
            self._state, self._trial = BreakerState.HALF_OPEN, given
        return given

    def end(self, given: Pass, failed: bool | None) -> None:
        """What a call came to; None where it tells nothing of the CRM, as when nobody waited for it any longer.

        What began before the state last changed is not counted.
        """
        if given is self._trial:
            self._trial = None
            if failed is not None:
                self._open() if failed else self._close()
        elif given.era == self._era and failed is not None and self._state is BreakerState.CLOSED:
            self._lately.append((self._clock.monotonic(), failed))
            if failed and self.failures >= self.rule.failures:
                self._open()

    def _open(self) -> None:
        longest = max(LONGEST, self.rule.open)
        seconds = min(longest, self.rule.open * 2 ** min(self._times, 30)) * (1 - JITTER * self._chance())
        self._times += 1
        self.opened = self._clock.monotonic()
        self.until = self.opened + seconds
        self._turn(BreakerState.OPEN)

    def _close(self) -> None:
        self._times = 0
        self._lately.clear()
        self._turn(BreakerState.CLOSED)

    def _turn(self, state: BreakerState) -> None:
        self._state = state
        self._era += 1
