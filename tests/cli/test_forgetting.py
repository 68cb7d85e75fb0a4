"""forget: shows whom, asks, and erases; the CRMs are left alone."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.running import Stage, configured, crmgraph

from crmgraph.cli.ending import Code
from crmgraph.domain.model import Kind
from crmgraph.service.ids import encode_key

NOON = 1_795_262_400_000_000
"""A time as the store keeps it, in microseconds since 1970."""


@pytest.fixture
def synced(tmp_path: Path, crms: Stage, capsys: pytest.CaptureFixture[str]) -> str:
    """A configuration whose store holds what the CRM holds."""
    config = str(configured(tmp_path, crms.urls["orgcrm"]))
    assert crmgraph(capsys, "sync", "-c", config).code == Code.OK
    return config


def somebody(folder: Path) -> str:
    """An e-mail that is stored."""
    with closing(sqlite3.connect(folder / "crmgraph.db")) as database:
        asked = "SELECT key FROM replica_keys WHERE key LIKE 'email:%' ORDER BY key LIMIT 1"
        return str(database.execute(asked).fetchone()[0]).removeprefix("email:")


def test_a_person_is_shown_and_after_a_yes_erased(
    synced: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    email = somebody(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    kept = crmgraph(capsys, "forget", email.upper(), "-c", synced)
    assert (kept.code, kept.out) == (Code.USAGE, "")
    assert f"e-mail   {email}" in kept.err
    assert kept.err.endswith("Nothing was erased.\n")
    done = crmgraph(capsys, "forget", email.upper(), "--yes", "-c", synced)
    assert done.code == Code.OK
    assert "replica_contacts: 1" in done.out.splitlines()
    assert done.err.endswith("They are forgotten here; what CRMs hold stays there.\n")
    assert all(email.encode() not in path.read_bytes().lower() for path in tmp_path.iterdir())


def test_a_person_is_named_by_an_id_that_stays(synced: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crmgraph(capsys, "resolve", "-c", synced).code == Code.OK
    with closing(sqlite3.connect(tmp_path / "crmgraph.db")) as database:
        person, record = database.execute("SELECT person, record FROM person_records LIMIT 1").fetchone()
    done = crmgraph(capsys, "forget", encode_key(Kind.CONTACT, person), "--yes", "-c", synced)
    assert done.code == Code.OK
    assert f":{record}\n" in done.err
    assert "replica_contacts: 1" in done.out.splitlines()


def test_what_is_sealed_under_a_key_that_is_not_there_is_told(
    synced: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(tmp_path / "crmgraph.db")) as database:
        row = ("orgcrm", 1, "d", "changed", NOON, "contact", "k9", False, True, b"\x01\x03oldsealed", NOON)
        names = "source, number, delivery, type, at, resource, record, gone, sealed, payload, kept_at"
        database.execute(f"INSERT INTO events ({names}) VALUES ({', '.join('?' * len(row))})", row)
        database.commit()
    said = crmgraph(capsys, "forget", "nobody@nowhere.example", "--yes", "-c", synced)
    assert said.code == Code.FINDINGS
    told = "Sealed texts that did not open: 1. Add their key to `vault.keys` and forget them once more.\n"
    assert said.err.endswith(told)


def test_who_is_not_stored_needs_no_erasing(synced: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "forget", "nobody@nowhere.example", "--yes", "-c", synced)
    assert (said.code, said.out) == (Code.OK, "")
    assert said.err.endswith("Nothing of them was stored.\n")


def test_what_names_nobody_is_a_wrong_call(synced: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "forget", "Anna", "--yes", "-c", synced)
    assert said.code == Code.USAGE
    assert said.err.startswith("`Anna` names nobody; write an e-mail")
