"""Workers that share one account's allowance: what they do together, and what each does when the store is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest
from tests.sources.given import call
from tests.sources.timeline import Timeline

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.rates import Rate
from crmgraph.connectors.spec import QuotaSpec
from crmgraph.domain.errors import Throttled
from crmgraph.service.allowances import Lease, Ledger, Wish, decided
from crmgraph.service.errands import ERRAND, Errand, Urgency
from crmgraph.service.ports import Quota, StoreUnavailable
from crmgraph.sources.limit import Limiter, limited
from crmgraph.sources.share import AGAIN, Sharing
from crmgraph.sources.windows import Windows

RATES = (Rate(100, 10.0), Rate(200_000, 86_400.0))
WORKERS = 4


@dataclass
class Memory:
    """Ledgers in memory, which can be lost; it counts how often it was asked."""

    clock: Timeline
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    lost: bool = False

    async def lease(self, account: str, wish: Wish) -> Lease:
        await asyncio.sleep(0)
        if self.lost:
            raise StoreUnavailable("It is gone.")
        self.wishes.append(wish)
        self.ledgers[account], lease = decided(self.ledgers.get(account, Ledger()), wish, self.clock.time)
        return lease


@dataclass
class Crm:
    """Answers in 20 ms, 200 or what it was told, and writes down when it was asked."""

    clock: Timeline
    times: list[float] = field(default_factory=list)
    next: list[Reply] = field(default_factory=list)

    async def __call__(self, asked: Call) -> Reply:
        self.times.append(self.clock.time)
        await self.clock.sleep(0.02)
        return self.next.pop() if self.next else Reply(200)

    def within(self, start: float, end: float) -> int:
        return sum(start <= one < end for one in self.times)

    def most(self, seconds: float) -> int:
        return max(self.within(one, one + seconds) for one in self.times)


@dataclass
class Bed:
    """Workers over one CRM; `shared` is None where each believes that it is alone."""

    clock: Timeline
    crm: Crm
    memory: Memory
    limiters: list[Limiter]
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def busy(self, worker: int, urgency: Urgency = Urgency.INTERACTIVE, callers: int = 8) -> None:
        """Callers who call again and again, and take it as it comes when they are refused."""

        async def caller() -> None:
            ERRAND.set(Errand(urgency=urgency))
            send = limited(self.crm, self.limiters[worker])
            while True:
                try:
                    await send(call())
                except Throttled as refused:
                    await self.clock.sleep(max(0.1, refused.retry_after or 0.1))

        self.tasks += [asyncio.create_task(caller()) for _ in range(callers)]


@asynccontextmanager
async def bed(
    rates: tuple[Rate, ...] = RATES, shares: bool = True, workers: int = WORKERS, **rest: object
) -> AsyncIterator[Bed]:
    clock = Timeline()
    memory, names = Memory(clock), count()
    sharing = Sharing(workers, memory if shares else None, 0.2, lambda size: next(names).to_bytes(size, "big"))
    limiters = []
    for _ in range(workers):
        share = sharing.share("sales:1", clock, clock.sleep)
        told = {"learns": False, "share": share, **rest}
        windows = Windows(rates, 0.2, workers if shares else 1)
        limiters.append(Limiter("sales", 8, windows, 4.0, clock, clock.sleep, **told))
    made = Bed(clock, Crm(clock), memory, limiters)
    try:
        yield made
    finally:
        for task in made.tasks:
            task.cancel()
        await asyncio.gather(*made.tasks, return_exceptions=True)
        for limiter in limiters:
            await limiter.aclose()


async def test_four_busy_workers_use_the_allowance_and_never_more_with_few_words_to_the_store() -> None:
    async with bed() as crew:
        for worker in range(WORKERS):
            crew.busy(worker)
        await crew.clock.go(60.0)
        assert crew.crm.most(10.0) <= 100
        assert crew.crm.within(1010.0, 1060.0) >= 0.9 * 500
        assert len(crew.memory.wishes) < len(crew.crm.times)


async def test_without_sharing_four_workers_ask_four_times_too_much() -> None:
    async with bed(shares=False) as crew:
        for worker in range(WORKERS):
            crew.busy(worker)
        await crew.clock.go(30.0)
        assert crew.crm.most(10.0) == 400


async def test_one_busy_worker_uses_what_three_idle_ones_leave() -> None:
    async with bed() as crew:
        crew.busy(2)
        await crew.clock.go(40.0)
        assert 100 >= crew.crm.most(10.0) >= 90


async def test_when_the_store_goes_each_takes_its_part_and_when_it_is_back_they_share_again() -> None:
    async with bed() as crew:
        for worker in range(WORKERS):
            crew.busy(worker)
        await crew.clock.go(25.0)
        crew.memory.lost = True
        await crew.clock.go(40.0)
        assert 0.9 * 200 <= crew.crm.within(1040.0, 1060.0) <= 200
        crew.memory.lost = False
        await crew.clock.go(60.0)
        after = [one for one in crew.crm.times if one >= 1065.0 + 2 * AGAIN]
        assert max(sum(one <= other < one + 10.0 for other in after) for one in after) <= 100
        assert crew.crm.within(1090.0, 1120.0) >= 0.9 * 300


async def test_a_store_that_was_lost_is_told_what_began_meanwhile() -> None:
    async with bed(workers=1) as crew:
        crew.memory.lost = True
        send = limited(crew.crm, crew.limiters[0])
        calls = asyncio.gather(*(send(call()) for _ in range(7)))
        await crew.clock.go(1.0)
        await calls
        crew.memory.lost = False
        await crew.clock.go(AGAIN)
        assert sum(calls for wish in crew.memory.wishes for _, calls in wish.begun) == 7


async def test_with_a_lease_in_hand_a_call_begins_at_once_and_asks_nobody() -> None:
    async with bed() as crew:
        limiter = crew.limiters[0]
        await limiter.begin()
        limiter.end()
        asked = len(crew.memory.wishes)
        for _ in range(2):
            with pytest.raises(StopIteration):
                limiter.begin().send(None)
            limiter.end()
        assert len(crew.memory.wishes) == asked


async def test_a_lease_that_is_not_used_up_is_given_back_when_it_lapses_and_at_the_end() -> None:
    async with bed((Rate(8, 10.0),), workers=2) as crew:
        one, other = crew.limiters
        await one.begin()
        one.end()
        await crew.clock.go(1.5)
        assert not any(crew.memory.ledgers["sales:1"].lent)
        await other.begin()
        assert crew.memory.ledgers["sales:1"].lent
        other.end()
        await other.aclose()
        assert not any(crew.memory.ledgers["sales:1"].lent)


async def test_a_call_that_would_wait_too_long_for_a_lease_is_refused_and_says_for_how_long() -> None:
    async with bed((Rate(1, 30.0),), workers=2) as crew:
        one, other = crew.limiters
        await one.begin()
        one.end()
        await crew.clock.go(4.0)
        with pytest.raises(Throttled) as caught:
            await asyncio.wait_for(other.begin(), 10)
        assert (
            caught.value.message == "sales has been asked as often as its rate allows; it can be asked again in 27 s."
        )
        assert other.closed


async def test_reports_of_all_workers_leave_the_reserve_to_people_and_writes() -> None:
    async with bed() as crew:
        for worker in range(WORKERS):
            crew.busy(worker, Urgency.REPORT)
        await crew.clock.go(30.0)
        assert 0.9 * 80 <= crew.crm.most(10.0) <= 80
        before = len(crew.crm.times)
        crew.busy(0, Urgency.WRITE, callers=1)
        await crew.clock.go(0.3)
        assert len(crew.crm.times) - before >= 10


async def test_a_429_makes_the_next_lease_half_as_large() -> None:
    async with bed() as crew:
        for worker in range(WORKERS):
            crew.busy(worker)
        await crew.clock.go(5.0)
        size = crew.memory.wishes[-1].calls
        crew.limiters[0].learn(Reply(429))
        crew.memory.wishes.clear()
        await crew.clock.go(20.0)
        assert any(wish.calls <= size // 2 for wish in crew.memory.wishes)


QUOTA = QuotaSpec(window="10s", limit="X-RateLimit-Max", remaining="X-RateLimit-Remaining")


async def test_a_rate_that_only_replies_tell_is_shared_from_the_first_reply_on() -> None:
    async with bed((), learns=True, quotas=[QUOTA]) as crew:
        headers = {"x-ratelimit-max": "20", "x-ratelimit-remaining": "7"}
        for limiter in crew.limiters:
            await limiter.begin()
            limiter.end()
            limiter.learn(Reply(200, headers))
        assert crew.memory.wishes == []
        assert crew.limiters[0].quota == (Quota("10s", 20, 7),)
        for worker in range(WORKERS):
            crew.busy(worker)
        await crew.clock.go(30.0)
        assert 0.9 * 20 <= crew.crm.most(10.0) <= 20


async def test_a_rate_that_is_declared_is_told_before_anything_was_asked() -> None:
    async with bed() as crew:
        assert crew.limiters[0].quota == (Quota("10s", 100, None), Quota("1d", 200_000, None))
