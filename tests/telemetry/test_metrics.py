"""What Prometheus is told: counts by name, source and code, and of several workers their sum."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from tests.telemetry.given import answered, made

from crmgraph.service.breakers import BreakerState, BreakerStatus
from crmgraph.service.observing import ABANDONED, Ending, Spared
from crmgraph.service.ports import Quota, SourceHealth
from crmgraph.telemetry.labels import Labels
from crmgraph.telemetry.metrics import Metrics
from crmgraph.telemetry.together import Together


class Desk:
    """What is looked at of a source."""

    name = "desk"
    health = SourceHealth.DOWN
    quota = (Quota("1m", 60, 12), Quota("1d", None, 700))
    breaker = BreakerStatus(BreakerState.OPEN, 5, None, None, dry_run=False)


def told(registry: CollectorRegistry) -> dict[str, float]:
    """The numbers that are not zero, each by its line; the moments at which counting began left out."""
    lines = [one.rpartition(" ") for one in generate_latest(registry).decode().splitlines() if one[0] != "#"]
    return {name: float(number) for name, _, number in lines if float(number) and "_created" not in name}


def number(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_an_operation_is_counted_by_its_name_and_its_end() -> None:
    metrics = Metrics(Labels())
    begun = metrics.begins(None)
    assert number(metrics, "crmgraph_operations_under_way") == 1
    errors = [("UNAVAILABLE", "desk"), ("BAD_INPUT", None)]
    metrics.ended(begun, answered(ending=Ending.PARTIAL, errors=errors))
    assert number(metrics, "crmgraph_operations_under_way") == 0
    asked = {"operation": "Names", "kind": "query", "ending": "partial"}
    assert number(metrics, "crmgraph_operations_total", **asked) == 1
    assert number(metrics, "crmgraph_operation_seconds_bucket", operation="Names", le="0.025") == 1
    assert number(metrics, "crmgraph_operation_seconds_bucket", operation="Names", le="0.01") == 0
    assert number(metrics, "crmgraph_errors_total", code="UNAVAILABLE", source="desk") == 1
    assert number(metrics, "crmgraph_errors_total", code="BAD_INPUT", source="") == 1


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ({"status": 200}, "2xx"),
        ({"status": 429}, "4xx"),
        ({"status": None, "code": "UNAVAILABLE"}, "UNAVAILABLE"),
        ({"status": None, "code": ABANDONED}, "ABANDONED"),
    ],
)
def test_a_call_is_counted_by_source_and_outcome(end: dict[str, Any], outcome: str) -> None:
    metrics = Metrics(Labels())
    metrics.called(made(**end))
    assert number(metrics, "crmgraph_calls_total", source="desk", outcome=outcome) == 1
    assert number(metrics, "crmgraph_call_seconds_count", source="desk") == 1
    assert number(metrics, "crmgraph_retries_total", source="desk") is None


def test_what_is_spared_retried_and_answered_is_counted() -> None:
    metrics = Metrics(Labels())
    metrics.spared("desk", Spared.KEPT)
    metrics.called(made(attempt=2))
    metrics.responded(429)
    assert number(metrics, "crmgraph_spared_calls_total", source="desk", how="kept") == 1
    assert number(metrics, "crmgraph_retries_total", source="desk") == 1
    assert number(metrics, "crmgraph_http_responses_total", status="429") == 1


def test_sources_are_told_as_they_are_now() -> None:
    metrics = Metrics(Labels())
    metrics.look_at([Desk()], 3)  # type: ignore[list-item]  # No more of a source is looked at.
    assert number(metrics, "crmgraph_source_up", source="desk") == 0
    assert number(metrics, "crmgraph_breaker_open", source="desk") == 1
    assert number(metrics, "crmgraph_operations_waiting") == 3
    assert number(metrics, "crmgraph_quota_remaining", source="desk", window="1m") == 12
    assert number(metrics, "crmgraph_quota_limit", source="desk", window="1m") == 60
    assert number(metrics, "crmgraph_quota_limit", source="desk", window="1d") is None


def test_the_manual_names_every_metric_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `crmgraph_")]
    named = {name.removesuffix("_total") for row in rows for name in re.findall(r"`(crmgraph_\w+)`", row)}
    assert named == {one.name for one in Metrics(Labels()).registry.collect()}


WORKER = """
from crmgraph.telemetry.labels import Labels
from crmgraph.telemetry.metrics import Metrics
from tests.telemetry.given import answered
import os
metrics = Metrics(Labels())
metrics.ended(metrics.begins(None), answered())
metrics.begins(None)
print(os.getpid())
"""


def test_the_numbers_of_all_workers_are_added_up_and_the_dead_have_nothing_under_way(tmp_path: Path) -> None:
    """Each process writes its own files; who has ended is still counted, but does nothing any more."""
    environment = {"PYTHONPATH": ":".join(sys.path), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = [sys.executable, "-c", WORKER]
    done = [subprocess.run(command, capture_output=True, check=True, env=environment, text=True) for _ in range(2)]
    first, second = (json.loads(one.stdout) for one in done)
    alive = [first, second]
    together = Together(str(tmp_path), lambda: alive)
    counted = 'crmgraph_operations_total{ending="ok",kind="query",operation="Names"}'
    assert told(together)[counted] == 2
    assert told(together)["crmgraph_operations_under_way"] == 2
    alive.remove(first)
    assert told(together)[counted] == 2
    assert told(together)["crmgraph_operations_under_way"] == 1
