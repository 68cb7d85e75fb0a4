"""A trace: a span for an operation, one below it for each call, and nothing in them that is anybody's business."""

import asyncio

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from tests.telemetry.given import answered, made

from crmgraph.service.observing import Ending
from crmgraph.telemetry.labels import Labels
from crmgraph.telemetry.traces import Traces

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = PARENT[:-1] + "0"


def traces(sample: float = 1.0) -> tuple[Traces, InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    return Traces(Labels(), SimpleSpanProcessor(kept), sample, "0.1.0"), kept


def test_a_call_is_below_its_operation_and_the_operation_below_its_caller() -> None:
    tracing, kept = traces()
    begun = tracing.begins(PARENT)
    tracing.called(made())
    tracing.ended(begun, answered())
    call, operation = kept.get_finished_spans()
    assert (operation.name, call.name) == ("query Names", "GET /people/{id}")
    assert operation.parent is not None
    assert call.parent is not None
    assert f"{operation.parent.trace_id:032x}-{operation.parent.span_id:016x}" == PARENT[3:-3]
    assert call.parent.span_id == operation.context.span_id
    assert dict(call.attributes or {}) == {
        "crmgraph.source": "desk",
        "http.request.method": "GET",
        "url.template": "/people/{id}",
        "http.response.status_code": 200,
    }
    assert (call.end_time or 0) - (call.start_time or 0) == 10_000_000


def test_what_went_wrong_is_told_by_its_code() -> None:
    tracing, kept = traces()
    begun = tracing.begins(None)
    tracing.called(made(status=None, code="UNAVAILABLE", attempt=3))
    tracing.ended(begun, answered(operation=None, ending=Ending.REFUSED, errors=[("BAD_INPUT", None)]))
    call, operation = kept.get_finished_spans()
    assert operation.parent is None
    assert (operation.name, operation.status.status_code) == ("wrong", StatusCode.ERROR)
    assert (operation.attributes or {})["crmgraph.errors"] == ("BAD_INPUT",)
    assert call.status.status_code is StatusCode.ERROR
    assert (call.attributes or {})["error.type"] == "UNAVAILABLE"
    assert (call.attributes or {})["http.request.resend_count"] == 2


def test_a_caller_whose_name_is_an_address_is_not_told() -> None:
    """An identity provider may call people by their e-mails."""
    tracing, kept = traces()
    tracing.ended(tracing.begins(None), answered(caller="ada@crm.example.org"))
    (operation,) = kept.get_finished_spans()
    assert (operation.attributes or {})["crmgraph.caller"] == "[e-mail]"


def test_calls_of_nobodys_operation_are_no_traces() -> None:
    tracing, kept = traces()
    tracing.called(made())
    tracing.ended(tracing.begins(None), answered())
    tracing.called(made())
    assert [one.name for one in kept.get_finished_spans()] == ["query Names"]


async def test_two_operations_at_once_keep_their_calls_apart() -> None:
    tracing, kept = traces()

    async def asked(name: str) -> None:
        begun = tracing.begins(None)
        await asyncio.sleep(0)
        tracing.called(made(source=name))
        tracing.ended(begun, answered(name))

    await asyncio.gather(asked("a"), asked("b"))
    spans = kept.get_finished_spans()
    operations = {one.context.span_id: one.name for one in spans if one.parent is None}
    calls = {operations[one.parent.span_id]: (one.attributes or {})["crmgraph.source"] for one in spans if one.parent}
    assert calls == {"query a": "a", "query b": "b"}


@pytest.mark.parametrize(
    ("sample", "parent", "spans"), [(0.0, None, 0), (0.0, PARENT, 2), (1.0, UNSAMPLED, 0), (1.0, "nonsense", 2)]
)
def test_a_caller_who_says_whether_to_trace_is_heeded_before_the_part_that_is_configured(
    sample: float, parent: str | None, spans: int
) -> None:
    tracing, kept = traces(sample)
    begun = tracing.begins(parent)
    tracing.called(made())
    tracing.ended(begun, answered())
    assert len(kept.get_finished_spans()) == spans
