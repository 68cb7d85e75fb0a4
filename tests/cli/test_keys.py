"""keys create, keys list and keys revoke, and what a server does with them."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cli.running import Stage, crmgraph

from crmgraph.app import App
from crmgraph.cli.settings import settings

CONFIG = """
sources:
  orgcrm:
    connector: orgcrm
    base_url: {url}/api/v1
    token: ${{DESK_TOKEN}}
    org_id: org-demo
    allow_private: true
identity: {{index: off}}
auth:
  pepper: ${{PEPPER}}
roles:
  readers: {{scopes: ["contact:read"]}}
"""


@pytest.fixture
def config(tmp_path: Path, crms: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PEPPER", "p" * 32)
    path = tmp_path / "crmgraph.yaml"
    path.write_text(CONFIG.format(url=crms.urls["orgcrm"]))
    return str(path)


def asked(config: str, key: str | None, query: str) -> tuple[int, Any]:
    """The status and answer of a server over the configuration."""

    async def ask() -> tuple[int, Any]:
        app = App(settings(Path(config)))
        headers = {"accept": "application/graphql-response+json"} | ({} if key is None else {"x-api-key": key})
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app.web()), base_url="http://localhost") as http:
                reply = await http.post("/graphql", json={"query": query}, headers=headers)
                return reply.status_code, reply.json()
        finally:
            await app.aclose()

    return asyncio.run(ask())


def test_a_key_lets_in_for_what_its_role_may_until_it_is_revoked(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = crmgraph(capsys, "keys", "create", "boards", "--role", "readers", "-c", config)
    key = made.out.strip()
    assert made.code == 0
    assert re.fullmatch(r"crmgraph_[0-9a-f]{16}_[A-Za-z0-9_-]{43}", key)
    ident = key.split("_")[1]
    assert made.err == f"The key {ident} of boards has the role readers. Keep it: it is not shown again.\n"
    assert asked(config, None, "{ __typename }")[0] == 401
    assert asked(config, key[:-1] + ("A" if key[-1] != "A" else "B"), "{ __typename }")[0] == 401
    status, body = asked(config, key, "{ contacts(first: 1) { nodes { id } } }")
    assert (status, len(body["data"]["contacts"]["nodes"])) == (200, 1)
    status, body = asked(config, key, "{ tasks(first: 1) { nodes { id } } }")
    assert (status, body["errors"][0]["extensions"]) == (403, {"code": "FORBIDDEN"})
    capsys.readouterr()  # What the server logged.
    listed = crmgraph(capsys, "keys", "list", "-c", config)
    assert re.fullmatch(rf"{ident}  boards  readers  made \d{{4}}-\d\d-\d\d  holds\n", listed.out)
    (told,) = json.loads(crmgraph(capsys, "keys", "list", "--json", "-c", config).out)
    assert (told["id"], told["revokedAt"]) == (ident, None)
    assert crmgraph(capsys, "keys", "revoke", ident, "-c", config).code == 0
    assert asked(config, key, "{ __typename }")[0] == 401
    assert crmgraph(capsys, "keys", "revoke", ident, "-c", config).code == 1
    everything = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert key.split("_")[2].encode() not in everything, "The key lies nowhere on the disk."
    capsys.readouterr()
    log = crmgraph(capsys, "audit", "list", "-c", config).out
    assert [one.split("  ")[3] for one in log.splitlines()] == ["revokeKey", "revokeKey", "createKey"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["boards", "--role", "reader"], 2, "`reader` is not known here; did you mean `readers`?"),
        (["", "--role", "readers"], 2, "A key's name says who uses it"),
        (["a\nb", "--role", "readers"], 2, "A key's name says who uses it"),
    ],
)
def test_a_key_that_cannot_be_is_told_in_a_sentence(
    config: str, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, sentence: str
) -> None:
    said = crmgraph(capsys, "keys", "create", *arguments, "-c", config)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err


def test_without_a_pepper_no_key_is_made(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(config)
    path.write_text(path.read_text().replace("auth:\n  pepper: ${PEPPER}\n", ""))
    said = crmgraph(capsys, "keys", "create", "boards", "--role", "readers", "-c", config)
    assert said.code == 1
    assert "write `pepper: ${CRMGRAPH_PEPPER}` under `auth`" in said.err


def test_without_auth_a_server_listens_on_this_machine_alone(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(config)
    path.write_text(path.read_text().replace("auth:\n  pepper: ${PEPPER}\n", ""))
    said = crmgraph(capsys, "serve", "-c", config, "--host", "0.0.0.0")
    assert said.code == 2
    assert said.err == (
        "Without `auth` everybody who reaches 0.0.0.0 could read and write your CRMs. Say in the configuration how"
        " callers prove who they are, or listen on 127.0.0.1.\n"
    )
