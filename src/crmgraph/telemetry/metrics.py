"""Metrics for Prometheus. With several workers each keeps its own, in files that whoever is asked adds up.

The library decides where numbers live when it is imported, by a variable of the environment: so it is imported here,
and this file only where metrics are wanted.
"""

from collections.abc import Sequence
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from crmgraph.service.breakers import BreakerState
from crmgraph.service.observing import Answered, Made, Spared
from crmgraph.service.ports import Source, SourceHealth
from crmgraph.telemetry.labels import Labels

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds of a duration's buckets."""

_UP = {SourceHealth.OK, SourceHealth.SLOW, SourceHealth.THROTTLED, SourceHealth.UNKNOWN}


class Metrics:
    """The numbers of this process, in a registry of their own."""

    def __init__(self, labels: Labels, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry = registry or CollectorRegistry()
        self._labels = labels
        self._operations = Counter(
            "crmgraph_operations", "Operations that ended.", ("operation", "kind", "ending"), registry=registry
        )
        self._seconds = Histogram(
            "crmgraph_operation_seconds",
            "How long operations took.",
            ("operation",),
            registry=registry,
            buckets=SECONDS,
        )
        self._under_way = Gauge(
            "crmgraph_operations_under_way", "Operations under way.", registry=registry, multiprocess_mode="livesum"
        )
        self._waiting = Gauge(
            "crmgraph_operations_waiting", "Operations that wait.", registry=registry, multiprocess_mode="livesum"
        )
        self._errors = Counter("crmgraph_errors", "Errors in answers.", ("code", "source"), registry=registry)
        self._responses = Counter("crmgraph_http_responses", "HTTP answers.", ("status",), registry=registry)
        self._calls = Counter("crmgraph_calls", "Calls to CRMs that ended.", ("source", "outcome"), registry=registry)
        self._call_seconds = Histogram(
            "crmgraph_call_seconds", "How long calls took.", ("source",), registry=registry, buckets=SECONDS
        )
        self._retries = Counter("crmgraph_retries", "Calls made once more.", ("source",), registry=registry)
        self._spared = Counter(
            "crmgraph_spared_calls", "Replies that cost no call of their own.", ("source", "how"), registry=registry
        )
        self._up = _latest(registry, "crmgraph_source_up", "0 while a source is down or denies us.", "source")
        self._breaker = _latest(registry, "crmgraph_breaker_open", "1 while a source is left alone.", "source")
        self._left = _latest(registry, "crmgraph_quota_remaining", "Calls a source still allows.", "source", "window")
        self._limit = _latest(registry, "crmgraph_quota_limit", "Calls a source allows in all.", "source", "window")
        self._lag = Histogram(
            "crmgraph_event_loop_lag_seconds",
            "How late the event loop wakes who sleeps.",
            registry=registry,
            buckets=SECONDS,
        )

    def begins(self, traceparent: str | None) -> None:
        self._under_way.inc()

    def ended(self, begun: None, answered: Answered) -> None:
        label = self._labels.of(answered.operation)
        kind = "" if answered.operation is None else answered.operation.kind
        self._under_way.dec()
        self._operations.labels(label, kind, answered.ending).inc()
        self._seconds.labels(label).observe(answered.seconds)
        for code, source in answered.errors:
            self._errors.labels(code, source or "").inc()

    def called(self, made: Made) -> None:
        outcome = made.code if made.code is not None else f"{(made.status or 0) // 100}xx"
        self._calls.labels(made.source, outcome).inc()
        self._call_seconds.labels(made.source).observe(made.seconds)
        if made.attempt > 1:
            self._retries.labels(made.source).inc()

    def spared(self, source: str, how: Spared) -> None:
        self._spared.labels(source, how).inc()

    def responded(self, status: int) -> None:
        self._responses.labels(str(status)).inc()

    def lagged(self, seconds: float) -> None:
        """The event loop woke somebody so late."""
        self._lag.observe(seconds)

    def look_at(self, sources: Sequence[Source], waiting: int) -> None:
        """Note how the sources are now, and how many operations wait to be let in."""
        self._waiting.set(waiting)
        for source in sources:
            self._up.labels(source.name).set(source.health in _UP)
            if source.breaker is not None:
                self._breaker.labels(source.name).set(source.breaker.state is BreakerState.OPEN)
            for quota in source.quota:
                if quota.remaining is not None:
                    self._left.labels(source.name, quota.window).set(quota.remaining)
                if quota.limit is not None:
                    self._limit.labels(source.name, quota.window).set(quota.limit)


@lru_cache(maxsize=1)
def of_this_process() -> Metrics:
    """The one that counts for this process, whatever is built in it one after another: its numbers live in files of the
    process, and two would overwrite each other's.
    """
    return Metrics(Labels())


def _latest(registry: CollectorRegistry, name: str, told: str, *labels: str) -> Gauge:
    """What is so now: of several workers the one that looked last says it."""
    return Gauge(name, told, labels, registry=registry, multiprocess_mode="livemostrecent")
