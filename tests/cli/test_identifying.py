"""identity try: who is who in a file, and every mistake of the file at once."""

import csv
from pathlib import Path

import pytest
from tests.cli.running import Said, crmgraph

from crmgraph.cli.identifying import MOST


def trying(capsys: pytest.CaptureFixture[str], folder: Path, text: str | bytes, *more: str) -> Said:
    """Try a file of this content."""
    file = folder / "people.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return crmgraph(capsys, "identity", "try", str(file), "--out", str(folder / "out.csv"), *more)


def written(folder: Path) -> list[dict[str, str]]:
    with (folder / "out.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


ADA = """source,record_id,first_name,last_name,email,phone
hub,7,Ada,Row,ada@oars.example,
desk,3,Ada,Row,other@oars.example; Ada@Oars.example,
desk,4,Bo,Stern,bo@oars.example,
"""


@pytest.mark.parametrize("line", ["safe", "balanced"])
def test_each_record_is_told_its_person_how_firmly_and_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str
) -> None:
    said = trying(capsys, tmp_path, ADA, "--line", line)
    assert (said.code, said.err) == (0, "")
    assert said.out == "3 records are 2 people: 2 joined, 1 alone.\n"
    first, second, third = written(tmp_path)
    assert list(first) == ["source", "record_id", "person_id", "band", "reasons"]
    assert (first["source"], first["record_id"], first["person_id"], first["band"]) == ("hub", "7", "desk:3", "joined")
    assert second["person_id"] == "desk:3"
    assert "e-mail" in second["reasons"]
    assert third == {"source": "desk", "record_id": "4", "person_id": "desk:4", "band": "alone", "reasons": ""}


def test_the_order_of_the_rows_changes_nobody(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    trying(capsys, tmp_path, ADA)
    before = written(tmp_path)
    header, *rows = ADA.splitlines()
    trying(capsys, tmp_path, "\n".join([header, *reversed(rows)]))
    assert written(tmp_path) == before[::-1]


def test_without_ids_the_line_is_the_id_and_without_sources_all_is_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert trying(capsys, tmp_path, '\ufeffFirst_Name,email\n"A\nB",a@b.example\n\nBo,bo@b.example\n').code == 0
    assert [(one["source"], one["record_id"], one["person_id"]) for one in written(tmp_path)] == [
        ("", "2", "2"),
        ("", "5", "5"),
    ]


def test_columns_that_nobody_looks_at_are_named_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = trying(capsys, tmp_path, "record_id,email,shoe,hat\n1,a@b.example,44,L\n2,b@b.example,45,M\n")
    assert said.code == 0
    assert said.err.count("Nobody looks at `shoe`, `hat`;") == 1


def test_all_mistakes_of_a_file_are_told_at_once_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = b"source,record_id,email\nhub,1,a@b.example\nhub,1,b@b.example\nhub,2\nhub,,c@b.example\nhub,3,d,e\n"
    said = trying(capsys, tmp_path, text + b'hub,4,J\xfcrgen\nhub,5,"e@b.example\n')
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "line 3, record_id: `1` of `hub` stands in line 2 already.",
        "line 4: There are 2 cells, and line 1 names 3 columns.",
        "line 5, record_id: It is empty; without that column, the line's number is the id.",
        "line 6: There are 4 cells, and line 1 names 3 columns.",
        "line 7: Byte 8 is not UTF-8; save the file as CSV in UTF-8.",
        "line 8: This is not CSV, and nothing below it was read: unexpected end of data.",
        "6 mistakes; nothing was written.",
    ]
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]


def test_of_very_many_mistakes_the_first_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = trying(capsys, tmp_path, "record_id,email\n" + "1,a@b.example,\n" * 1234)
    assert said.code == 2
    lines = said.err.splitlines()
    assert len(lines) == MOST + 2
    assert lines[-2:] == ["... and 1,214 more.", "1,234 mistakes; nothing was written."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names nothing to compare people by"),
        ("source,record_id,shoe\nhub,1,44\n", "names nothing to compare people by"),
        ("record_id;email;phone\n1;a@b.example;\n", "is parted by semicolons"),
        ("email,phone,email\na@b.example,,\n", "names `email` more than once"),
        ('email,"phone\n', "is not CSV"),
        ("email,phone\n".encode("utf-16"), "is not CSV in UTF-8"),
        (b"PK\x03\x04 a workbook", "is not CSV in UTF-8"),
    ],
)
def test_what_is_no_export_is_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    said = trying(capsys, tmp_path, text)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err
    assert len(said.err.splitlines()) == 1


def test_file_and_out_must_be_what_they_are_taken_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(ADA)
    for one, out, sentence in (
        (tmp_path / "none.csv", tmp_path / "out.csv", f"There is no file {tmp_path}/none.csv."),
        (file, file, f"{file} is what is read; name another file to write."),
        (file, tmp_path, f"{tmp_path} is a folder; name another file to write."),
        (file, tmp_path / "no" / "out.csv", f"There is no folder {tmp_path}/no to write out.csv into."),
    ):
        said = crmgraph(capsys, "identity", "try", str(one), "--out", str(out))
        assert (said.code, said.out, said.err) == (2, "", sentence + "\n")
    assert file.read_text() == ADA
