"""How an account's allowance is shared between workers: who may begin how many calls, and until when.

What is promised: whatever the workers do, and whichever of them dies, no span as long as a rate's sees more calls
begin than the rate allows. For each call something weighs in the ledger from before it begins until its span has
passed: first the lease under which it begins, as if all of that were used at its last moment; then, once the worker
tells what it used, the call itself. Nothing is lent beyond what the weights leave. A worker tells ages and is told
durations, so no two clocks need agree; a clock that is set back makes nobody wait for longer than a span.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import Protocol

from msgspec import Struct

from crmgraph.connectors.rates import Rate

LONGEST = 5.0
"""Seconds that a lease lasts at the most."""

GRAINS = 100
"""Into how many parts a span is divided; what begins in one part is counted together."""

Until = tuple[float, int]
"""Until when so many calls weigh, by the store's clock."""


class Wish(Struct, frozen=True):
    """What a worker asks for: to be lent `calls` for `seconds`, under the name `lease`.

    It gives the leases `back`, and tells what began under them or under none: `begun`, so many seconds ago so many
    calls. Who is not `urgent` leaves the share `reserve` of every rate to others.
    """

    lease: str
    rates: tuple[Rate, ...]
    calls: int
    seconds: float
    urgent: bool = True
    reserve: float = 0.0
    back: tuple[str, ...] = ()
    begun: tuple[tuple[float, int], ...] = ()


class Lease(Struct, frozen=True):
    """What a worker is lent: `calls`, of which `spare` may be such as are not urgent.

    Where that is nothing, it is of use to ask again after `wait` seconds.
    """

    calls: int
    spare: int = 0
    wait: float = 0.0


class Ledger(Struct, frozen=True):
    """What weighs on one account: leases by name, with their last moment, and for each span the calls that began."""

    lent: Mapping[str, Until] = {}
    begun: Mapping[str, tuple[Until, ...]] = {}


class Allowances(Protocol):
    """Where the ledgers are kept."""

    async def lease(self, account: str, wish: Wish) -> Lease:
        """Decide on a wish, as a whole before or after every other on the account; raises StoreUnavailable."""


def weighs(seconds: float) -> float:
    """For how long a call weighs on a span: a little longer, since the CRM counts a call only when it arrives."""
    return seconds + min(seconds / 50, 0.25)


def ceiling(rate: Rate, reserve: float) -> int:
    """How far what is not urgent may use a rate; less than a whole call is not kept back."""
    return rate.count - int(rate.count * reserve)


def part(rate: Rate, workers: int) -> Rate:
    """What one of several workers may do alone."""
    whole = rate.count // workers
    return Rate(whole, rate.seconds) if whole else Rate(1, rate.seconds * workers / rate.count)


def decided(ledger: Ledger, wish: Wish, now: float) -> tuple[Ledger, Lease]:
    """The ledger after a wish, and what the wish comes to; `now` is the store's clock in seconds."""
    spans = {*map(float, ledger.begun), *(rate.seconds for rate in wish.rates)}
    lent = dict(_living(ledger.lent, wish.back, now, max(spans, default=0.0)))
    begun = {span: _counted(ledger.begun.get(_name(span), ()), wish.begun, span, now) for span in spans}
    loads = {rate: [*begun[rate.seconds], *_weights(lent.values(), rate.seconds, now)] for rate in wish.rates}
    urgent = min((rate.count - _sum(load) for rate, load in loads.items()), default=wish.calls)
    spare = min((ceiling(rate, wish.reserve) - _sum(load) for rate, load in loads.items()), default=wish.calls)
    calls = max(0, min(wish.calls, urgent if wish.urgent else spare))
    if calls:
        lease = Lease(calls, max(0, min(calls, spare)))
        lent[wish.lease] = (now + wish.seconds, calls)
    else:
        lease = Lease(0, 0, _wait(wish, lent, loads, now))
    return Ledger(lent, {_name(span): tuple(one) for span, one in begun.items() if one}), lease


def _name(span: float) -> str:
    return f"{span:g}"


def _sum(load: Iterable[Until]) -> int:
    return sum(calls for _, calls in load)


def _living(
    lent: Mapping[str, Until], back: tuple[str, ...], now: float, longest: float
) -> Iterator[tuple[str, Until]]:
    """The leases that still weigh on some span; a lease that was not given back may have been used to its end."""
    for name, (until, calls) in lent.items():
        if name not in back and until + weighs(longest) > now:
            yield name, (min(until, now + LONGEST), calls)


def _weights(lent: Iterable[Until], span: float, now: float) -> Iterator[Until]:
    """What leases weigh on one span."""
    for until, calls in lent:
        if until + weighs(span) > now:
            yield until + weighs(span), calls


def _counted(known: Iterable[Until], told: Iterable[tuple[float, int]], span: float, now: float) -> list[Until]:
    """The calls that weigh on a span, with those just told, in the order in which they cease to."""
    grain, count = span / GRAINS, Counter[float]()
    for until, calls in known:
        count[min(until, now + weighs(span) + grain)] += calls
    for age, calls in told:
        count[ceil((now - age + weighs(span)) / grain) * grain] += calls
    return sorted((until, calls) for until, calls in count.items() if until > now)


def _wait(wish: Wish, lent: Mapping[str, Until], loads: Mapping[Rate, list[Until]], now: float) -> float:
    """Seconds until something ceases to weigh on each rate that is used up, or until a lease may have come back."""
    most = {rate: rate.count if wish.urgent else ceiling(rate, wish.reserve) for rate in loads}
    full = [min(load)[0] - now for rate, load in loads.items() if load and _sum(load) >= most[rate]]
    wait = max(full, default=0.0)
    open = any(until + wish.seconds > now for until, _ in lent.values())
    return min(wait, wish.seconds) if open else wait
