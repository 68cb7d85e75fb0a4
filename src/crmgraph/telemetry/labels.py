"""What an operation is called in metrics and traces: callers choose their names, so there are only so many of them."""

from crmgraph.domain.masking import masked
from crmgraph.service.observing import Operation

MOST = 200
"""How many names are told apart; whoever comes after them is `other`."""

LONGEST = 64

ANONYMOUS = "anonymous"
OTHER = "other"
WRONG = "wrong"
"""A document that is no right one."""


class Labels:
    """The names that are told apart."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[str, str] = {}

    def of(self, operation: Operation | None) -> str:
        """The label of an operation; two operations of one name share it."""
        if operation is None:
            return WRONG
        if operation.name is None:
            return ANONYMOUS
        return self._known.get(operation.name) or self._new(operation.name)

    def _new(self, name: str) -> str:
        if len(name) > LONGEST or masked(name) != name or len(self._known) >= self._most:
            return OTHER
        self._known[name] = name
        return name
