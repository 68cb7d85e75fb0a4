"""resolve: everybody who was synced as people with ids, all at once or what changed, and engines that find the same."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.running import Said, Stage, configured, crmgraph


def persons(folder: Path) -> dict[str, str]:
    """The person of each record."""
    with closing(sqlite3.connect(folder / "crmgraph.db")) as database:
        return dict(database.execute("SELECT record, person FROM person_records").fetchall())


@pytest.fixture
def config(tmp_path: Path, crms: Stage, capsys: pytest.CaptureFixture[str]) -> str:
    """A configuration whose one source was synced."""
    path = str(configured(tmp_path, crms.urls["orgcrm"]))
    assert crmgraph(capsys, "sync", "-c", path).code == 0
    return path


def resolved(capsys: pytest.CaptureFixture[str], config: str, *how: str) -> Said:
    said = crmgraph(capsys, "resolve", "-c", config, *how)
    assert (said.code, said.err) == (0, "")
    return said


def test_everybody_becomes_a_person_and_stays_that_person(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = resolved(capsys, config, "--all")
    before = persons(tmp_path)
    assert f"{len(before):,} records are {len(set(before.values())):,} people." in said.out
    assert "Links: " in said.out
    resolved(capsys, config, "--all")
    assert persons(tmp_path) == before


def test_after_a_first_run_only_what_was_read_since_is_looked_at(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = resolved(capsys, config)
    assert " of " not in first.out.splitlines()[0]
    again = resolved(capsys, config)
    assert again.out.startswith("0 of ")


def test_an_engine_finds_the_same_people(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert resolved(capsys, config, "--all", "--engine", "duckdb").out == resolved(capsys, config, "--all").out


def test_an_engine_that_is_not_there_is_told_with_what_brings_it(
    config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "splink.backends.duckdb", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    said = crmgraph(capsys, "resolve", "-c", config, "--all", "--engine", "duckdb")
    assert (said.code, said.err) == (1, "The engine duckdb needs Splink and DuckDB; install crmgraph[scale].\n")
    said = crmgraph(capsys, "resolve", "-c", config, "--all", "--engine", "spark")
    assert said.code == 1
    assert said.err == "The engine spark needs Splink (install crmgraph[scale]), and PySpark with Java.\n"


def test_an_engine_is_for_everybody(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "resolve", "-c", config, "--engine", "duckdb")
    assert (said.code, said.err) == (2, "An engine finds the pairs of everybody; say `--all` too.\n")


def test_an_empty_replica_is_told_with_what_fills_it(
    tmp_path: Path, crms: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    said = crmgraph(capsys, "resolve", "-c", str(configured(tmp_path, crms.urls["orgcrm"])))
    assert (said.code, said.out) == (1, "")
    assert said.err == "The replica holds nobody yet; `crmgraph sync` reads the sources into it.\n"
