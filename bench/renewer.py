"""One worker of `./dev bench tokens`: a source that goes by OAuth, asked whenever a line comes in.

A line is how many seconds the wall clock is ahead of the machine's; the answer is the status of each call.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crmgraph.connectors import catalog
from crmgraph.connectors.exchange import Call
from crmgraph.connectors.rates import Rate
from crmgraph.domain.errors import SourceError
from crmgraph.service.tokens import Kept, Tokens, TokenStore
from crmgraph.sources.account import Account
from crmgraph.sources.pool import Pool
from crmgraph.store.database import Database
from crmgraph.store.tokens import DatabaseTokens
from crmgraph.store.vault import Vault
from crmgraph.store.worker import new_worker

SOURCE = "sales"
KEYS = {"bench": b"b" * 32}

AT_ONCE = 3
"""How many calls each worker makes in a round."""

LOCATION = "demoLocation00000001"


@dataclass
class AheadClock:
    """The machine's clock, its wall clock some seconds ahead."""

    ahead: float = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Unleased:
    """Tokens that every worker may renew at any time: within each worker one at a time, as if that were enough."""

    def __init__(self, inner: DatabaseTokens) -> None:
        self._inner = inner

    async def read(self, source: str) -> Kept | None:
        return await self._inner.read(source)

    async def connect(self, source: str, account: str, tokens: Tokens) -> None:
        await self._inner.connect(source, account, tokens)

    async def lease(self, source: str, version: int) -> bool:
        return True

    async def release(self, source: str, version: int) -> None:
        return

    async def renew(self, source: str, version: int, tokens: Tokens) -> bool:
        return await self._inner.renew(source, version, tokens)

    async def refuse(self, source: str, version: int, reason: str) -> bool:
        return await self._inner.refuse(source, version, reason)


class Halting(Unleased):
    """Tokens whose worker stops for ever at one moment of a renewal, and says so, to be killed there."""

    def __init__(self, inner: DatabaseTokens, moment: str) -> None:
        super().__init__(inner)
        self._moment = moment

    async def lease(self, source: str, version: int) -> bool:
        return await self._inner.lease(source, version)

    async def release(self, source: str, version: int) -> None:
        await self._inner.release(source, version)

    async def renew(self, source: str, version: int, tokens: Tokens) -> bool:
        if self._moment == "before":
            await _halt()
        stored = await super().renew(source, version, tokens)
        if self._moment == "after":
            await _halt()
        return stored


async def _halt() -> None:
    _say("halted")
    await asyncio.Event().wait()


def _store(database: Database, clock: AheadClock, way: str) -> TokenStore:
    inner = DatabaseTokens(database, new_worker(clock, os.urandom), Vault(KEYS, os.urandom))
    if way == "unleased":
        return Unleased(inner)
    return Halting(inner, way) if way in ("before", "after") else inner


async def work(base_url: str, url: str, way: str) -> None:
    """Answer lines until there are no more."""
    clock, database = AheadClock(), Database(url)
    store = _store(database, clock, way)

    async def tokens() -> TokenStore:
        return store

    account = Account(
        name=SOURCE,
        definition=catalog.load("leadconnector", Path()),
        base_url=base_url,
        settings={"client_id": "demo-client", "location_id": LOCATION},
        secrets={"client_secret": "demo-secret"},
        rates=(Rate(1_000_000, 1.0),),
        timeout=30.0,
        allow_private=True,
    )
    async with Pool([account], clock, tokens=tokens) as pool:
        (source,) = pool.sources
        _say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            clock.ahead = float(line)
            _say(*await asyncio.gather(*(_status(source, at) for at in range(AT_ONCE))))
    await database.aclose()


async def _status(source, at: int) -> str:  # type: ignore[no-untyped-def]
    headers = (("Version", "2021-07-28"),)
    call = Call(SOURCE, "bench", "GET", f"/locations/{LOCATION}/tags", (("at", str(at)),), headers)
    try:
        return str((await source.send(call, Counting())).status)
    except SourceError as error:
        return type(error).__name__


class Counting:
    """Keeps no account of what it costs."""

    def made(self) -> None:
        return

    def joined(self) -> None:
        return

    def aged(self, seconds: float) -> None:
        return


def _say(*words: str) -> None:
    os.write(1, (" ".join(words) + "\n").encode())


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
