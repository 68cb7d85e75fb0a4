"""What the service needs of the rooms above it, as Protocols."""

from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.flows import Reader
from crmgraph.domain.errors import CrmGraphError
from crmgraph.service.auditing import Entry
from crmgraph.service.beginnings import Beginning
from crmgraph.service.breakers import BreakerStatus
from crmgraph.service.freshness import Remembered
from crmgraph.service.holds import Hold
from crmgraph.service.imports import Import, ImportId, Item, ItemOutcome, Order, Part, Told
from crmgraph.service.intents import Intent, IntentId, Outcome, Plan


class SourceHealth(StrEnum):
    """How a source has been lately. UNKNOWN: it has not been called yet."""

    OK = "OK"
    SLOW = "SLOW"
    THROTTLED = "THROTTLED"
    DOWN = "DOWN"
    DENIED = "DENIED"
    RECONNECT = "RECONNECT"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Quota:
    """One allowance as the CRM's last reply told it, or as it is declared, with nothing told of what remains; `window`
    is its length as text (`10s`, `1d`).
    """

    window: str
    limit: int | None
    remaining: int | None


class Tally(Protocol):
    """Who keeps account of what it cost to read from a source."""

    def made(self) -> None:
        """A call is made."""

    def joined(self) -> None:
        """A call that somebody else made is waited for."""

    def aged(self, seconds: float) -> None:
        """A reply so old was given."""


class Source(Protocol):
    """One configured CRM account that we call."""

    @property
    def name(self) -> str: ...

    @property
    def reader(self) -> Reader:
        """The flows of its definition."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What it was told that is no secret, and its own name as `source`."""

    @property
    def tables(self) -> MutableMapping[str, Mapping[str, Any]]:
        """The vocabularies it has been asked for, kept between requests for as long as they may be believed."""

    async def send(self, call: Call, tally: Tally) -> Reply:
        """Make one call, whatever others ask; raises SourceError when no whole reply comes in time.

        A call with terms may be made once more after a failure; the tally is told of each.
        """

    async def read(self, call: Call, tally: Tally) -> Reply:
        """The reply to a call with terms, which others may share and which may be kept as they say; raises SourceError.

        Whatever was asked before a write of this process had ended is not given to who asks after that write began.
        """

    def kept(self, call: Call) -> Remembered | None:
        """The last good reply to an equal call, while nothing is known to have been written since it was asked for."""

    def forget(self, vocabularies: bool = False) -> None:
        """Somebody wrote to it: what was read before is not given again; with `vocabularies`, neither are those."""

    @property
    def mark(self) -> Hashable | None:
        """Stands for what was written to it, as far as we know; None while a write is under way."""

    def seen_as(self, definition: Definition) -> "Source":
        """The same source, read by another definition."""

    @property
    def health(self) -> SourceHealth: ...

    @property
    def quota(self) -> Sequence[Quota]: ...

    @property
    def breaker(self) -> BreakerStatus | None:
        """How its breaker stands; None where it has none."""

    @property
    def last_success(self) -> datetime | None: ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""


class StoreUnavailable(CrmGraphError):
    """The operator's turn: our own store cannot be read or written, so no write can be promised."""

    code = "STORE_UNAVAILABLE"


class Journal(Protocol):
    """The durable list of writes we mean to make, are making and have made.

    When one of these returns, what it says outlives a crash. A worker owns the intents that it opens and claims until
    they are settled or released; whoever gives up on an open one, cancelled or failed, releases it. A worker that dies
    stops beating, and after the lease others may claim what it held.
    """

    async def open(self, plan: Plan) -> IntentId:
        """Write a plan down; with a key, raises LostIntent when the key is not this worker's."""

    async def sending(self, intent: IntentId, step: int, hold: Hold | None = None, clue: bytes | None = None) -> int:
        """Say that a step's first byte is about to go out; returns which attempt it is, from 1.

        `clue`, where given, replaces the planned one. Raises LostIntent, LostHold when `hold` has run out, IllegalStep.
        """

    async def settled(self, intent: IntentId, step: int, outcome: Outcome) -> None:
        """Say how a step ended; raises LostIntent, IllegalStep."""

    async def release(self, intent: IntentId, at: datetime) -> None:
        """Leave an open intent to whoever claims it from `at` on, this worker included."""

    async def unsettled(self) -> Sequence[Intent]:
        """The open intents that nobody works on, the oldest first."""

    async def claim(self, intent: IntentId) -> Intent | None:
        """Take an intent over, as it stands now; None when it is settled, held or taken by somebody else."""

    async def resolve(self, intent: IntentId, step: int, outcome: Outcome) -> None:
        """Say what became of an UNKNOWN step, whoever found it out; raises IllegalStep."""

    async def read(self, intent: IntentId) -> Intent | None:
        """One intent as it stands."""

    async def pending(self) -> Sequence[Intent]:
        """The intents with a step of unknown outcome, and those that nobody works on: what a person should see."""


class Idempotency(Protocol):
    """The answers given to mutations with a key, each caller's apart."""

    async def begin(self, caller: str, key: str, digest: bytes) -> Beginning:
        """Begin with a key; `digest` stands for the mutation and its input."""

    async def finish(self, caller: str, key: str, payload: bytes) -> bytes:
        """Store the answer; returns the one that counts, which is the first."""

    async def abandon(self, caller: str, key: str) -> None:
        """Give a key back unfinished: as never begun, or, once an intent is tied to it, to whoever asks next."""


class Locks(Protocol):
    """One holder per record of a source, over all workers."""

    def hold(self, source: str, record: str, patience: float) -> AbstractAsyncContextManager[Hold]:
        """Wait up to `patience` seconds for the record and hold it; raises Busy."""

    async def keep(self, hold: Hold, seconds: float) -> None:
        """Leave a record held for so long, by nobody: what was sent under the hold may still be carried out."""


class Audit(Protocol):
    """The append-only log of what was done and what was refused, one over all workers.

    What a write came to is appended by the journal itself, in the transaction that settles it.
    """

    async def note(self, *entries: Entry) -> None:
        """Append them in this order; durable when it returns. Raises StoreUnavailable."""


class Imports(Protocol):
    """The imports of many contacts, with their rows and what became of each; durable when a method returns.

    A worker owns the import that it claims until it releases or ends it; when it dies, another claims it after the
    lease. Two that work on one do no harm: what a row comes to is told once.
    """

    async def begin(self, order: Order) -> Import:
        """Take the rows in; an order with an id that is known already is the import of that id."""

    async def read(self, ident: ImportId) -> Import | None:
        """One import as it stands."""

    async def claim(self) -> Import | None:
        """Take over the oldest running import that nobody works on."""

    async def release(self, ident: ImportId) -> None:
        """Leave an import to whoever claims it next."""

    async def stop(self, ident: ImportId, reason: str) -> None:
        """Say that it goes no further for now."""

    async def finish(self, ident: ImportId) -> None:
        """Say that every row has been told."""

    async def resume(self, ident: ImportId) -> Import | None:
        """Let an import that was stopped go on; None when there is no such import."""

    async def pending(self, ident: ImportId, source: str, after: int, most: int) -> Sequence[Part]:
        """The next rows behind `after` that are still to be told at a source."""

    async def tie(self, ident: ImportId, source: str, numbers: Sequence[int], intent: IntentId) -> None:
        """Say that these rows go to a source together, under one intent."""

    async def tell(self, ident: ImportId, source: str, told: Sequence[Told]) -> None:
        """Say what attempts came to; one that was told already stays as it was told."""

    async def counts(self, ident: ImportId) -> Mapping[ItemOutcome, int]:
        """How many rows came to what."""

    async def items(self, ident: ImportId, after: int, most: int, outcome: ItemOutcome | None = None) -> Sequence[Item]:
        """The next rows behind `after`, all or those with one outcome."""
