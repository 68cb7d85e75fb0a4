"""rules list and rules run."""

import json
from pathlib import Path

import pytest
from tests.cli.running import Stage, crmgraph


@pytest.fixture
def config(tmp_path: Path, crms: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two CRMs, with a rule that tells one of the other's people and makes nobody."""
    for name, one in crms.crms.items():
        monkeypatch.setenv(f"{name.upper()}_TOKEN", one.token)
    path = tmp_path / "crmgraph.yaml"
    path.write_text(
        "sources:\n"
        f"  bigcontacts: {{connector: bigcontacts, base_url: {crms.urls['bigcontacts']}/api,"
        " token: '${BIGCONTACTS_TOKEN}', allow_private: true, limits: {rate: 10000/1s}}\n"
        f"  orgcrm: {{connector: orgcrm, base_url: {crms.urls['orgcrm']}/api/v1,"
        " token: '${ORGCRM_TOKEN}', org_id: org-demo, allow_private: true, limits: {rate: 10000/1s}}\n"
        "rules:\n"
        "  known: {from: bigcontacts, to: orgcrm, create: false, fields: {tags: tags, jobTitle: tags}}\n"
    )
    return str(path)


def test_the_rules_are_listed(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "rules", "list", "-c", config)
    assert (said.code, said.out) == (0, "known: bigcontacts → orgcrm: tags, jobTitle → tags\n")
    (told,) = json.loads(crmgraph(capsys, "rules", "list", "--json", "-c", config).out)
    assert (told["from"], told["to"], told["fields"][1]) == (
        "bigcontacts",
        "orgcrm",
        {"from": "jobTitle", "to": "tags"},
    )


def test_a_rule_is_run_first_dry_then_in_earnest_then_at_rest(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    dry = crmgraph(capsys, "rules", "run", "known", "--dry-run", "--json", "-c", config)
    run = crmgraph(capsys, "rules", "run", "known", "-c", config)
    assert "Would be: " in dry.err
    assert json.loads(dry.out)["counts"]["updated"] == run.out.count("updated ") > 0
    # Those whom the other does not know are left alone, which is worth a look.
    assert (dry.code, run.code) == (1, 1)
    again = json.loads(crmgraph(capsys, "rules", "run", "known", "--json", "-c", config).out)
    assert (again["state"], again["counts"]["updated"]) == ("COMPLETE", 0)


def test_a_rule_that_there_is_not_is_told_with_the_nearest(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "rules", "run", "know", "-c", config)
    assert (said.code, said.out) == (2, "")
    assert "`know` is not known here; did you mean `known`?" in said.err
