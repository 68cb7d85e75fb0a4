"""How old an answer may be, and what may stand in for a source that fails."""

from dataclasses import dataclass

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.replies import judge
from crmgraph.domain.errors import BadReply, SourceError, Throttled, Unavailable

PASSING = (Unavailable, Throttled, BadReply)
"""The failures that say nothing of what the source held before: one that refuses us is not told from memory."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """What was kept may be told instead of a call when it is at most `max_age` seconds old, and with `stale_if_error`,
    however old, when the source fails.
    """

    max_age: float = 0.0
    stale_if_error: bool = False

    def stricter(self, other: "Freshness") -> "Freshness":
        """What both allow."""
        return Freshness(min(self.max_age, other.max_age), self.stale_if_error and other.stale_if_error)


LIVE = Freshness()
"""Nothing old is told."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A reply that was kept, with how many seconds ago it was asked for."""

    reply: Reply
    age: float


def failure_in(call: Call, reply: Reply) -> SourceError | None:
    """The failure of the source that a reply tells, where it is one that passes."""
    try:
        if call.terms is not None:
            judge(call, reply, call.terms.reply)
    except PASSING as error:
        return error
    except SourceError:
        return None
    return None
