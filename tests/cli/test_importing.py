"""import: the people of a file, every mistake at once with its line, a summary, and going on where it was left."""

import json
from pathlib import Path

import pytest
from tests.cli.running import DEAD, Said, Stage, configured, crmgraph


def importing(capsys: pytest.CaptureFixture[str], folder: Path, crms: Stage, text: str, *more: str) -> Said:
    """Import a file of this text into the org-scoped CRM."""
    file = folder / "people.csv"
    file.write_text(text, encoding="utf-8")
    return crmgraph(capsys, "import", str(file), "-c", str(kept(folder, crms.urls["orgcrm"])), *more)


def kept(folder: Path, url: str) -> Path:
    """A configuration with a store of its own."""
    return configured(folder, url, more=f"store:\n  url: sqlite:///{folder}/crmgraph.db\n")


def found(crms: Stage, address: str) -> list[dict[str, object]]:
    return [one for one in crms.crms["orgcrm"].state.contacts.values() if one["email"] == address]


def test_a_file_is_imported_with_tags_and_custom_fields(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    text = "email,givenName,familyName,tags,companyName\nada@cli.example,Ada,Row,vip; rower,Oars Ltd\n"
    said = importing(capsys, tmp_path, crms, text + "bob@cli.example,Bob,Row,,\n\n")
    assert (said.code, said.out) == (0, "2 rows: 2 done.\n")
    (ada,), (bob,) = found(crms, "ada@cli.example"), found(crms, "bob@cli.example")
    assert (ada["name"], ada["tags"], ada["company"]) == ("Ada Row", ["vip", "rower"], "Oars Ltd")
    assert bob["name"] == "Bob Row"
    again = importing(capsys, tmp_path, crms, text)
    assert (again.code, again.out) == (0, "1 rows: 1 unchanged.\n")


def test_a_row_that_the_crm_refuses_is_told_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    text = 'email,fullName,companyName\n"quoted@cli.example","Quo\nted",\nnameless@cli.example,,Nobody Inc\n'
    said = importing(capsys, tmp_path, crms, text)
    assert said.code == 1
    assert said.out == "line 4: REJECTED at desk. Field required\n2 rows: 1 done, 1 rejected.\n"
    as_json = json.loads(importing(capsys, tmp_path, crms, text, "--json").out)
    assert (as_json["state"], as_json["counts"]) == ("DONE", {"unchanged": 1, "rejected": 1})
    assert as_json["items"] == [
        {
            "index": 1,
            "outcome": "REJECTED",
            "results": [{"source": "desk", "outcome": "REJECTED", "error": "Field required"}],
        }
    ]


def test_a_dry_run_sends_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage) -> None:
    text = "email,fullName,tags\ndry@cli.example,Dry Row,vip\nwet@cli.example,Wet Row,\n"
    said = importing(capsys, tmp_path, crms, text, "--dry-run")
    assert (said.code, said.out) == (0, "2 rows: 2 done (a dry run: nothing was sent).\n")
    assert not found(crms, "dry@cli.example") + found(crms, "wet@cli.example")


MISTAKES = """email,phone,fullName,birthDate,doNotContact
not-an-address,,Eve,1990-31-12,
twice@cli.example,+14155550101,Twin,,perhaps
twice@cli.example,,Twin,,yes
,12,Nobody,,no
,,Keyless,,
"""


def test_all_mistakes_of_a_file_are_told_at_once_and_nothing_is_sent(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    said = importing(capsys, tmp_path, crms, MISTAKES)
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "line 2, email: `not-an-address` is no e-mail address; write one like name@example.com.",
        "line 2, birthDate: `1990-31-12` is no day; write one like 1990-12-31.",
        "line 3, doNotContact: `doNotContact` is true or false.",
        "line 4: Row 2 is of the same person, by e-mail or phone; one row says it all.",
        "line 5, phone: `12` is no phone number; write one like +14155550100.",
        "line 6: Nothing tells whether this person is there already: give an e-mail or a phone, or create them all.",
        "6 mistakes; nothing was sent.",
    ]
    assert not found(crms, "twice@cli.example")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("email,nmae\na@b.example,A\n", "Line 1 names `nmae`; there are email,"),
        ("email,email\n", "Line 1 names `email` more than once."),
        ("", "The first line names no columns; there are email,"),
        ("email,fullName\na@b.example\n", "line 2: There are 1 cells, and line 1 names 2 columns."),
        ('email\n"a@b.example"x\n', "Line 2 is not CSV:"),
        ("email\n", "There is nothing to import; give at least one row."),
    ],
)
def test_a_file_that_is_no_table_is_told_what_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage, text: str, sentence: str
) -> None:
    said = importing(capsys, tmp_path, crms, text)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err


def test_json_lines_are_rows_too(capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage) -> None:
    path, file = kept(tmp_path, crms.urls["orgcrm"]), tmp_path / "people.jsonl"
    file.write_text('{"email": "line@cli.example", "fullName": "Line Row", "tags": ["vip"]}\n\n{"email": 5}\nno\n[]\n')
    wrong = crmgraph(capsys, "import", str(file), "-c", str(path))
    assert wrong.code == 2
    assert wrong.err.splitlines() == [
        "line 4: This is not JSON: Expecting value at column 1.",
        'line 5: A line holds a JSON object, like {"email": "ada@example.com"}.',
        "2 mistakes; nothing was sent.",
    ]
    file.write_text('{"email": "line@cli.example", "fullName": "Line Row", "tags": ["vip"]}\n')
    assert crmgraph(capsys, "import", str(file), "-c", str(path), "--sources", "desk").out == "1 rows: 1 done.\n"
    (line,) = found(crms, "line@cli.example")
    assert line["tags"] == ["vip"]


def test_a_stopped_import_goes_on_by_its_id(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "email,fullName,tags\nlater@cli.example,Later Row,vip\n"
    monkeypatch.setenv("DESK_TOKEN", "wrong")
    stopped = importing(capsys, tmp_path, crms, text)
    assert (stopped.code, stopped.out) == (1, "1 rows: 1 pending.\n")
    assert "It was stopped: " in stopped.err
    ident = stopped.err.split("This is import ")[1].partition(";")[0]
    monkeypatch.setenv("DESK_TOKEN", "demo-orgcrm")
    went_on = crmgraph(capsys, "import", "--resume", ident, "-c", str(tmp_path / "desk.yaml"))
    assert (went_on.code, went_on.out) == (0, "1 rows: 1 done.\n")
    assert len(found(crms, "later@cli.example")) == 1
    assert crmgraph(capsys, "import", "--resume", ident, "-c", str(tmp_path / "desk.yaml")).out == went_on.out


def test_what_cannot_be_asked_so_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = kept(tmp_path, DEAD)
    nothing = crmgraph(capsys, "import", "-c", str(path))
    assert nothing.code == 2
    assert "Name the file to import, or with --resume" in nothing.err
    unknown = crmgraph(capsys, "import", "--resume", "0badcafe", "-c", str(path))
    assert (unknown.code, unknown.err) == (2, "There is no import `0badcafe` in this store.\n")
    missing = crmgraph(capsys, "import", str(tmp_path / "no.csv"), "-c", str(path))
    assert missing.code == 2
    assert "cannot be read as text in UTF-8." in missing.err
