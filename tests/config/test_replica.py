"""replica: what an operator may write, and what is wrong with it, in its place."""

from pathlib import Path

import pytest

from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.config.replica import ReplicaSettings
from crmgraph.connectors import catalog
from crmgraph.service.replica import Replicating

KEY = "one:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SOURCES = "sources: {desk: {connector: orgcrm, base_url: 'https://crm.example/api/v1', token: '${TOKEN}', org_id: o}}\n"


def loaded(folder: Path, section: str, **environ: str) -> ReplicaSettings:
    path = folder / "crmgraph.yaml"
    path.write_text(SOURCES + section)
    return load(path, {"TOKEN": "t", **environ}, catalog).replica


def test_without_a_word_nothing_is_synced(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == ReplicaSettings(False, 900.0, Replicating("US", False, 30 * 86_400.0))


def test_times_are_written_with_their_unit(tmp_path: Path) -> None:
    said = "replica: {sync: true, every: 900s, encrypt: true, keep: 7d}\nvault: {keys: '${KEYS}'}\n"
    assert loaded(tmp_path, said, KEYS=KEY) == ReplicaSettings(True, 900.0, Replicating("US", True, 604_800.0))


@pytest.mark.parametrize("every", ["soon", "15", "0s", "h"])
def test_what_is_no_time_is_told_with_what_would_be(tmp_path: Path, every: str) -> None:
    with pytest.raises(ConfigMistakes, match=r"write a number and s, m, h or d, like `900s`"):
        loaded(tmp_path, f"replica: {{every: '{every}'}}\n")


def test_an_encrypted_replica_needs_a_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigMistakes, match=r"crmgraph\.yaml:2:.*encrypted replica needs a key") as caught:
        loaded(tmp_path, "replica: {encrypt: true}\n")
    assert "vault: {keys: ${CRMGRAPH_VAULT_KEYS}}" in str(caught.value)
