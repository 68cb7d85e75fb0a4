"""What is not asked for is not even imported; what is asked for and not installed is told in one sentence."""

import subprocess
import sys

import pytest
import structlog
from structlog.testing import capture_logs
from tests.telemetry.given import answered

from crmgraph.domain.errors import ConfigError
from crmgraph.telemetry.access import AccessLog
from crmgraph.telemetry.labels import Labels
from crmgraph.telemetry.telling import Telling, Wanted


def test_the_program_starts_without_what_it_was_not_asked_for() -> None:
    heavy = ("prometheus_client", "opentelemetry.sdk", "requests")
    program = f"import sys, crmgraph.app; print([one for one in {heavy!r} if one in sys.modules])"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"


def test_nobody_keeps_account_unless_asked() -> None:
    assert Telling(Wanted()).observer is None


def test_programs_that_follow_each_other_in_one_process_count_together() -> None:
    """A configuration that is followed builds anew while the last answers of the old one are still given."""
    old, new = Telling(Wanted(metrics=True)), Telling(Wanted(metrics=True))
    assert old.metrics is not None
    assert old.metrics is new.metrics


def test_an_extra_that_is_missing_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith(("opentelemetry", "crmgraph.telemetry.collector"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigError) as told:
        Telling(Wanted(otlp="https://collector.example.com"))
    assert told.value.message == "Traces (`telemetry.otlp`) need the extra: install `crmgraph[otel]`."


def test_the_collectors_authorization_is_not_printed() -> None:
    assert "hunter2" not in repr(Wanted(otlp="https://collector.example.com", authorization="hunter2"))


def test_an_operation_is_one_line() -> None:
    structlog.reset_defaults()
    with capture_logs() as lines:
        AccessLog(Labels()).ended(None, answered(errors=[("UNAVAILABLE", "desk"), ("UNAVAILABLE", "office")]))
    assert lines == [
        {
            "event": "operation",
            "log_level": "info",
            "operation": "Names",
            "kind": "query",
            "ending": "ok",
            "ms": 20.0,
            "calls": {"desk": 2},
            "caller": "anybody",
            "errors": ["UNAVAILABLE"],
        }
    ]
