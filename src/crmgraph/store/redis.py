"""The ledgers of shared allowances in Redis or Valkey, one key for each account."""

import asyncio
from importlib import import_module
from importlib.util import find_spec
from math import ceil
from typing import TYPE_CHECKING

import msgspec

from crmgraph.domain.errors import ConfigError
from crmgraph.service.allowances import LONGEST, Lease, Ledger, Wish, decided, weighs
from crmgraph.service.ports import StoreUnavailable

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import Pipeline

PREFIX = "crmgraph:rates:"

PATIENCE = 1.0
"""Seconds that one answer of the server may take."""

_LEDGER = msgspec.json.Decoder(Ledger)


class RedisAllowances:
    """Ledgers at a URL; raises ConfigError where the library is missing, which is loaded with the first wish.

    A wish is decided on here and written only if nobody wrote meanwhile (WATCH); otherwise it is decided on anew.
    """

    def __init__(self, url: str) -> None:
        if find_spec("redis") is None:
            raise ConfigError("Rates that are shared in Redis need the extra: install `crmgraph[redis]`.")
        self._url = url.replace("valkey", "redis", 1) if url.startswith("valkey") else url
        self._client: Redis | None = None

    async def lease(self, account: str, wish: Wish) -> Lease:
        """Decide on a wish, as a whole before or after every other on the account; raises StoreUnavailable."""
        client = self._client or await self._opened()
        from redis.exceptions import RedisError

        key = PREFIX + account

        async def work(pipe: "Pipeline") -> Lease:
            held, (seconds, micros) = await pipe.get(key), await pipe.time()
            before = Ledger() if held is None else _LEDGER.decode(held)
            ledger, lease = decided(before, wish, seconds + micros / 1e6)
            pipe.multi()  # type: ignore[no-untyped-call]  # As in redis itself.
            if ledger != before:
                pipe.set(key, msgspec.json.encode(ledger), ex=_lasting(wish))
            return lease

        try:
            lease: Lease = await client.transaction(work, key, value_from_callable=True)
        except (RedisError, OSError) as wrong:
            raise StoreUnavailable(f"Redis cannot be used ({type(wrong).__name__}).") from wrong
        return lease

    async def aclose(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _opened(self) -> "Redis":
        """The library is loaded beside the requests under way."""
        library = await asyncio.to_thread(import_module, "redis.asyncio")
        if self._client is None:
            self._client = library.from_url(self._url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        return self._client


def _lasting(wish: Wish) -> int:
    """Seconds after which nothing in a ledger can weigh any more."""
    return ceil(2 * (weighs(max(rate.seconds for rate in wish.rates)) + LONGEST))
