"""sync: a line for each source, what is left for the next time, and sources that fail beside those that do not."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.running import DEAD, Stage, crmgraph

ALL = """
sources:
  concord: {{connector: concord, base_url: {concord}/api, token: '${{CONCORD_TOKEN}}', allow_private: true}}
  orgcrm:
    connector: orgcrm
    base_url: {orgcrm}/api/v1
    token: ${{ORGCRM_TOKEN}}
    org_id: org-demo
    allow_private: true
"""


def written(folder: Path, crms: Stage, **urls: str) -> str:
    path = folder / "crmgraph.yaml"
    path.write_text(ALL.format(**{**crms.urls, **urls}))
    return str(path)


@pytest.fixture(autouse=True)
def tokens(crms: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("concord", "orgcrm"):
        monkeypatch.setenv(f"{name.upper()}_TOKEN", crms.crms[name].token)


def rows(folder: Path, asked: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "crmgraph.db")) as database:
        return database.execute(asked).fetchall()


def test_everything_is_read_and_told_in_a_line_for_each_source(
    tmp_path: Path, crms: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    config = written(tmp_path, crms)
    said = crmgraph(capsys, "sync", "-c", config)
    assert (said.code, said.err) == (0, "")
    lines = sorted(said.out.splitlines())
    assert [line.partition(":")[0] for line in lines] == ["concord", "orgcrm"]
    assert all("contact records, all read" in line for line in lines)
    ((people,),) = rows(tmp_path, "SELECT count(*) FROM replica_contacts WHERE source = 'concord'")
    assert f"concord: {people} contact records, all read" in lines[0]
    again = crmgraph(capsys, "sync", "concord", "-c", config)
    assert "contact records, changes read" in again.out
    whole = crmgraph(capsys, "sync", "concord", "--full", "-c", config)
    assert f"concord: {people} contact records, all read" in whole.out


def test_a_source_that_fails_stops_no_other(
    tmp_path: Path, crms: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmgraph.cli.syncing.ATTEMPTS", 1)
    said = crmgraph(capsys, "sync", "-c", written(tmp_path, crms, concord=DEAD))
    assert said.code == 3
    assert "orgcrm:" in said.out
    assert "concord: its contact records were not read to the end." in said.err
    assert "Traceback" not in said.err


def test_an_unknown_source_is_a_wrong_call(tmp_path: Path, crms: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "sync", "nowhere", "-c", written(tmp_path, crms))
    assert (said.code, said.out) == (2, "")
    assert said.err == "There is no source `nowhere`; configured are concord, orgcrm.\n"


@pytest.mark.parametrize(("how", "ends"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_who_watches_reads_again_and_again_until_told_to_end(
    tmp_path: Path, crms: Stage, how: signal.Signals, ends: int
) -> None:
    """Everything first, then what changed."""
    command = [sys.executable, "-m", "crmgraph", "sync", "concord", "--watch", "--every", "1", "--full"]
    pipe = subprocess.PIPE
    running = subprocess.Popen([*command, "-c", written(tmp_path, crms)], stdout=pipe, stderr=pipe, text=True)
    with running as program:
        assert program.stdout is not None
        assert program.stderr is not None
        lines = [program.stdout.readline() for _ in range(3)]
        program.send_signal(how)
        code, said = program.wait(20), program.stderr.read()
    ((people,),) = rows(tmp_path, "SELECT count(*) FROM replica_contacts")
    assert f"concord: {people} contact records, all read" in lines[0]
    assert ["contact records, changes read" in line for line in lines] == [False, True, True]
    assert "Traceback" not in said
    assert code == ends, said
