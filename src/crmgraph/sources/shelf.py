"""Replies of one source that are kept: for as long as a definition says, to ask whether they are still so, and for who
would rather be told something old than nothing.
"""

from dataclasses import dataclass, replace

from cachetools import LRUCache

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.replies import judge
from crmgraph.domain.errors import SourceError
from crmgraph.service.freshness import Remembered
from crmgraph.service.ports import Clock, Tally
from crmgraph.sources.flights import Read
from crmgraph.sources.validators import conditional, validator
from crmgraph.sources.writes import Writes

ROOM = 2_000_000
"""Bytes of replies that are kept of one source, as they came; parsed they take several times as much."""

LEAST = 1_000
"""Bytes that a reply counts as at the least, so that no more than 2,000 are kept."""


OLDEST = 86_400.0
"""Seconds after which a reply is of no use to anybody."""


@dataclass(frozen=True, slots=True)
class Since:
    """When a reply was asked for: the source's mark, and monotonic seconds."""

    mark: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply; `header` asks whether it is still so."""

    reply: Reply
    since: Since
    header: tuple[str, str] | None


class Shelf:
    """What is kept of a source; every write to it empties the shelf."""

    def __init__(self, writes: Writes, clock: Clock, room: int = ROOM) -> None:
        self._writes = writes
        self._clock = clock
        self._room = room
        self._replies: LRUCache[Call, Kept] = LRUCache(room, getsizeof=_size)
        self._mark: int | None = None

    def now(self) -> Since:
        """What a call that is made now must tell when its reply is kept."""
        return Since(self._writes.mark, self._clock.monotonic())

    def find(self, call: Call) -> Kept | None:
        """What is kept of an equal call, at any age."""
        self._clear_old()
        return self._replies.get(call)

    def age(self, call: Call, found: Kept) -> float | None:
        """How many seconds old it is, None where that is too old for this call."""
        age = self._clock.monotonic() - found.since.seconds
        return age if call.terms is not None and age < call.terms.lifetime else None

    def remembered(self, call: Call) -> Remembered | None:
        """What is kept of an equal call, for who says how old it may be."""
        found = self.find(call)
        age = 0.0 if found is None else self._clock.monotonic() - found.since.seconds
        return None if found is None or age > OLDEST else Remembered(found.reply, age)

    def keep(self, call: Call, reply: Reply, since: Since) -> None:
        """Keep a reply for who asks next, if that is of any use."""
        header = validator(reply.headers) if call.method == "GET" else None
        if max(LEAST, len(reply.content)) <= self._room and _is_good(call, reply):
            often = header is not None or (call.terms is not None and call.terms.lifetime)
            self._put(call, Kept(reply if often else _unparsed(reply), since, header))

    def renew(self, call: Call, found: Kept, since: Since) -> None:
        """Keep on what the CRM says is still so."""
        self._put(call, replace(found, since=since))

    def _put(self, call: Call, one: Kept) -> None:
        """Keep it unless something was written since it was asked for."""
        self._clear_old()
        if one.since.mark is not None and one.since.mark == self._mark:
            self._replies[call] = one

    def _clear_old(self) -> None:
        if self._mark != self._writes.mark:
            self._replies.clear()
            self._mark = self._writes.mark


def _size(one: Kept) -> int:
    return max(LEAST, len(one.reply.content))


def _unparsed(reply: Reply) -> Reply:
    """The reply without its JSON, which takes several times its room and is seldom asked for again."""
    return Reply(reply.status, reply.headers, reply.content)


def _is_good(call: Call, reply: Reply) -> bool:
    """Whether a reply may be told again and is no failure: a CRM may tell one with 200 too."""
    if call.terms is None or reply.status != 200 or "no-store" in reply.headers.get("cache-control", "").lower():
        return False
    try:
        judge(call, reply, call.terms.reply)
    except SourceError:
        return False
    return True


def kept(read: Read, shelf: Shelf) -> Read:
    """A read that is answered off the shelf while the call's lifetime lasts."""

    async def off_the_shelf(call: Call, tally: Tally) -> Reply:
        found = shelf.find(call)
        age = None if found is None else shelf.age(call, found)
        if found is None or age is None:
            return await read(call, tally)
        tally.aged(age)
        return found.reply

    return off_the_shelf


def renewed(read: Read, shelf: Shelf) -> Read:
    """A read that asks whether what is on the shelf is still so, and puts there what comes."""

    async def asked(call: Call, tally: Tally) -> Reply:
        found, now = shelf.find(call), shelf.now()
        header = None if found is None else found.header
        reply = await read(call if header is None else conditional(call, header), tally)
        if found is not None and header is not None and reply.status == 304:
            shelf.renew(call, found, now)
            return found.reply
        shelf.keep(call, reply, now)
        return reply

    return asked
