"""The audit log: who did what, at which source, and how it ended; never a value.

Each entry is chained to the one before: its hash is made from that one's hash and from everything that the entry says.
So nothing that is written can be altered, taken out, put in or moved without the chain telling where. Whoever can write
all of it anew can make it whole again; against that helps a head that is kept elsewhere (`Head`).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import orjson

from crmgraph.domain.errors import CrmGraphError, InputError

LONGEST = 200
"""The most characters that one part of an entry has; the rest is left away."""

PAGE = 1_000
"""How many entries are looked at together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD = re.compile(r"(0|[1-9][0-9]{0,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. `who` is a caller's name, `what` the mutation or another doing of ours, `outcome` one word.

    `resource` and `record` are the source's own names of what was touched: an id, never a name or an address. `times`
    is how often it happened, where that is told together.
    """

    who: str
    what: str
    outcome: str
    source: str | None = None
    resource: str | None = None
    action: str | None = None
    record: str | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log goes: the number of its last entry, 0 where there is none, and that entry's hash."""

    number: int = 0
    hash: str = "0" * 64

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it stands in the log; numbers begin with 1 and leave none out. `at` is microseconds since 1970."""

    number: int
    at: int
    entry: Entry
    hash: str


class Broken(CrmGraphError):
    """The operator's turn: the log is not what was written. `number` is the first entry that is not."""

    code = "AUDIT_BROKEN"

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class Log(Protocol):
    """What is asked of an audit log by who reads it; raises StoreUnavailable."""

    async def page(self, after: int, most: int) -> Sequence[Written]:
        """The next entries behind a number, in their order."""

    async def latest(self, wanted: "Wanted", most: int) -> Sequence[Written]:
        """The last entries that are wanted, the newest first."""

    async def head(self) -> Head:
        """How far it goes, as it was noted beside the entries."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries somebody wants to see; None is any. `before` is a number."""

    source: str | None = None
    record: str | None = None
    who: str | None = None
    before: int | None = None


def plain(entry: Entry) -> Entry:
    """The entry as it is kept: parts that came from outside cut, and without letters that cannot be printed."""
    source, resource, action, record = (
        None if part is None else _kept(part) for part in (entry.source, entry.resource, entry.action, entry.record)
    )
    return Entry(
        _kept(entry.who), _kept(entry.what), _kept(entry.outcome), source, resource, action, record, entry.times
    )


def chained(head: Head, at: datetime, entries: Sequence[Entry]) -> list[Written]:
    """Entries as they go on from a head; `at` is aware."""
    written, when = [], (at - _EPOCH) // timedelta(microseconds=1)
    for entry in map(plain, entries):
        one = Written(head.number + 1, when, entry, hash_of(head, when, entry))
        written.append(one)
        head = Head(one.number, one.hash)
    return written


def hash_of(before: Head, at: int, entry: Entry) -> str:
    """The hash of the entry that follows `before`: 64 hexadecimal digits of SHA-256."""
    # Whoever alters a row may put anything there, also what is no JSON.
    said = orjson.dumps([before.number + 1, at, *astuple(entry)], default=repr)
    return hashlib.sha256(bytes.fromhex(before.hash) + said).hexdigest()


def head_of(text: str) -> Head:
    """A head as it was printed; raises InputError."""
    found = _HEAD.fullmatch(text.strip())
    if found is None:
        raise InputError("A head is a number, a colon and 64 hexadecimal digits, as `crmgraph audit head` prints it.")
    return Head(int(found[1]), found[2])


async def verified(log: Log, kept: Head | None = None) -> Head:
    """The head of a log in which every entry is what was written; raises Broken with the first that is not.

    `kept` is a head of before that was kept elsewhere: the log must lead through it.
    """
    head, noted = await _through(log, Head(), kept), await log.head()
    # Whatever was appended meanwhile is gone through as well.
    while head.number < noted.number and (further := await _through(log, head, kept)) != head:
        head, noted = further, await log.head()
    _ends_as(head, noted, kept)
    return head


async def _through(log: Log, head: Head, kept: Head | None) -> Head:
    """The head after all entries that are there now."""
    while page := await log.page(head.number, PAGE):
        for one in page:
            head = _followed(head, one)
            if kept is not None and head.number == kept.number and head.hash != kept.hash:
                raise Broken(head.number, f"Entry {head.number} is not the one whose hash was kept elsewhere.")
    return head


def _ends_as(head: Head, noted: Head, kept: Head | None) -> None:
    """Raise Broken where the last entry is not the one that was noted, or lies before what was kept elsewhere."""
    if head.number < noted.number:
        raise Broken(head.number + 1, f"Entry {head.number + 1} is missing: the log ends before it.")
    if head.number > noted.number:
        raise Broken(noted.number + 1, f"Entry {noted.number + 1} was put in: the log ended before it.")
    if head != noted:
        raise Broken(head.number, f"Entry {head.number} is not the last one that was written.")
    if kept is not None and head.number < kept.number:
        raise Broken(head.number + 1, f"Entry {head.number + 1} is missing: the head kept elsewhere goes beyond it.")


def _followed(head: Head, one: Written) -> Head:
    """The head after an entry; raises Broken where it does not follow."""
    expected = head.number + 1
    if one.number != expected:
        raise Broken(expected, f"Entry {expected} is missing; entry {one.number} follows.")
    if one.hash != hash_of(head, one.at, one.entry):
        raise Broken(expected, f"Entry {expected} is not what was written there.")
    return Head(one.number, one.hash)


def _kept(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:LONGEST])
