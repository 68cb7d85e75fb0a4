"""An execution of which is told how each operation ended."""

import asyncio
from collections.abc import Mapping
from typing import Any

from crmgraph.api.execution import Execution
from crmgraph.api.manner import Manner
from crmgraph.api.outcome import Outcome
from crmgraph.service.observing import Answered, Ending, Observer
from crmgraph.service.ports import Clock


class Observed:
    """Executes as its `execution` does, and tells the observer, if there is one."""

    def __init__(self, execution: Execution, observer: Observer | None, clock: Clock) -> None:
        self._execution = execution
        self._observer = observer
        self._clock = clock

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        *,
        deadline: float | None,
        manner: Manner,
        traceparent: str | None = None,
    ) -> Outcome:
        """One operation, for a caller who may have sent a W3C `traceparent`."""
        work = self._execution.execute(query, variables, operation_name, deadline=deadline, manner=manner)
        if self._observer is None:
            return await work
        began, begun = self._clock.monotonic(), self._observer.begins(traceparent)
        outcome: Outcome | None = None
        ending = Ending.FAILED
        try:
            outcome = await work
            ending = ending_of(outcome)
            return outcome
        except asyncio.CancelledError:
            ending = Ending.ABANDONED
            raise
        finally:
            operation = self._execution.documents.named(query, operation_name)
            told = (operation, ending, self._clock.monotonic() - began, manner.caller.name)
            about = () if outcome is None else (errors_of(outcome), calls_of(outcome))
            self._observer.ended(begun, Answered(*told, *about))


def ending_of(outcome: Outcome) -> Ending:
    """How an operation ended that was answered."""
    if not outcome.executed:
        return Ending.REFUSED
    return Ending.PARTIAL if outcome.errors else Ending.OK


def errors_of(outcome: Outcome) -> list[tuple[str, str | None]]:
    """The code and source of each error."""
    said = (one.get("extensions", {}) for one in outcome.errors)
    return [(extensions.get("code", "INTERNAL"), extensions.get("source")) for extensions in said]


def calls_of(outcome: Outcome) -> dict[str, int]:
    """How many calls each source got; those that got none are left out."""
    sources = (outcome.extensions or {}).get("crmgraph", {}).get("sources", {})
    return {name: told["calls"] for name, told in sources.items() if told["calls"]}
