"""check, init, doctor, query, schema and connectors list."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.running import DEAD, Stage, configured, crmgraph

from crmgraph.cli.querying import as_csv


def test_a_right_configuration_is_praised_on_standard_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = crmgraph(capsys, "check", "-c", str(configured(tmp_path, DEAD)))
    assert (said.code, said.out) == (0, "")
    assert "is right: 1 source (desk)." in said.err


def test_mistakes_are_told_with_their_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = configured(tmp_path, DEAD, more="server: {prot: 1}\nidentity: {index: perhaps}\n")
    said = crmgraph(capsys, "check", "-c", str(path))
    assert said.code == 1
    assert "desk.yaml:8:" in said.out
    assert "desk.yaml:9:" in said.out
    assert said.err == "2 mistakes.\n"


def test_mistakes_come_as_json_where_programs_ask(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = crmgraph(capsys, "check", "--json", "-c", str(configured(tmp_path, DEAD, more="server: {prot: 1}\n")))
    (mistake,) = json.loads(said.out)
    assert (said.code, said.err) == (1, "")
    assert mistake["line"] == 8
    assert "prot" in mistake["message"]


def test_a_first_configuration_is_written_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "crmgraph.yaml"
    assert crmgraph(capsys, "init", "-c", str(path)).code == 0
    first = path.read_text()
    said = crmgraph(capsys, "init", "-c", str(path))
    assert said.code == 1
    assert "is there already" in said.err
    assert path.read_text() == first


def test_a_first_configuration_needs_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = crmgraph(capsys, "init", "-c", str(tmp_path / "no" / "crmgraph.yaml"))
    assert said.code == 2
    assert "cannot be written" in said.err


def test_the_doctor_gives_each_source_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    said = crmgraph(capsys, "doctor", "-c", str(configured(tmp_path, crms.urls["orgcrm"])))
    assert said.code == 0
    assert said.out.startswith("ok   desk: Org-scoped CRM answered in ")
    assert said.out.splitlines()[1:] == ["ok   (store): It can be read; 0 writes are of unknown outcome."]


@pytest.mark.parametrize(("token", "url", "code"), [("wrong", None, "DENIED"), ("demo-orgcrm", DEAD, "UNAVAILABLE")])
def test_the_doctor_says_who_must_act(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    crms: Stage,
    token: str,
    url: str | None,
    code: str,
) -> None:
    monkeypatch.setenv("DESK_TOKEN", token)
    path = configured(tmp_path, url or crms.urls["orgcrm"])
    said = crmgraph(capsys, "doctor", "--json", "-c", str(path))
    verdict, store = json.loads(said.out)
    assert (said.code, store["ok"]) == (3, True)
    assert (verdict["source"], verdict["ok"], verdict["code"]) == ("desk", False, code)
    assert verdict["message"].endswith(".")


ASK = "query P($first: Int!) { contacts(first: $first) { nodes { displayName email } } }"


def test_an_answer_is_json_alone_on_standard_output(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    path = configured(tmp_path, crms.urls["orgcrm"])
    said = crmgraph(capsys, "query", ASK, "-v", '{"first": 2}', "-c", str(path))
    assert (said.code, said.err) == (0, "")
    assert len(json.loads(said.out)["data"]["contacts"]["nodes"]) == 2


def test_a_question_and_its_variables_may_lie_in_files(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    (tmp_path / "q.graphql").write_text(ASK)
    (tmp_path / "v.json").write_text('{"first": 1}')
    path = configured(tmp_path, crms.urls["orgcrm"])
    said = crmgraph(
        capsys,
        "query",
        f"@{tmp_path / 'q.graphql'}",
        "-v",
        f"@{tmp_path / 'v.json'}",
        "--format",
        "csv",
        "-c",
        str(path),
    )
    assert said.code == 0
    assert said.out.splitlines()[0] == "displayName,email"
    assert len(said.out.splitlines()) == 2


def test_a_wrong_question_ends_with_two(capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage) -> None:
    path = configured(tmp_path, crms.urls["orgcrm"], more="identity: {index: off}\n")
    said = crmgraph(capsys, "query", "{ contcts { nodes { id } } }", "-c", str(path))
    assert said.code == 2
    assert "contcts" in said.err


def test_a_dead_source_is_asked_once_and_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = crmgraph(capsys, "query", "{ contacts { nodes { id } } }", "-c", str(configured(tmp_path, DEAD)))
    assert said.code == 3
    assert json.loads(said.out)["data"] == {"contacts": {"nodes": []}}
    assert said.err == "desk cannot be reached: connection refused.\n"


def test_what_a_question_may_cost_is_told_without_a_call(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    crms.crms["orgcrm"].clear()
    path = configured(tmp_path, crms.urls["orgcrm"])
    said = crmgraph(capsys, "query", ASK, "-v", '{"first": 2}', "--explain", "-c", str(path))
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out)["sources"]["desk"]["most"] > 0
    assert crms.crms["orgcrm"].log == []
    wrong = crmgraph(capsys, "query", "{ nothing }", "--explain", "-c", str(path))
    assert (wrong.code, wrong.out) == (2, "")


def test_verbose_tells_what_goes_on(capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage) -> None:
    path = configured(tmp_path, crms.urls["orgcrm"])
    said = crmgraph(capsys, "--verbose", "query", "{ sources { name } }", "-c", str(path))
    assert "the key index knows a source" in said.err
    assert json.loads(said.out)["data"] == {"sources": [{"name": "desk"}]}


def test_what_a_spreadsheet_would_run_is_quoted() -> None:
    values = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "plain"]
    shown = as_csv({"contacts": {"nodes": [{"name": one, "all": [one], "in": {"it": one}} for one in values]}})
    for row, value in zip(csv.DictReader(io.StringIO(shown, newline="")), values, strict=True):
        quoted = value if value == "plain" else f"'{value}".replace("\r", "\n")
        assert row == {"name": quoted, "all": quoted, "in.it": quoted}


def test_csv_has_a_row_for_each_node_and_a_column_for_each_path() -> None:
    data = {
        "contacts": {"edges": [{"node": {"a": 1, "b": {"c": None}}}, {"node": {"a": 2, "d": [{"x": 1, "y": "z"}]}}]}
    }
    assert as_csv(data) == "a,b.c,d\n1,,\n2,,1 z\n"
    assert as_csv({"contact": None}) == ""
    assert as_csv(None) == ""


@pytest.mark.parametrize("what", ["config", "definition"])
def test_a_schema_for_editors_is_json(capsys: pytest.CaptureFixture[str], what: str) -> None:
    said = crmgraph(capsys, "schema", what)
    assert said.code == 0
    assert json.loads(said.out)["properties"]


def test_the_graphs_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "schema")
    assert said.code == 0
    assert "\ntype Query {" in said.out


def test_the_connectors_say_what_they_ask_for(capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "connectors", "list")
    assert "orgcrm: Org-scoped CRM\n  token (required, secret): " in said.out
    known = json.loads(crmgraph(capsys, "connectors", "list", "--json").out)
    assert [one["name"] for one in known] == ["bigcontacts", "concord", "leadconnector", "orgcrm"]


def test_check_looks_at_the_documents_that_are_trusted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    (tmp_path / "documents").mkdir()
    document = tmp_path / "documents" / "people.graphql"
    path = configured(tmp_path, crms.urls["orgcrm"], more="documents: {mode: enforce, folder: documents}\n")
    document.write_text("query People {\n  contcts { nodes { id } }\n}\n")
    said = crmgraph(capsys, "check", "-c", str(path))
    assert said.code == 1
    assert said.out.startswith(f"{document}:2:3: Cannot query field 'contcts' on type 'Query'.")
    assert crmgraph(capsys, "serve", "-c", str(path), "--port", "0").code == 1
    document.write_text("query People {\n  contacts { nodes { id } }\n}\n")
    assert crmgraph(capsys, "check", "-c", str(path)).code == 0
