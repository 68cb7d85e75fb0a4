"""connectors test: every declared read made once, a verdict on each, raw beside mapped."""

import json
from pathlib import Path

import pytest
from tests.cli.running import DEAD, Stage, crmgraph

from crmgraph.connectors import catalog

MINE = """\
name: mine
title: My CRM
settings:
  token: {description: "The token.", secret: true}
  org_id: {description: "The organisation."}
auth: {bearer: "{token}"}
headers: {X-Org-Id: "{org_id}"}
reply: {message: detail}
probe: {call: GET /tags, items: ""}
resources:
  contact:
    list: {call: GET /contacts, items: items}
    get: {call: "GET /contacts/{id}", item: ""}
    fields: {fullName: name, emails: email}
"""


def write(folder: Path, before: str = "", after: str = "") -> str:
    path = folder / "mine.yaml"
    path.write_text(MINE.replace(before, after) if before else MINE)
    return str(path)


def settings(crms: Stage, name: str) -> list[str]:
    given = {"org_id": "org-demo", "location_id": "demoLocation00000001", "company_id": "demoCompany000000001"}
    asked = catalog.load(name, Path()).settings
    said = [f"{key}={value}" for key, value in given.items() if key in asked]
    return [part for one in [*said, "token=env:CRM_TOKEN"] for part in ("-s", one)]


PATHS = {"bigcontacts": "/api", "concord": "/api", "orgcrm": "/api/v1", "leadconnector": ""}


@pytest.mark.parametrize("name", PATHS)
def test_every_read_of_a_built_in_connector_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, crms: Stage, name: str
) -> None:
    monkeypatch.setenv("CRM_TOKEN", crms.crms[name].token)
    url = crms.urls[name] + PATHS[name]
    said = crmgraph(capsys, "connectors", "test", name, "--url", url, *settings(crms, name), "--json")
    told = json.loads(said.out)
    assert [one for one in told["reads"] if one["verdict"] == "failed"] == []
    assert said.code == 0
    read = {(one["resource"], one["read"]) for one in told["reads"] if one["verdict"] == "ok"}
    definition = catalog.load(name, Path())
    assert {(key, "list") for key, one in definition.resources.items() if one.spec.list} <= read
    assert {(None, f"table {table}") for table in definition.tables} <= read
    contact = next(one for one in told["samples"] if one["resource"] == "contact")
    assert contact["raw"]["id"] is not None
    assert contact["mapped"]["emails"] is not None


def test_raw_stands_beside_mapped_with_a_verdict_on_each_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    url = f"{crms.urls['orgcrm']}/api/v1"
    said = crmgraph(
        capsys,
        "connectors",
        "test",
        write(tmp_path),
        "--url",
        url,
        "-s",
        "token=env:DESK_TOKEN",
        "-s",
        "org_id=org-demo",
    )
    assert (said.code, said.err) == (0, "")
    assert "ok   contact list GET /contacts: " in said.out
    assert "ok   contact get GET /contacts/" in said.out
    assert '  fullName          name: "' in said.out


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("items: items}", "items: contacts}", "contact list GET /contacts: mine answered"),
        ("emails: email", "createdAt: name", "contact field createdAt: mine answered a contact"),
        ('get: {call: "GET /contacts/{id}"', 'get: {call: "GET /contact/{id}"', "is not there when it is fetched"),
    ],
)
def test_what_the_definition_says_wrongly_is_a_finding(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage, before: str, after: str, sentence: str
) -> None:
    file, url = write(tmp_path, before, after), f"{crms.urls['orgcrm']}/api/v1"
    said = crmgraph(
        capsys, "connectors", "test", file, "--url", url, "-s", "token=env:DESK_TOKEN", "-s", "org_id=org-demo"
    )
    assert said.code == 1
    assert [line for line in said.out.splitlines() if line.startswith("FAIL") and sentence in line]


@pytest.mark.parametrize(("url", "token"), [(DEAD, "demo-orgcrm"), (None, "wrong")])
def test_a_crm_that_fails_or_refuses_ends_it_at_once_with_three(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage, url: str | None, token: str
) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{token}\n")
    base = url or f"{crms.urls['orgcrm']}/api/v1"
    said = crmgraph(
        capsys, "connectors", "test", write(tmp_path), "--url", base, "-s", f"token=@{secret}", "-s", "org_id=org-demo"
    )
    assert said.code == 3
    assert said.out.startswith("FAIL probe GET /tags: mine ")
    assert said.out.count("\n") == 1


def test_a_secret_in_plain_text_is_taken_with_a_warning(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    url = f"{crms.urls['orgcrm']}/api/v1"
    said = crmgraph(
        capsys, "connectors", "test", write(tmp_path), "--url", url, "-s", "token=demo-orgcrm", "-s", "org_id=org-demo"
    )
    assert said.code == 0
    assert "`token` is a secret in plain text" in said.err
    assert "demo-orgcrm" not in said.out + said.err


def test_a_definition_that_is_wrong_is_told_before_any_call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(tmp_path, "fullName: name", "fulName: name")
    said = crmgraph(capsys, "connectors", "test", file, "--url", DEAD)
    assert (said.code, said.out) == (1, "")
    assert "fulName" in said.err
