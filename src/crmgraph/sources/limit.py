"""How hard a CRM is asked: so many calls at once, so many in a time, and none while it asks for a pause."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.replies import retry_after
from crmgraph.connectors.spec import QuotaSpec
from crmgraph.domain.errors import Throttled
from crmgraph.service.ports import Clock, Quota
from crmgraph.sources.auth import Send
from crmgraph.sources.quotas import seconds_in, told

Sleep = Callable[[float], Awaitable[None]]

LONGEST_PAUSE = 300.0
"""Seconds after which a CRM is asked again, however long a pause it named: nobody is shut out by a wrong number."""


class Window:
    """At most `count` calls begin within any `seconds`. A count of all begun is exact where a leaky bucket is not."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count = count
        self.seconds = seconds
        self._starts: deque[float] = deque()

    def earliest(self, now: float) -> float:
        """When the next call may begin, in the clock's monotonic seconds."""
        while self._starts and self._starts[0] <= now - self.seconds:
            self._starts.popleft()
        return now if len(self._starts) < self.count else self._starts[-self.count] + self.seconds

    def take(self, start: float) -> None:
        """Count a call that begins at `start`, which is never earlier than the one before."""
        self._starts.append(start)


class Limiter:
    """One source's limits.

    `rate` is calls and seconds; without it, the allowances that replies tell are kept to. A call that would wait
    longer than `patience` seconds is refused at once. Calls go in the order they came.
    """

    def __init__(
        self,
        source: str,
        concurrency: int,
        rate: tuple[int, float] | None,
        patience: float,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        quotas: Sequence[QuotaSpec] = (),
    ) -> None:
        self._source = source
        self._concurrency = concurrency
        self._places = asyncio.Semaphore(concurrency)
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._specs = quotas
        self._learns = rate is None
        self._windows: dict[str, Window] = {} if rate is None else {"": Window(*rate)}
        self._quotas: dict[str, Quota] = {}
        self._last_start = -math.inf
        self._paused_until = -math.inf
        self._refusing_until = -math.inf

    @property
    def quota(self) -> tuple[Quota, ...]:
        """The allowances as they were last told."""
        return tuple(self._quotas.values())

    @property
    def closed(self) -> bool:
        """Whether calls are being held back now because of a pause or a spent rate."""
        return self._clock.monotonic() < max(self._paused_until, self._refusing_until)

    async def begin(self) -> None:
        """Wait for a turn, which whoever has it must end; raises Throttled when it would take too long."""
        give_up = self._clock.monotonic() + self._patience
        await self._place()
        try:
            await self._start(give_up)
        except BaseException:
            self._places.release()
            raise

    def end(self) -> None:
        """The turn is over."""
        self._places.release()

    def learn(self, reply: Reply) -> None:
        """Heed what a reply says of limits."""
        said = told(self._specs, reply.headers)
        self._quotas |= said
        if self._learns:
            for quota in said.values():
                self._keep_to(quota)
        pause = self._pause(reply)
        if pause:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + min(pause, LONGEST_PAUSE))

    async def _place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # There is one, so that nothing waits and nothing has to be timed.
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise self._refused(
                f"{self._source} is asked at most {self._concurrency} times at once, and no such call ended within "
                f"{self._patience:g} s."
            ) from None

    async def _start(self, give_up: float) -> None:
        while True:
            now = self._clock.monotonic()
            start = self._reserve(now, give_up)
            if start > now:
                await self._sleep(start - now)
            if self._paused_until <= self._clock.monotonic():  # A pause may have been asked for meanwhile.
                return

    def _reserve(self, now: float, give_up: float) -> float:
        free = max(now, self._last_start, *(one.earliest(now) for one in self._windows.values()))
        start = max(free, self._paused_until)
        if start > give_up:
            self._refusing_until = max(self._refusing_until, start)
            raise self._refused(self._refusal(start - now, self._paused_until >= free), start - now)
        self._last_start = start
        for window in self._windows.values():
            window.take(start)
        return start

    def _refused(self, message: str, wait: float | None = None) -> Throttled:
        """A call that was not made."""
        error = Throttled(self._source, message, wait)
        error.sent = False
        return error

    def _refusal(self, wait: float, paused: bool) -> str:
        why = "asked for a pause" if paused else "has been asked as often as its rate allows"
        return f"{self._source} {why}; it can be asked again in {math.ceil(wait)} s."

    def _keep_to(self, quota: Quota) -> None:
        seconds = seconds_in(quota.window)
        if quota.limit and seconds:
            self._windows.setdefault(quota.window, Window(quota.limit, seconds)).count = quota.limit

    def _pause(self, reply: Reply) -> float | None:
        """Seconds of the pause a reply asks for; where 429 names none, the shortest allowance has passed by then."""
        if reply.status == 503:
            return retry_after(reply)
        if reply.status != 429:
            return None
        named = retry_after(reply)
        return min((one.seconds for one in self._windows.values()), default=1.0) if named is None else named


def limited(send: Send, limiter: Limiter) -> Send:
    """A send that waits for its turn and heeds what replies say of limits."""

    async def guarded(call: Call) -> Reply:
        await limiter.begin()
        try:
            reply = await send(call)
        finally:
            limiter.end()
        limiter.learn(reply)
        return reply

    return guarded
