"""A line in the log for each operation."""

import structlog

from crmgraph.service.observing import Answered, Made, Spared
from crmgraph.telemetry.labels import Labels


class AccessLog:
    """Says who asked for what, how long it took, how it ended and what it cost each source."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._log = structlog.get_logger("crmgraph.access").bind()

    def begins(self, traceparent: str | None) -> None:
        """Nothing is said before the end."""

    def ended(self, begun: None, answered: Answered) -> None:
        operation = answered.operation
        said = {"errors": sorted({code for code, _ in answered.errors})} if answered.errors else {}
        self._log.info(
            "operation",
            operation=self._labels.of(operation),
            kind=None if operation is None else operation.kind,
            ending=answered.ending,
            ms=round(answered.seconds * 1000, 2),
            calls=answered.calls,
            caller=answered.caller,
            **said,
        )

    def called(self, made: Made) -> None:
        """Calls are counted in their operation's line."""

    def spared(self, source: str, how: Spared) -> None:
        """What cost nothing is not said."""

    def responded(self, status: int) -> None:
        """An answer's status is said by metrics."""
