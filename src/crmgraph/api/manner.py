"""In which manner an operation is asked."""

from dataclasses import dataclass

from crmgraph.service.callers import ANYBODY, Caller
from crmgraph.service.errands import Urgency


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is asked: by whom, whether anything but a query is forbidden, whether the schema may be told, and how
    urgently.
    """

    caller: Caller = ANYBODY
    reads_only: bool = False
    may_introspect: bool = True
    urgency: Urgency = Urgency.INTERACTIVE


FREELY = Manner()
"""The manner of those from whom nothing is withheld."""
