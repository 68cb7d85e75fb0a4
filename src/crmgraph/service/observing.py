"""What happens, told to whoever keeps account of it: operations, calls to CRMs, and replies that cost no call.

Nothing that is told holds a variable, a body, an address or a credential.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Ending(StrEnum):
    """How an operation ended: PARTIAL with data and errors, REFUSED before it was executed, ABANDONED by its caller."""

    OK = "ok"
    PARTIAL = "partial"
    REFUSED = "refused"
    FAILED = "failed"
    ABANDONED = "abandoned"


class Spared(StrEnum):
    """How a reply came without a call of its own: another's call was waited for, or it had been kept."""

    JOINED = "joined"
    KEPT = "kept"


ABANDONED = "ABANDONED"
"""The code of a call that nobody waited for any longer."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a document that is right; `name` is None where it has none, `kind` is `query` or `mutation`."""

    name: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an operation; `operation` is None where the document was wrong.

    `errors` are the code and source of each error that was told, `calls` the calls that it cost each source.
    """

    operation: Operation | None
    ending: Ending
    seconds: float
    caller: str
    errors: Sequence[tuple[str, str | None]] = ()
    calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A call to a CRM that has ended: with a `status`, or with the `code` of our error where no whole reply came.

    `endpoint` is the method and path as the definition has it, slots unfilled.
    """

    source: str
    endpoint: str
    status: int | None
    code: str | None
    seconds: float
    attempt: int = 1


class Observer(Protocol):
    """Who keeps account. Its methods take microseconds, wait for nothing and raise nothing."""

    def begins(self, traceparent: str | None) -> Any:
        """An operation begins in this task, for a caller who may have sent a W3C `traceparent`.

        What is returned is handed to `ended`.
        """

    def ended(self, begun: Any, answered: Answered) -> None:
        """The operation has ended."""

    def called(self, made: Made) -> None:
        """A call has ended."""

    def spared(self, source: str, how: Spared) -> None:
        """A reply cost no call."""

    def responded(self, status: int) -> None:
        """An HTTP answer has begun."""


class Several:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def begins(self, traceparent: str | None) -> Any:
        return [one.begins(traceparent) for one in self._observers]

    def ended(self, begun: Any, answered: Answered) -> None:
        for one, each in zip(self._observers, begun, strict=True):
            one.ended(each, answered)

    def called(self, made: Made) -> None:
        for one in self._observers:
            one.called(made)

    def spared(self, source: str, how: Spared) -> None:
        for one in self._observers:
            one.spared(source, how)

    def responded(self, status: int) -> None:
        for one in self._observers:
            one.responded(status)
