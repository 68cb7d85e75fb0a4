"""One worker's share of an allowance: how leases are asked for, and what is done while the store of them is gone."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from crmgraph.connectors.rates import Rate
from crmgraph.service.allowances import Allowances, Lease
from crmgraph.service.ports import Clock, StoreUnavailable
from crmgraph.sources.hand import Hand

_log = structlog.get_logger("crmgraph.rates")

Sleep = Callable[[float], Awaitable[None]]

PATIENCE = 1.0
"""Seconds after which a store that does not answer is taken for gone."""

AGAIN = 5.0
"""Seconds after which a store that was gone is asked again."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How allowances are divided: between so many workers, by leases where `allowances` are kept, and by urgency."""

    workers: int = 1
    allowances: Allowances | None = None
    reserve: float = 0.2
    random: Callable[[int], bytes] = os.urandom

    def share(self, account: str, clock: Clock, sleep: Sleep) -> "Share | None":
        """A worker's share of one account's allowance; None where nothing is shared."""
        if self.allowances is None:
            return None
        hand = Hand(self.workers, self.reserve, lambda: self.random(12).hex())
        return Share(account, self.allowances, hand, clock, sleep)


class Share:
    """What this worker may begin at one account while the store lives."""

    def __init__(
        self,
        account: str,
        allowances: Allowances,
        hand: Hand,
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        self.hand = hand
        self.lives = True
        self._account = account
        self._allowances = allowances
        self._clock = clock
        self._sleep = sleep
        self._asking = asyncio.Lock()
        self._rates: Sequence[Rate] = ()
        self._tending: asyncio.Task[None] | None = None

    async def lent(self, rates: Sequence[Rate], urgent: bool) -> float:
        """Ask for a lease; returns 0 once there is one in hand or the store is gone, or else the seconds until it is of
        use to ask again.
        """
        async with self._asking:
            now = self._clock.monotonic()
            if not self.lives or self.hand.serves(now, urgent):
                return 0.0
            self._rates = rates
            lease = await self._asked(now, urgent)
            self._tend()
        return 0.0 if lease is None or lease.calls else max(lease.wait, PATIENCE / 100)

    async def aclose(self) -> None:
        """Give back what is in hand."""
        if self._tending is not None:
            self._tending.cancel()
            with suppress(asyncio.CancelledError):
                await self._tending
        if self.lives and self.hand.lapses is not None:
            await self._asked(self._clock.monotonic(), ends=True)

    async def _asked(self, now: float, urgent: bool = True, *, ends: bool = False) -> Lease | None:
        wish = self.hand.wish(self._rates, now, urgent, ends=ends)
        try:
            async with asyncio.timeout(PATIENCE):
                lease = await self._allowances.lease(self._account, wish)
        except (StoreUnavailable, TimeoutError) as wrong:
            self._gone(wrong)
            return None
        self.hand.given(wish, lease, now)
        self._back()
        return lease

    def _gone(self, wrong: Exception) -> None:
        if self.lives:
            _log.warning(
                "the shared rates cannot be reached; this worker takes its part",
                account=self._account,
                reason=str(wrong),
            )
        self.lives = False

    def _back(self) -> None:
        if not self.lives:
            _log.info("the shared rates are back", account=self._account)
        self.lives = True

    def _tend(self) -> None:
        if self._tending is None or self._tending.done():
            self._tending = asyncio.create_task(self._tended())

    async def _tended(self) -> None:
        """Give back what lapses, and look for a store that is gone, for as long as there is one of these."""
        while True:
            lapses = self.hand.lapses if self.lives else self._clock.monotonic() + AGAIN
            if lapses is None:
                return
            await self._sleep(max(0.0, lapses - self._clock.monotonic()))
            async with self._asking:
                now = self._clock.monotonic()
                if not self.lives or (self.hand.lapses is not None and self.hand.lapses <= now):
                    await self._asked(now, ends=True)
