"""serve: one port on which the numbers of all workers are, and a line of the log for every operation."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.cli.running import Stage, configured, crmgraph

TELEMETRY = "telemetry: {metrics_port: 0}\n"
ASKED = 12


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_numbers_of_all_workers_are_told_at_one_port(tmp_path: Path, crms: Stage, workers: str) -> None:
    path = configured(tmp_path, crms.urls["orgcrm"], more=TELEMETRY)
    command = [sys.executable, "-m", "crmgraph", "serve", "-c", str(path), "--port", "0", "--workers", workers]
    environment = {"PYTHONPATH": ":".join(sys.path), "DESK_TOKEN": "demo-orgcrm"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stderr is not None
        graph, metrics = (re.search(r"http://[\d.]+:\d+", program.stderr.readline()) for _ in range(2))
        assert graph is not None
        assert metrics is not None
        named = [_asked(graph[0], number) for number in range(ASKED)]
        told = httpx.get(f"{metrics[0]}/metrics", trust_env=False).text
        program.terminate()
        said = program.stderr.read()
        assert program.wait(20) == 0
    assert f'crmgraph_operations_total{{ending="ok",kind="query",operation="Names"}} {ASKED}.0' in told
    assert f'crmgraph_http_responses_total{{status="200"}} {ASKED}.0' in told
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert sorted(one["request_id"] for one in lines if one["event"] == "operation") == sorted(named)
    assert "Traceback" not in said


def _asked(url: str, number: int) -> str:
    """Each over a connection of its own, so that every worker has its turn; gives the request's id."""
    name = f"request-{number}"
    body = {"query": "query Names { sources { name } }"}
    answer = httpx.post(f"{url}/graphql", json=body, headers={"x-request-id": name}, timeout=30, trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == name
    return name


def test_a_port_for_metrics_that_is_in_use_is_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    port = crms.urls["orgcrm"].rpartition(":")[2]
    path = configured(tmp_path, crms.urls["orgcrm"], more=f"telemetry: {{metrics_port: {port}}}\n")
    said = crmgraph(capsys, "serve", "-c", str(path), "--port", "0")
    assert (said.code, said.err) == (2, f"Cannot listen on 127.0.0.1:{port} for metrics: Address already in use.\n")
