"""identity calibrate: weights from one's own file or stored copy, which identity try then goes by."""

from pathlib import Path

import pytest
from bench.identity.alone import write
from bench.identity.data import generated
from tests.cli.running import Stage, configured, crmgraph


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    write(path, generated(1_500, 18).rows)
    return path


def test_weights_are_shown_before_and_after_and_a_trial_goes_by_them(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tmp_path / "weights.toml"
    said = crmgraph(capsys, "identity", "calibrate", str(file), "--out", str(weights))
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0].split() == ["rule", "finds", "before", "after"]
    assert "# Estimated by expectation maximisation over " in weights.read_text()
    tried = ["identity", "try", str(file), "--out", str(tmp_path / "out.csv"), "--weights"]
    assert crmgraph(capsys, *tried, str(weights)).code == 0
    weights.write_text("[e-mail]\nsame = 3\n")
    said = crmgraph(capsys, *tried, str(weights))
    assert (said.code, said.err) == (2, f"{weights}: There is no rule `e-mail`; did you mean `email`?\n")


def test_too_few_pairs_teach_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few, weights = tmp_path / "few.csv", tmp_path / "weights.toml"
    write(few, generated(50, 18).rows)
    said = crmgraph(capsys, "identity", "calibrate", str(few), "--out", str(weights))
    assert said.code == 1
    assert "pairs are too few to learn from; there must be 200. Nothing was written." in said.err
    assert not weights.exists()


def test_a_file_holds_no_judgements(tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "weights.toml")
    said = crmgraph(capsys, "identity", "calibrate", str(file), "--from", "judgements", "--out", out)
    assert (said.code, said.err) == (
        2,
        "A file holds no judgements; leave it out, and those in our store are taken.\n",
    )


@pytest.mark.parametrize("source", ["pairs", "judgements"])
def test_the_stored_copy_is_learnt_from_where_no_file_is_named(
    tmp_path: Path, crms: Stage, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    config = str(configured(tmp_path, crms.urls["orgcrm"]))
    assert crmgraph(capsys, "sync", "-c", config).code == 0
    out = str(tmp_path / "weights.toml")
    said = crmgraph(capsys, "identity", "calibrate", "--from", source, "--out", out, "-c", config)
    assert said.code == 1
    assert f"{source} are too few to learn from" in said.err
