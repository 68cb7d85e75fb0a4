"""Traces for OpenTelemetry: a span for each operation and one below it for each call that it makes.

A span says which operation or endpoint it was and how it ended; never a variable, an address, a header or a body.
What a caller's `traceparent` says is gone on with, and not passed on to CRMs.
"""

import time
from contextvars import ContextVar, Token
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from crmgraph.domain.masking import masked
from crmgraph.service.observing import Answered, Ending, Made, Spared
from crmgraph.telemetry.labels import Labels

_UNDER_WAY: ContextVar[Context | None] = ContextVar("_UNDER_WAY", default=None)
"""Where the spans of calls belong that this task makes."""

_FROM_CALLER = TraceContextTextMapPropagator()

_WELL = {Ending.OK, Ending.PARTIAL, Ending.ABANDONED}

Begun = tuple[Span, Token[Context | None]]


class Traces:
    """Makes spans and hands them to `processor`; `sample` is the part of operations traced for who does not say."""

    def __init__(self, labels: Labels, processor: SpanProcessor, sample: float, version: str) -> None:
        self._labels = labels
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(sample)),
            resource=Resource({"service.name": "crmgraph", "service.version": version}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("crmgraph")

    def begins(self, traceparent: str | None) -> Begun:
        above = Context() if traceparent is None else _FROM_CALLER.extract({"traceparent": traceparent}, Context())
        span = self._tracer.start_span("operation", above, SpanKind.SERVER)
        return span, _UNDER_WAY.set(set_span_in_context(span, Context()))

    def ended(self, begun: Begun, answered: Answered) -> None:
        span, token = begun
        _UNDER_WAY.reset(token)
        if span.is_recording():
            span.update_name(self._name(answered))
            span.set_attributes(_said(answered))
            if answered.ending not in _WELL:
                span.set_status(Status(StatusCode.ERROR))
        span.end()

    def called(self, made: Made) -> None:
        above = _UNDER_WAY.get()
        if above is None:
            return  # Nobody's operation: reading for the key index, say, would be a trace for every page.
        ended = time.time_ns()
        span = self._tracer.start_span(
            made.endpoint,
            above,
            SpanKind.CLIENT,
            {"crmgraph.source": made.source, "http.request.method": made.endpoint.partition(" ")[0]},
            start_time=ended - int(made.seconds * 1e9),
        )
        if span.is_recording():
            span.set_attributes(_outcome(made))
            if made.code is not None or (made.status or 0) >= 400:
                span.set_status(Status(StatusCode.ERROR))
        span.end(ended)

    def spared(self, source: str, how: Spared) -> None:
        """What cost no call has no span."""

    def responded(self, status: int) -> None:
        """An operation may be one of several in an answer."""

    def close(self) -> None:
        """Hand over what is left; this may take seconds."""
        self._provider.shutdown()

    def _name(self, answered: Answered) -> str:
        label = self._labels.of(answered.operation)
        return label if answered.operation is None else f"{answered.operation.kind} {label}"


def _said(answered: Answered) -> dict[str, Any]:
    said: dict[str, Any] = {"crmgraph.ending": answered.ending.value, "crmgraph.caller": masked(answered.caller)}
    if answered.operation is not None:
        said["graphql.operation.type"] = answered.operation.kind
    if answered.errors:
        said["crmgraph.errors"] = sorted({code for code, _ in answered.errors})
    return said | {f"crmgraph.calls.{source}": count for source, count in answered.calls.items()}


def _outcome(made: Made) -> dict[str, Any]:
    said: dict[str, Any] = {"url.template": made.endpoint.partition(" ")[2]}
    if made.status is not None:
        said["http.response.status_code"] = made.status
    if made.code is not None:
        said["error.type"] = made.code
    if made.attempt > 1:
        said["http.request.resend_count"] = made.attempt - 1
    return said
