"""The file of weights that the configuration names, and where its mistakes are told."""

from pathlib import Path

from tests.config.test_loading import SALES, read, told

from crmgraph.domain.weights import shipped

NAMED = SALES + "identity:\n  weights: ours.toml\n"


def test_the_weights_of_a_file_beside_the_configuration_hold(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("[email]\nsame = {bits = 1.5}\n")
    found = read(tmp_path / "crmgraph.yaml", NAMED).identity.weights
    assert found is not None
    assert found.of["email", "same"].bits == 1.5
    assert found.of["phone", "same"] == shipped().of["phone", "same"]
    assert read(tmp_path / "crmgraph.yaml", SALES).identity.weights is None


def test_mistakes_of_the_file_are_told_where_it_is_named(tmp_path: Path) -> None:
    assert any("There is no file `ours.toml` of weights" in one for one in told(tmp_path / "crmgraph.yaml", NAMED))
    (tmp_path / "ours.toml").write_text("[e-mail]\nsame = {bits = 1}\n[phone]\nsam = {bits = 1}\n")
    wrong = [one for one in told(tmp_path / "crmgraph.yaml", NAMED) if "ours.toml" in one]
    assert len(wrong) == 2
    assert any("There is no rule `e-mail`; did you mean `email`?" in one for one in wrong)
