"""Calling once more when a call that reads has failed: seldom, after a pause left to chance, and only in time.

A call that writes is never sent again here: only its journal knows whether it may be.
"""

import asyncio
from collections.abc import Awaitable, Callable

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.replies import retry_after
from crmgraph.domain.errors import Throttled, Unavailable
from crmgraph.service.errands import ERRAND
from crmgraph.service.ports import Clock, Tally
from crmgraph.sources.breaker import Tripped
from crmgraph.sources.flights import Read

FIRST_PAUSE = 0.2
"""The most seconds before the second attempt; before each further one it is twice as many."""

LONGEST_PAUSE = 2.0
"""The most seconds before any attempt that the CRM itself does not put off."""

SHARE = 0.2
"""Retries for each call that was asked for: a CRM that fails as a whole is asked a fifth more, not thrice as much."""

MOST = 10.0
"""The most retries that are saved up."""

FLOOR = 3.0
"""Retries that a source has which is seldom asked."""

REGAINED = 0.1
"""How much of a retry a source regains every second, up to the floor."""

_PASSES = frozenset({408, 425, 429})
_STAYS = frozenset({501, 505})


class Budget:
    """How many retries a source has left: each call adds a share of one, each retry takes one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = FLOOR
        self._since = clock.monotonic()

    def earn(self) -> None:
        """Count a call that was asked for."""
        self._left = min(MOST, self._regained() + SHARE)

    def spend(self) -> bool:
        """Take a retry; False where none is left."""
        self._left = self._regained()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def _regained(self) -> float:
        now = self._clock.monotonic()
        gained, self._since = REGAINED * (now - self._since), now
        return max(self._left, min(FLOOR, self._left + gained))


class Retrying:
    """How one source's calls are tried again: at most `attempts` of each, all within `total` seconds.

    `chance` gives a number from 0 up to 1.
    """

    def __init__(
        self,
        source: str,
        attempts: int,
        total: float,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
    ) -> None:
        self.source = source
        self.attempts = attempts
        self.total = total
        self.clock = clock
        self.sleep = sleep
        self.budget = Budget(clock)
        self._chance = chance

    def pause(self, made: int, reply: Reply | None) -> float:
        """Seconds until the attempt after so many: as long as the reply says, and a little that is left to chance."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (made - 1))
        told = None if reply is None else retry_after(reply)
        return (told or 0.0) + longest * self._chance()


Came = Reply | Unavailable
"""What an attempt came to."""


def retried(read: Read, how: Retrying) -> Read:
    """A read that is tried again where that may help; what writes goes by once."""

    async def guarded(call: Call, tally: Tally) -> Reply:
        if call.terms is None or how.attempts == 1:
            return await read(call, tally)
        how.budget.earn()
        came: list[Came] = []
        try:
            async with asyncio.timeout(how.total):
                await _tried(read, call, tally, how, came)
        except TimeoutError:
            came = came or [Unavailable(how.source, f"{how.source} did not answer within {how.total:g} s in all.")]
        except Throttled:
            if not came:
                raise  # Otherwise what the CRM itself came to says more than that it is not its turn.
        if isinstance(came[-1], Unavailable):
            raise came[-1]
        return came[-1]

    return guarded


async def _tried(read: Read, call: Call, tally: Tally, how: Retrying, came: list[Came]) -> None:
    """Make attempts until one is good or no other may be made; what each comes to is added to `came`."""
    while True:
        began = how.clock.monotonic()
        try:
            came.append(await read(call, tally))
        except Tripped:
            if not came:
                raise
            return
        except Unavailable as error:
            came.append(error)
        last = came[-1]
        reply = last if isinstance(last, Reply) else None
        if reply is not None and not _may_pass(reply.status):
            return
        pause = how.pause(len(came), reply)
        if len(came) >= how.attempts or not _fits(how.clock.monotonic(), began, pause) or not how.budget.spend():
            return
        await how.sleep(pause)


def _may_pass(status: int) -> bool:
    """Whether another attempt may fare better."""
    return status in _PASSES or (status >= 500 and status not in _STAYS)


def _fits(now: float, began: float, pause: float) -> bool:
    """Whether another attempt that takes as long as the last one ends before its reply is of no more use."""
    return now + pause + (now - began) <= ERRAND.get().deadline
