"""Everything that is told, put together: what is not asked for is not even imported."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from crmgraph.domain.errors import ConfigError
from crmgraph.service.observing import Observer, Several
from crmgraph.service.ports import Clock, Source
from crmgraph.telemetry.access import AccessLog
from crmgraph.telemetry.labels import Labels

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from crmgraph.telemetry.metrics import Metrics
    from crmgraph.telemetry.traces import Traces

EVERY = 1.0
"""Seconds between two looks at the event loop and at the sources."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be told; `otlp` is the address of a collector, `sample` the part of operations that is traced."""

    access: bool = False
    metrics: bool = False
    otlp: str | None = None
    authorization: str | None = None
    sample: float = 1.0

    def __repr__(self) -> str:
        return f"Wanted(access={self.access}, metrics={self.metrics}, traces={self.otlp is not None})"


class Telling:
    """Who keeps account of what; `observer` is None where nobody does.

    Spans go to `processor`, where one is given, and not to a collector; `metrics` are the process's own where none are
    given. Raises ConfigError where an extra is missing.
    """

    def __init__(
        self, wanted: Wanted, processor: "SpanProcessor | None" = None, metrics: "Metrics | None" = None
    ) -> None:
        labels = Labels()
        self.metrics = metrics or _metrics() if wanted.metrics else None
        self.traces = None if wanted.otlp is None else _traces(labels, wanted.otlp, wanted, processor)
        access = AccessLog(labels) if wanted.access else None
        found: list[Observer] = [one for one in (self.metrics, self.traces, access) if one is not None]
        self.observer: Observer | None = Several(found) if len(found) > 1 else found[0] if found else None

    async def keep(
        self,
        sources: Sequence[Source],
        waiting: Callable[[], int],
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Look at the event loop, at the sources and at how many wait from time to time, for ever."""
        while self.metrics is not None:
            self.metrics.look_at(sources, waiting())
            began = clock.monotonic()
            await sleep(EVERY)
            self.metrics.lagged(max(0.0, clock.monotonic() - began - EVERY))

    async def aclose(self) -> None:
        """Hand over what has not been told yet."""
        if self.traces is not None:
            await asyncio.to_thread(self.traces.close)


def _metrics() -> "Metrics":
    from crmgraph.telemetry.metrics import of_this_process

    return of_this_process()


def _traces(labels: Labels, address: str, wanted: Wanted, processor: "SpanProcessor | None") -> "Traces":
    try:
        from crmgraph.telemetry.collector import to_collector
        from crmgraph.telemetry.traces import Traces
    except ModuleNotFoundError:
        raise ConfigError("Traces (`telemetry.otlp`) need the extra: install `crmgraph[otel]`.") from None
    return Traces(labels, processor or to_collector(address, wanted.authorization), wanted.sample, _version())


def _version() -> str:
    try:
        return version("crmgraph")
    except PackageNotFoundError:
        return "0"  # It runs from its sources, without being installed.
