"""The credential of a source that goes by OAuth: renewed in time, by one worker at a time, stored before it is used.

What is known is in the store; this remembers what it read there last. Nobody who waits for a renewal ends it by
leaving, for between the CRM's answer and the store the only copy of the tokens is here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crmgraph.domain.errors import ConfigError, Denied, Reconnect, SourceError, Unavailable
from crmgraph.service.ports import Clock, StoreUnavailable
from crmgraph.service.tokens import Kept, Tokens, TokenStore
from crmgraph.sources.auth import Credential
from crmgraph.sources.granting import Granting, Refused

LOOK = timedelta(seconds=60)
"""How often the store is looked at for tokens that somebody else has put there."""

AGAIN = timedelta(seconds=5)
"""How long after a failure it is tried again; those who come before that are told of the failure."""

PAUSE = 0.05
"""Seconds between two looks at the store while another worker renews; they grow to ten times that."""

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Held:
    """What was read last, as it is used."""

    version: int
    credential: Credential = field(repr=False)
    ends_at: datetime


class Renewal:
    """The credential of one source. `credential` makes one of an access token; `connected` is told the account whenever
    it is another one than before.
    """

    def __init__(
        self,
        source: str,
        store: Callable[[], Awaitable[TokenStore]],
        granting: Granting,
        credential: Callable[[str], Credential],
        connected: Callable[[str], None],
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._source = source
        self._store = store
        self._granting = granting
        self._credential = credential
        self._connected = connected
        self._clock = clock
        self._sleep = sleep
        self._held: _Held | None = None
        self._account: str | None = None
        self._failed: SourceError | None = None
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._rejected = self._vain = 0
        self._unstored: tuple[int, Tokens] | None = None
        self._flight: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def lost(self) -> bool:
        """Whether a person has to connect the source, as far as we know."""
        return isinstance(self._failed, Reconnect)

    def current(self) -> Credential | None:
        """The credential that is good now. A renewal that is due goes on beside the calls that use it."""
        held = self._held
        if held is None:
            return None
        now = self._clock.now()
        if now >= self._look_at:
            self._begun()
        return held.credential if now < held.ends_at else None

    async def obtained(self) -> Credential:
        """A credential that is good now; raises Reconnect, Unavailable, Denied."""
        if self._failed is not None and self._clock.now() < self._look_at:
            raise self._failed.with_traceback(None)
        await asyncio.shield(self._begun())
        held = self._held
        if held is None or self._clock.now() >= held.ends_at:
            raise self._failed or Unavailable(
                self._source, f"The tokens of {self._source} end before they can be used."
            )
        return held.credential

    async def after(self, refused: Credential) -> Credential | None:
        """What to try instead of a credential that was answered by 401; raises as `obtained` does."""
        held = self._held
        if held is not None and held.credential is refused:
            if self._clock.now() < self._look_at:
                if self._failed is not None:
                    raise self._failed.with_traceback(None)
                if held.version == self._vain:
                    return None
            if held.version != self._vain:
                self._rejected = held.version
            await self._renewed(held.version)
        held = self._held
        return None if held is None or held.credential is refused else held.credential

    def in_vain(self, fresh: Credential) -> None:
        """A fresh credential was refused too: until there is another, 401 means something else."""
        if self._held is not None and self._held.credential is fresh:
            self._vain = self._held.version

    async def aclose(self) -> None:
        """Wait until tokens that were asked for are stored."""
        self._closing = True
        if self._flight is not None:
            await asyncio.wait([self._flight])
        await self._granting.aclose()

    async def _renewed(self, version: int) -> None:
        """Have a look to its end that knows the version to be rejected: the one under way may have begun before."""
        await asyncio.shield(self._begun())
        if self._held is not None and self._held.version == version == self._rejected:
            await asyncio.shield(self._begun())

    def _begun(self) -> "asyncio.Task[None]":
        """The look at the store that is under way, or one that is begun now."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._looked())
            # A failure is kept for whoever comes next; that nobody waited for it is no mistake.
            self._flight.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._flight

    async def _looked(self) -> None:
        try:
            await self._up_to_date(await self._store())
        except SourceError as error:
            self._fail(error)
        except StoreUnavailable as error:
            self._fail(Unavailable(self._source, f"The tokens of {self._source} are out of reach. {error.message}"))
        except ConfigError as error:
            denied = Denied(self._source, f"The tokens of {self._source} cannot be read. {error.message}")
            denied.everywhere = True
            self._fail(denied)
        else:
            return
        assert self._failed is not None
        raise self._failed

    async def _up_to_date(self, store: TokenStore) -> None:
        """Hold what the store has, and renew it where that is due and nobody else does."""
        pause = PAUSE
        while True:
            kept = await store.read(self._source)
            if kept is None:
                raise self._reconnect("is not connected yet")
            self._hold(kept)
            if kept.refused is not None:
                raise self._reconnect(f"gives no new tokens any more ({kept.refused})")
            if not self._is_due(kept):
                return
            if await store.lease(self._source, kept.version):
                await self._renew(store, kept)
            elif self._is_usable(kept) or self._closing:
                return
            else:
                await self._sleep(pause)
                pause = min(pause * 2, PAUSE * 10)

    async def _renew(self, store: TokenStore, kept: Kept) -> None:
        """Renew what we have the lease of; whoever was quicker is found by the next look."""
        try:
            tokens = await self._next(kept)
        except Refused as no:
            await store.refuse(self._source, kept.version, no.said)
            return
        except SourceError:
            await store.release(self._source, kept.version)
            raise
        self._unstored = kept.version, tokens
        await store.renew(self._source, kept.version, tokens)
        self._unstored = None

    async def _next(self, kept: Kept) -> Tokens:
        """What these tokens are renewed to, asked for once: what could not be stored is not asked for again."""
        if self._unstored is not None and self._unstored[0] == kept.version:
            return self._unstored[1]
        if kept.tokens.refresh is None:
            raise Refused("it gave nothing to renew them by")
        return (await self._granting.refreshed(kept.tokens.refresh)).tokens

    def _hold(self, kept: Kept) -> None:
        now, tokens = self._clock.now(), kept.tokens
        if self._held is None or self._held.version != kept.version:
            self._held = _Held(kept.version, self._credential(tokens.access), tokens.ends_at or _NEVER)
        if kept.account != self._account:
            self._account = kept.account
            self._connected(kept.account)
        self._failed = None
        due = tokens.renew_at or _NEVER
        self._look_at = min(now + LOOK, due if due > now else now + AGAIN)

    def _fail(self, error: SourceError) -> None:
        error.sent = False
        self._failed = error
        self._look_at = self._clock.now() + AGAIN

    def _is_due(self, kept: Kept) -> bool:
        renew_at = kept.tokens.renew_at
        return not self._is_usable(kept) or (renew_at is not None and self._clock.now() >= renew_at)

    def _is_usable(self, kept: Kept) -> bool:
        return kept.version != self._rejected and self._clock.now() < (kept.tokens.ends_at or _NEVER)

    def _reconnect(self, what: str) -> Reconnect:
        said = f"{self._source} {what}; `crmgraph connect {self._source}` connects it."
        return Reconnect(self._source, said)
