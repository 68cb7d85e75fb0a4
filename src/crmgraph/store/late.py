"""The store, opened when something of it is first asked for: to load the library of databases takes a third of a
second, and whoever only reads needs none of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crmgraph.domain.judgements import NOTHING, Judged
from crmgraph.domain.records import Ref
from crmgraph.service.allowances import Lease, Wish
from crmgraph.service.forgetting import Forgetting
from crmgraph.service.persons import PersonIds
from crmgraph.service.ports import Clock
from crmgraph.service.replica import Question, Replica, Replicating, Row, Rows, SyncState
from crmgraph.service.tokens import TokenStore
from crmgraph.service.writing.stores import Running, Stores
from crmgraph.store.urls import driver_of, is_new

if TYPE_CHECKING:
    from crmgraph.store.opened import Opened
    from crmgraph.store.rotation import Resealed


class LateStore:
    """Our own state at a URL, its secrets sealed under `keys`; raises ConfigError when it is none that can be used."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        random: Callable[[int], bytes],
        keys: Mapping[str, bytes] | None = None,
        replicating: Replicating = Replicating(),
    ) -> None:
        driver_of(url)
        self._how = url, clock, random, keys, replicating
        self._opened: Opened | None = None
        self.stores: Stores = _LateStores(lambda: self._open().stores)

    async def loaded(self) -> None:
        """Return once opening it would hold up nobody. The library is loaded beside the requests under way."""
        await asyncio.to_thread(import_module, "crmgraph.store.opened")

    async def tokens(self) -> TokenStore:
        """What CRMs gave us by OAuth."""
        await self.loaded()
        return self._open().tokens

    async def judged(self) -> Judged:
        """What people decided about identity; raises StoreUnavailable. Where nothing is kept yet nobody decided."""
        if self._opened is None:
            if is_new(self._how[0]):
                return NOTHING
            await self.loaded()
        return await self._open().stores.judgements.standing()

    async def persons(self) -> PersonIds | None:
        """Whom records belong to; None where nothing is kept yet."""
        if self._opened is None:
            if is_new(self._how[0]):
                return None
            await self.loaded()
        return self._open().stores.persons

    async def replica(self) -> Replica:
        """Our stored copy of what the sources hold."""
        await self.loaded()
        return self._open().replica

    async def forgetting(self) -> Forgetting:
        """What erases people from everything that is kept."""
        await self.loaded()
        return self._open().forgetting

    async def resealed(self) -> "Resealed":
        """Seal whatever is under another key under the first one; it may be done again and again."""
        await self.loaded()
        return await self._open().resealed()

    async def lease(self, account: str, wish: Wish) -> Lease:
        """Decide on a wish for a part of an account's allowance; raises StoreUnavailable."""
        if self._opened is None:
            await self.loaded()
        return await self._open().allowances.lease(account, wish)

    async def keep(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Keep the leases of what is under way, and throw away what is old, for ever."""
        await self._open().keep(sleep)

    async def aclose(self) -> None:
        """Wait for the transactions under way and close every connection."""
        if self._opened is not None:
            await self._opened.aclose()

    def _open(self) -> "Opened":
        if self._opened is None:
            from crmgraph.store.opened import Opened

            self._opened = Opened(*self._how)
        return self._opened


class LateReplica:
    """The parts of the replica that questions need, opened when it is first asked."""

    def __init__(self, open: Callable[[], Awaitable[Replica]]) -> None:
        self._open = open

    async def page(self, asked: Question) -> Rows:
        return await (await self._open()).page(asked)

    async def state(self, source: str, resource: str) -> SyncState:
        return await (await self._open()).state(source, resource)

    async def by_keys(self, keys: Collection[str]) -> Mapping[str, Sequence[Ref]]:
        return await (await self._open()).by_keys(keys)

    async def by_refs(self, refs: Collection[Ref]) -> Mapping[Ref, Row]:
        return await (await self._open()).by_refs(refs)


class _LateStores(Stores):
    """Stores that are not there before one of them is read. What runs is remembered from the beginning."""

    __slots__ = ("_open",)

    def __init__(self, open: Callable[[], Stores]) -> None:
        object.__setattr__(self, "_open", open)
        object.__setattr__(self, "running", Running())

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet only."""
        names = [each.name for each in fields(Stores) if each.name != "running"]
        if name not in names:
            raise AttributeError(name)
        opened = self._open()
        for each in names:
            object.__setattr__(self, each, getattr(opened, each))
        return getattr(opened, name)
