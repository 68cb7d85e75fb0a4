"""What leads to a source, whoever goes there."""

from collections.abc import Callable

from cachetools import LRUCache

from crmgraph.connectors.rates import rates_of
from crmgraph.service.observing import Observer
from crmgraph.service.ports import Clock
from crmgraph.sources.account import Account
from crmgraph.sources.breaker import Breaker
from crmgraph.sources.bulkhead import Bulkhead
from crmgraph.sources.limit import Limiter, Sleep
from crmgraph.sources.retry import Retrying
from crmgraph.sources.scope import account_key
from crmgraph.sources.share import Sharing
from crmgraph.sources.transport import Transport
from crmgraph.sources.windows import Windows
from crmgraph.sources.writes import Writes

BREAKERS_MOST = 256
"""How many credentials of one source have a breaker at a time."""

ATTEMPTS_LAST = 3.0
"""How many times the time-out of one attempt all of them may take, where nothing else is said."""


class Road:
    """A source's connections, limits and retries, what is written to it, and who counts.

    What a CRM fails at with one credential it may do with another, so each has a breaker of its own. `chance` gives a
    number from 0 up to 1.
    """

    def __init__(
        self,
        account: Account,
        transport: Transport,
        clock: Clock,
        sleep: Sleep,
        chance: Callable[[], float],
        observer: Observer | None,
        sharing: Sharing,
    ) -> None:
        self.account = account
        self.observer = observer
        self.transport = transport
        self.clock = clock
        spec = account.definition.spec.limits
        concurrency = account.concurrency or spec.concurrency
        share = sharing.share(account_key(account), clock, sleep)
        windows = Windows(account.rates or rates_of(spec.rate), sharing.reserve, sharing.workers if share else 1)
        # What the operator chose stands above what replies tell.
        learns, patience = not account.rates, account.timeout
        self.limiter = Limiter(
            account.name, concurrency, windows, patience, clock, sleep, spec.quota, learns=learns, share=share
        )
        self.bulkhead = Bulkhead(account.name, concurrency, account.queue)
        total = account.total or ATTEMPTS_LAST * account.timeout
        self.retrying = Retrying(account.name, account.attempts, total, clock, sleep, chance)
        self.writes = Writes()
        self._chance = chance
        self._breakers: LRUCache[str, Breaker] = LRUCache(BREAKERS_MOST)

    def breaker(self, scope: str) -> Breaker:
        """The breaker of one credential."""
        if scope not in self._breakers:
            self._breakers[scope] = Breaker(self.account.name, self.account.breaker, self.clock, self._chance)
        return self._breakers[scope]
