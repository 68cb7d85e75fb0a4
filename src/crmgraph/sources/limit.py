"""How hard a CRM is asked: so many calls at once, so many in a time, and none while it asks for a pause."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.rates import Rate, seconds_in
from crmgraph.connectors.replies import retry_after
from crmgraph.connectors.spec import QuotaSpec
from crmgraph.domain.errors import Throttled
from crmgraph.service.errands import ERRAND, Urgency
from crmgraph.service.ports import Clock, Quota
from crmgraph.sources.auth import Send
from crmgraph.sources.quotas import told
from crmgraph.sources.share import Share
from crmgraph.sources.windows import Windows

Sleep = Callable[[float], Awaitable[None]]

LONGEST_PAUSE = 300.0
"""Seconds after which a CRM is asked again, however long a pause it named: nobody is shut out by a wrong number."""


class Limiter:
    """One source's limits.

    `windows` are the rates that this process keeps to alone; with a `share` it keeps to them only while the store is
    gone that rates are shared in. With `learns`, the allowances that replies tell are kept to. A call that would wait
    longer than `patience` seconds is refused at once. Calls go in the order they came, but a report reserves no turn
    beforehand: whoever is more urgent need not wait for it.
    """

    def __init__(
        self,
        source: str,
        concurrency: int,
        windows: Windows,
        patience: float,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        quotas: Sequence[QuotaSpec] = (),
        learns: bool = True,
        share: Share | None = None,
    ) -> None:
        self._source = source
        self._concurrency = concurrency
        self._places = asyncio.Semaphore(concurrency)
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._specs = quotas
        self._learns = learns
        self._windows = windows
        self._share = share
        self._reports = asyncio.Lock()
        self._line = asyncio.Lock()
        self._quotas: dict[str, Quota] = {}
        self._last_start = -math.inf
        self._paused_until = -math.inf
        self._refusing_until = -math.inf

    @property
    def quota(self) -> tuple[Quota, ...]:
        """The allowances as they were last told, and what is known of the others."""
        told = {seconds_in(window) for window in self._quotas}
        known = [Quota(one.window, one.count, None) for one in self._windows.rates if one.seconds not in told]
        return (*self._quotas.values(), *known)

    @property
    def closed(self) -> bool:
        """Whether calls are being held back now because of a pause or a spent rate."""
        return self._clock.monotonic() < max(self._paused_until, self._refusing_until)

    async def begin(self) -> None:
        """Wait for a turn, which whoever has it must end; raises Throttled when it would take too long."""
        give_up = self._clock.monotonic() + self._patience
        if ERRAND.get().urgency is not Urgency.REPORT:
            await self._turn(give_up, True)
            return
        async with self._reports:
            await self._room(give_up)
            await self._turn(give_up, False)

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
        if self._share is not None and reply.status == 429:
            self._share.hand.throttled()
        if pause:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + min(pause, LONGEST_PAUSE))

    async def aclose(self) -> None:
        """Give back what was lent for calls that will not be made."""
        if self._share is not None:
            await self._share.aclose()

    async def _turn(self, give_up: float, urgent: bool) -> None:
        await self._place()
        try:
            await self._start(give_up, urgent)
        except BaseException:
            self._places.release()
            raise

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

    async def _start(self, give_up: float, urgent: bool) -> None:
        while not (self._borrows and await self._borrowed(give_up, urgent)):
            now = self._clock.monotonic()
            start = self._reserve(now, give_up, urgent)
            if start > now:
                await self._sleep(start - now)
            if self._paused_until <= self._clock.monotonic():  # A pause may have been asked for meanwhile.
                if self._share is not None:
                    self._share.hand.note(self._clock.monotonic())
                return

    @property
    def _borrows(self) -> bool:
        """Whether calls begin under leases now; before anything is known of rates, there is nothing to be lent."""
        return self._share is not None and self._share.lives and bool(self._windows.rates)

    async def _borrowed(self, give_up: float, urgent: bool) -> bool:
        """Begin under a lease, which takes no wait while one is in hand; False when the store went away."""
        if not self._line.locked() and self._begins(urgent):
            return True
        async with self._line if urgent else nullcontext():  # Reports have a line of their own.
            while self._borrows:
                if self._begins(urgent):
                    return True
                await self._waited(give_up, urgent)
        return False

    def _begins(self, urgent: bool) -> bool:
        now = self._clock.monotonic()
        if self._share is None or now < self._paused_until or not self._share.hand.serves(now, urgent):
            return False
        self._share.hand.take(now, urgent)
        self._last_start = max(now, self._last_start)
        self._windows.take(self._last_start)
        return True

    async def _room(self, give_up: float) -> None:
        """Wait, without a place among the calls under way, until a report may begin."""
        while await self._waited(give_up, False):
            pass

    async def _waited(self, give_up: float, urgent: bool) -> bool:
        """Wait for as long as it surely takes until a call may begin; False when one may now."""
        now = self._clock.monotonic()
        start = self._paused_until if self._paused_until > now else await self._free(now, urgent)
        if start <= now:
            return False
        self._check(start, now, give_up)
        await self._sleep(start - now)
        return True

    async def _free(self, now: float, urgent: bool) -> float:
        """When the rates let a call begin, as far as is known."""
        if self._share is not None and self._borrows:
            return now + await self._share.lent(self._windows.rates, urgent)
        return max(now, self._last_start, self._windows.earliest(now, urgent))

    def _reserve(self, now: float, give_up: float, urgent: bool) -> float:
        start = max(now, self._last_start, self._paused_until, self._windows.earliest(now, urgent))
        self._check(start, now, give_up)
        self._last_start = start
        self._windows.take(start)
        return start

    def _check(self, start: float, now: float, give_up: float) -> None:
        """Refuse a call that would begin too late."""
        if start > give_up:
            self._refusing_until = max(self._refusing_until, start)
            raise self._refused(self._refusal(start - now, self._paused_until >= start), start - now)

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
            self._windows.learn(Rate(quota.limit, seconds))

    def _pause(self, reply: Reply) -> float | None:
        """Seconds of the pause a reply asks for; where 429 names none, the shortest allowance has passed by then."""
        if reply.status == 503:
            return retry_after(reply)
        if reply.status != 429:
            return None
        named = retry_after(reply)
        return min((one.seconds for one in self._windows.rates), default=1.0) if named is None else named


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
