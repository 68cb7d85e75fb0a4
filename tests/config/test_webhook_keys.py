"""Keys of webhooks that a white label overrides are looked at before anything is served."""

from pathlib import Path

import pytest

from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.connectors import catalog
from crmgraph.demo.leadconnector_webhooks import public_keys


def written(tmp_path: Path, keys: str) -> Path:
    path = tmp_path / "crmgraph.yaml"
    path.write_text(
        "sources:\n  sales:\n    connector: leadconnector\n    token: ${T}\n    location_id: L1\n" + keys,
        encoding="utf-8",
    )
    return path


def test_a_key_of_ones_own_is_taken_as_pem_and_as_base64_alone(tmp_path: Path) -> None:
    for text in public_keys()["webhook_key"], "".join(public_keys()["webhook_key"].splitlines()[1:-1]):
        path = written(tmp_path, "    webhook_key: ${KEY}\n")
        (source,) = load(path, {"T": "t", "KEY": text}, catalog).sources
        assert source.settings["webhook_key"] == text.strip()


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("webhook_key", "none", "This is no public key"),
        ("webhook_key", public_keys()["webhook_rsa_key"], "none for ed25519"),
        ("webhook_rsa_key", public_keys()["webhook_key"], "none for rsa-sha256"),
    ],
)
def test_what_is_no_key_is_told_in_its_place(tmp_path: Path, name: str, key: str, said: str) -> None:
    with pytest.raises(ConfigMistakes) as wrong:
        load(written(tmp_path, f"    {name}: ${{KEY}}\n"), {"T": "t", "KEY": key}, catalog)
    (mistake,) = wrong.value.mistakes
    assert (mistake.line, said in mistake.message, f"`{name}`" in mistake.message) == (6, True, True)
