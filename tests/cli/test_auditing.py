"""audit verify, audit head and audit list."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.running import Stage, crmgraph

MUTATION = """mutation {
  createContact(input: {givenName: "Nora", familyName: "Quill", sources: ["orgcrm"]}) { results { outcome } }
}"""


@pytest.fixture
def config(tmp_path: Path, crms: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ORGCRM_TOKEN", crms.crms["orgcrm"].token)
    path = tmp_path / "crmgraph.yaml"
    path.write_text(
        f"sources: {{orgcrm: {{connector: orgcrm, base_url: {crms.urls['orgcrm']}/api/v1,"
        " token: '${ORGCRM_TOKEN}', org_id: org-demo, allow_private: true}}\n"
    )
    return str(path)


def test_a_log_is_listed_and_found_whole_and_then_altered(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = crmgraph(capsys, "audit", "verify", "-c", config)
    assert (empty.code, empty.out, empty.err) == (0, f"0:{'0' * 64}\n", "There are no entries yet.\n")
    for _ in range(2):
        crmgraph(capsys, "query", MUTATION, "-c", config)
    listed = crmgraph(capsys, "audit", "list", "--source", "orgcrm", "-c", config)
    lines = listed.out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["2", "1"]
    assert all("createContact CREATE" in line and line.endswith("DONE") for line in lines)
    (told,) = json.loads(crmgraph(capsys, "audit", "list", "--most", "1", "--json", "-c", config).out)
    assert (told["number"], told["what"], told["outcome"]) == (2, "createContact", "DONE")
    assert "--before 2" in crmgraph(capsys, "audit", "list", "--most", "1", "-c", config).err
    assert crmgraph(capsys, "audit", "list", "--who", "eve", "-c", config).err == "There are no such entries.\n"
    head = crmgraph(capsys, "audit", "head", "-c", config).out.strip()
    assert crmgraph(capsys, "audit", "verify", "--head", head, "-c", config).out.strip() == head
    with closing(sqlite3.connect(tmp_path / "crmgraph.db")) as database, database:
        database.execute("UPDATE audit_entries SET who = 'eve', at = 'never' WHERE number = 1")
    broken = crmgraph(capsys, "audit", "verify", "-c", config)
    assert (broken.code, broken.out, broken.err) == (1, "", "Entry 1 is not what was written there.\n")
    assert "never  eve" in crmgraph(capsys, "audit", "list", "-c", config).out


def test_what_is_no_head_is_a_wrong_call(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "audit", "verify", "--head", "last", "-c", config)
    assert said.code == 2
    assert "as `crmgraph audit head` prints it" in said.err
