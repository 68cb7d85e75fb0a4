"""The way to a collector: OTLP over HTTP. What it needs is an extra, and imported only where there is a collector."""

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor

TIMEOUT = 5.0
"""Seconds that one delivery may take."""


def to_collector(address: str, authorization: str | None) -> SpanProcessor:
    """Hands spans over in batches, from a thread of its own; what a collector does not take is thrown away."""
    headers = {} if authorization is None else {"Authorization": authorization}
    exporter = OTLPSpanExporter(address, headers=headers, timeout=TIMEOUT, compression=Compression.Gzip)
    return BatchSpanProcessor(exporter, max_queue_size=4096, schedule_delay_millis=2000, max_export_batch_size=512)
