"""The section `telemetry`: what is told, and to whom."""

from pathlib import Path
from typing import Any

import pytest

from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.config.settings import Settings
from crmgraph.config.telemetry import TelemetrySettings
from crmgraph.connectors import catalog

SOURCES = "sources: {desk: {connector: bigcontacts, token: '${TOKEN}'}}\n"


def loaded(folder: Path, text: str, **more: str) -> Settings:
    path = folder / "crmgraph.yaml"
    path.write_text(f"{SOURCES}{text}\n")
    return load(path, {"TOKEN": "x", **more}, catalog)


def test_without_it_operations_are_logged_and_nothing_else_is_told(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").telemetry == TelemetrySettings()
    assert TelemetrySettings().log == "info"


@pytest.mark.parametrize(
    "address", ["https://c.example/otel", "https://c.example/otel/", "https://c.example/otel/v1/traces"]
)
def test_a_collector_is_named_with_or_without_the_path_for_traces(tmp_path: Path, address: str) -> None:
    told = loaded(tmp_path, f"telemetry: {{otlp: '{address}', sample: 0.1}}").telemetry
    assert (told.otlp, told.sample) == ("https://c.example/otel/v1/traces", 0.1)


def test_the_collectors_secret_comes_from_the_environment_and_is_hidden(tmp_path: Path) -> None:
    found = loaded(tmp_path, "telemetry: {otlp_authorization: '${PROOF}'}", PROOF="Bearer hunter2")
    assert found.telemetry.otlp_authorization is not None
    assert found.telemetry.otlp_authorization.get_secret_value() == "Bearer hunter2"
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("section", "mistake"),
    [
        ({"otlp": "collector:4318"}, "`otlp` is the address of a collector"),
        ({"otlp": "https://u:p@c.example"}, "`otlp` is the address of a collector"),
        ({"log": "loud"}, "`loud` is not known here. Known: debug, error, info, warning."),
        ({"sample": 2}, "`sample`"),
        ({"metrics_port": 70000}, "`metrics_port`"),
        ({"otlp_authorization": "Bearer x"}, "`otlp_authorization` is a secret and may not stand here as plain text"),
    ],
)
def test_a_wrong_word_is_told_with_its_line(tmp_path: Path, section: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ConfigMistakes) as told:
        loaded(tmp_path, f"telemetry: {section}")
    (found,) = told.value.mistakes
    assert found.line == 2
    assert mistake in found.message
