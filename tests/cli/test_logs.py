"""Logs: nothing but failures of our own unless asked, and never what variables held."""

import json

import pytest
import structlog

from crmgraph.cli import logs


def test_only_failures_of_our_own_are_told_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="error")
    structlog.get_logger().warning("a source is away")
    assert capsys.readouterr().err == ""
    logs.configure(level="info")
    structlog.get_logger().info("a source is back")
    assert json.loads(capsys.readouterr().err)["event"] == "a source is back"


def test_a_failure_is_told_without_the_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="error")
    token = "a secret that nobody may see"[::-1]
    try:
        raise ValueError(len(token))
    except ValueError:
        structlog.get_logger().exception("it failed")
    said = capsys.readouterr()
    assert "ValueError" in said.err
    assert token not in said.err
    assert said.out == ""
