"""The store once it is open: one database, one worker on it, and the ports that service knows it by."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from crmgraph.service.ports import Clock
from crmgraph.service.replica import Replicating
from crmgraph.service.writing.stores import Stores
from crmgraph.store.allowances import DatabaseAllowances
from crmgraph.store.audit import DatabaseAudit
from crmgraph.store.database import Database
from crmgraph.store.events import DatabaseEvents
from crmgraph.store.forgetting import DatabaseForgetting
from crmgraph.store.idempotency import DatabaseIdempotency
from crmgraph.store.imports import DatabaseImports
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.judgements import DatabaseJudgements
from crmgraph.store.keys import DatabaseKeys
from crmgraph.store.locks import DatabaseLocks
from crmgraph.store.notices import DatabaseNotices
from crmgraph.store.persons import DatabasePersons
from crmgraph.store.replica import DatabaseReplica
from crmgraph.store.rotation import Resealed, resealed
from crmgraph.store.rules import DatabaseRules
from crmgraph.store.tidying import tidying
from crmgraph.store.tokens import DatabaseTokens
from crmgraph.store.vault import Vault
from crmgraph.store.worker import beating, new_worker


class Opened:
    """Our own state at one URL. Nothing is created there before the first transaction.

    `keys` are those that secrets are sealed under, the first one new ones; `replicating` is how the replica is kept.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        random: Callable[[int], bytes],
        keys: Mapping[str, bytes] | None = None,
        replicating: Replicating = Replicating(),
    ) -> None:
        self._database = database = Database(url)
        self._worker = worker = new_worker(clock, random)
        audit = DatabaseAudit(database, worker)
        self._vault = vault = Vault(keys or {}, random)
        persons = DatabasePersons(database, worker)
        judgements = DatabaseJudgements(database, worker, vault if keys else None)
        self.stores = Stores(
            DatabaseJournal(database, worker),
            DatabaseIdempotency(database, worker),
            DatabaseLocks(database, worker),
            DatabaseNotices(database, worker, [judgements, persons]),
            DatabaseImports(database, worker),
            DatabaseRules(database),
            audit,
            audit,
            DatabaseEvents(database, worker, vault if keys else None),
            DatabaseKeys(database),
            judgements,
            persons,
        )
        self.replica = DatabaseReplica(database, worker, replicating.region, vault if replicating.encrypt else None)
        self._gone = timedelta(seconds=replicating.keep)
        self.forgetting = DatabaseForgetting(database, worker, self.replica, vault)
        self.tokens = DatabaseTokens(database, worker, vault)
        self.allowances = DatabaseAllowances(database, clock)

    async def keep(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Keep the leases of what is under way, and throw away what is old, for ever."""
        database, worker = self._database, self._worker
        await asyncio.gather(beating(database, worker, sleep), tidying(database, worker, sleep, self._gone))

    async def resealed(self) -> Resealed:
        """Seal whatever is under another key under the first one."""
        return await resealed(self._database, self._vault)

    async def aclose(self) -> None:
        """Wait for the transactions under way and close every connection."""
        await self._database.aclose()
