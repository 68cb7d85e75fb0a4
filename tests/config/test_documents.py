"""Trusted documents: files and manifests of a folder, and what is told of those that cannot be read."""

import json
from pathlib import Path

import pytest
from tests.config.test_loading import SALES, read, told

from crmgraph.config.documents import DocumentsSettings
from crmgraph.service.trusted import Mode, hash_of

PEOPLE, TAGS = "query People { contacts { nodes { id } } }", "query Tags { tags { name } }"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    return tmp_path / "crmgraph.yaml"


def write(path: Path, name: str, text: str) -> Path:
    found = path.parent / "documents" / name
    found.parent.mkdir(exist_ok=True)
    found.write_text(text)
    return found


def documents(path: Path, words: str = "folder: ./documents") -> DocumentsSettings:
    return read(path, f"{SALES}documents: {{{words}}}").documents


def test_without_a_folder_nothing_is_trusted_and_nothing_refused(path: Path) -> None:
    assert read(path, SALES).documents == DocumentsSettings(Mode.OFF, (), True)
    assert documents(path, "mode: log, apq: false") == DocumentsSettings(Mode.LOG, (), False)


def test_a_file_is_known_by_its_name_and_by_its_hash_with_and_without_its_last_line_end(path: Path) -> None:
    write(path, "people.graphql", PEOPLE + "\n")
    write(path, "admin/tags.gql", TAGS)
    write(path, "README.md", "{ notAsked }")
    assert documents(path).texts() == {
        "people": PEOPLE + "\n",
        hash_of(PEOPLE): PEOPLE + "\n",
        hash_of(PEOPLE + "\n"): PEOPLE + "\n",
        "admin/tags": TAGS,
        hash_of(TAGS): TAGS,
    }


def test_a_manifest_of_relay_and_one_of_apollo_are_read(path: Path) -> None:
    write(path, "relay.json", json.dumps({"3f1c": PEOPLE}))
    operation = {"id": "dc67", "name": "Tags", "type": "query", "body": TAGS}
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}
    write(path, "apollo.json", json.dumps(manifest, indent=2))
    assert documents(path).texts() == {"3f1c": PEOPLE, hash_of(PEOPLE): PEOPLE, "dc67": TAGS, hash_of(TAGS): TAGS}
    apollo, relay = documents(path).trusted
    assert (apollo.line, relay.line) == (6, 1)


@pytest.mark.parametrize(
    ("words", "mistake"),
    [
        ("folder: ./nowhere", "3:21: There is no folder `./nowhere` beside this file."),
        ("mode: enforce", "3:19: `enforce` needs a `folder` of documents."),
        ("mode: on", "3:19: `on` is not known here. Known: enforce, log, off."),
        ("fodler: x", "3:13: `fodler` is not known here; did you mean `folder`? Known: apq, folder, mode."),
    ],
)
def test_a_wrong_section_is_told_with_its_place(path: Path, words: str, mistake: str) -> None:
    assert told(path, f"{SALES}documents: {{{words}}}") == [f"crmgraph.yaml:{mistake}"]


SHAPES = (
    "A manifest is a JSON object of documents by id, as Relay writes it,"
    " or one with a list of `operations`, each with `id` and `body`, as Apollo writes it."
)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("{\n  oops\n}", "2:3: This is not JSON: Expecting property name enclosed in double quotes."),
        ("[]", f"1:1: {SHAPES}"),
        ('"x"', f"1:1: {SHAPES}"),
        ('{"a": 1}', f"1:1: {SHAPES}"),
        ('{"operations": [{"id": "a"}]}', f"1:1: {SHAPES}"),
        ('{"operations": ["a"]}', f"1:1: {SHAPES}"),
        ('{"operations": [{"id": 7, "body": "{a}"}]}', f"1:1: {SHAPES}"),
        ("[" * 100_000, f"1:1: {SHAPES}"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_told_with_its_place(path: Path, text: str, mistake: str) -> None:
    write(path, "manifest.json", text)
    assert told(path, f"{SALES}documents: {{folder: documents}}") == [f"documents/manifest.json:{mistake}"]


def test_a_file_that_is_no_text_is_told(path: Path) -> None:
    write(path, "people.graphql", "").write_bytes(b"\xff\xfe")
    mistakes = told(path, f"{SALES}documents: {{folder: documents}}")
    assert mistakes == ["documents/people.graphql: This cannot be read as UTF-8 text."]


def test_one_id_of_two_documents_is_told_and_the_same_document_twice_is_not(path: Path) -> None:
    write(path, "a.json", json.dumps({"x": PEOPLE, "y": TAGS}))
    write(path, "b.json", f'{{\n"x": "{TAGS}",\n"y": "{TAGS}"}}')
    mistakes = told(path, f"{SALES}documents: {{folder: documents}}")
    assert mistakes == ["documents/b.json:2:1: Another document has the id `x` already."]
