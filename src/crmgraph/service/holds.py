"""Holding a record of a source, so that nobody else writes it between our reading and our writing."""

from dataclasses import dataclass

from crmgraph.domain.errors import CrmGraphError


@dataclass(frozen=True, slots=True)
class Hold:
    """A held record. `fence` grows with every holder of the record: a smaller one is a holder of the past."""

    source: str
    record: str
    fence: int


class Busy(CrmGraphError):
    """The record is held by somebody else for longer than the caller was willing to wait."""

    code = "BUSY"
    retryable = True


class LostHold(CrmGraphError):
    """The hold ran out before the work was done; nothing more may be sent under it."""

    code = "LOST_HOLD"
