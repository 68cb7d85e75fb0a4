"""connect and keys rotate: a person agrees, the tokens are kept sealed, and the source answers by them."""

import base64
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.cli.running import DEAD, Said, Stage, crmgraph

from crmgraph.app import App
from crmgraph.cli.settings import settings
from crmgraph.demo.leadconnector_oauth import Tokens

KEY = f"first:{base64.b64encode(b'1' * 32).decode()}"
SECOND = f"second:{base64.b64encode(b'2' * 32).decode()}"

ASK = '{ contacts(first: 1, sources: ["sales"]) { nodes { id } } }'

TEXT = """sources:
  sales:
    connector: leadconnector
    base_url: {url}
    consent_url: {url}/oauth/chooselocation
    client_id: demo-client
    client_secret: ${{SECRET}}
    location_id: {location}
    allow_private: true
vault: {{keys: "${{KEYS}}"}}
identity: {{index: off}}
"""


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "demo-secret")
    monkeypatch.setenv("KEYS", KEY)


@pytest.fixture
def tokens(crms: Stage) -> Iterator[Tokens]:
    """The CRM's side, as it was before."""
    crms.crms["leadconnector"].clear()
    yield crms.crms["leadconnector"].state.tokens
    crms.crms["leadconnector"].clear()


def configured(folder: Path, url: str, location: str = "demoLocation00000001") -> str:
    path = folder / "crmgraph.yaml"
    path.write_text(TEXT.format(url=url, location=location))
    return str(path)


class Browser(threading.Thread):
    """Opens the address that is printed, as a person would, and tells what the last page said."""

    def __init__(self, said: "Speech", visit: Callable[[httpx.Client, str], httpx.Response]) -> None:
        super().__init__(daemon=True)
        self.said, self.visit, self.page = said, visit, ""

    def run(self) -> None:
        assert self.said.address.wait(20)
        with httpx.Client(trust_env=False, follow_redirects=True) as client:
            self.page = self.visit(client, self.said.found).text


class Speech(io.StringIO):
    """Standard error, which is listened to."""

    def __init__(self) -> None:
        super().__init__()
        self.address, self.found = threading.Event(), ""

    def write(self, text: str) -> int:
        written = super().write(text)
        if found := re.search(r"^https?://\S+$", self.getvalue(), re.MULTILINE):
            self.found = found[0]
            self.address.set()
        return written


def connected(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    visit: Callable[[httpx.Client, str], httpx.Response] = httpx.Client.get,
    *more: str,
) -> tuple[Said, str]:
    """What the verb said, and what the browser was shown at the end."""
    speech = Speech()
    browser = Browser(speech, visit)
    browser.start()
    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", speech)
        said = crmgraph(capsys, "connect", "sales", "-c", path, *more)
    browser.join(20)
    return Said(said.code, said.out, speech.getvalue()), browser.page


def test_a_person_agrees_and_the_source_answers_by_its_own_tokens(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage, tokens: Tokens
) -> None:
    path = configured(tmp_path, crms.urls["leadconnector"])
    before = crmgraph(capsys, "query", ASK, "-c", path)
    assert (before.code, before.err) == (3, "sales is not connected yet; `crmgraph connect sales` connects it.\n")
    said, page = connected(capsys, monkeypatch, path)
    assert said.code == 0
    assert re.search(
        r"^`sales` is connected to LeadConnector \(GoHighLevel\) \(location_id demoLocation00000001, company_id "
        r"demoCompany000000001\); its token is good until \S+ and is renewed in time\.$",
        said.err,
        re.MULTILINE,
    )
    assert page.startswith("Thank you.")
    after = crmgraph(capsys, "query", ASK, "-c", path)
    assert (after.code, after.err) == (0, "")
    assert len(json.loads(after.out)["data"]["contacts"]["nodes"]) == 1
    held = b"".join(file.read_bytes() for file in tmp_path.glob("crmgraph.db*"))
    assert b"demoLocation00000001" in held
    assert b"demo-access" not in held
    assert b"demo-refresh" not in held


def test_an_app_that_was_taken_away_is_told_by_every_verb_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage, tokens: Tokens
) -> None:
    path = configured(tmp_path, crms.urls["leadconnector"])
    connected(capsys, monkeypatch, path)
    tokens.uninstall()
    crms.crms["leadconnector"].clear()
    reason = "sales gives no new tokens any more (Invalid grant: refresh token is invalid)"
    sentence = f"{reason}; `crmgraph connect sales` connects it."
    for _ in range(2):
        said = crmgraph(capsys, "query", ASK, "-c", path)
        assert said.err == f"{sentence}\n"
    assert crms.crms["leadconnector"].calls("POST", "/oauth/token") == 1
    connected(capsys, monkeypatch, path)
    assert crmgraph(capsys, "query", ASK, "-c", path).code == 0


def test_what_does_not_answer_the_question_is_sent_away_and_the_answer_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage, tokens: Tokens
) -> None:
    forged: list[httpx.Response] = []

    def visit(client: httpx.Client, address: str) -> httpx.Response:
        back = httpx.URL(httpx.URL(address).params["redirect_uri"])
        for query in ({}, {"code": "evil"}, {"code": "evil", "state": "x"}, {"state": "x", "error": "access_denied"}):
            forged.append(client.get(back, params=query))
        return client.get(address)

    said, page = connected(capsys, monkeypatch, configured(tmp_path, crms.urls["leadconnector"]), visit)
    assert (said.code, page[:9]) == (0, "Thank you")
    assert [one.status_code for one in forged] == [400] * 4
    assert all("its `state` is another" in one.text and "evil" not in one.text for one in forged)
    assert forged[0].headers["cache-control"] == "no-store"


def test_a_person_who_does_not_agree_ends_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage
) -> None:
    def visit(client: httpx.Client, address: str) -> httpx.Response:
        asked = httpx.URL(address).params
        return client.get(asked["redirect_uri"], params={"state": asked["state"], "error": "access_denied"})

    said, page = connected(capsys, monkeypatch, configured(tmp_path, crms.urls["leadconnector"]), visit)
    assert said.code == 2
    assert said.err.endswith("The CRM says that nobody agreed: access_denied.\n")
    assert page == "The CRM says that nobody agreed: access_denied."


def test_tokens_of_another_location_are_not_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage
) -> None:
    path = configured(tmp_path, crms.urls["leadconnector"], location="mine")
    said, _ = connected(capsys, monkeypatch, path)
    assert said.code == 2
    assert said.err.endswith(
        "Nothing was connected: the tokens are for the locationId demoLocation00000001, but `location_id` is mine. "
        "Choose that one, or change the configuration.\n"
    )
    after = crmgraph(capsys, "query", ASK, "-c", path)
    assert "is not connected yet" in after.err


def test_nobody_who_comes_back_is_waited_for_no_longer_than_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage
) -> None:
    path = configured(tmp_path, crms.urls["leadconnector"])
    said = crmgraph(capsys, "connect", "sales", "-c", path, "--wait", "1")
    assert (said.code, said.err.splitlines()[-1]) == (2, "Nobody came back within 1 s; `--wait` waits longer.")


def pasted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: str, *more: str, to: str = ""
) -> Said:
    """The verb with what a person pastes who opened the address elsewhere."""
    speech = Speech()

    class Person:
        def readline(self) -> str:
            if to:
                return f"{to}\n"
            with httpx.Client(trust_env=False) as client:
                return f"  {client.get(speech.found).headers['location']}\n"

    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", speech)
        patched.setattr("sys.stdin", Person())
        said = crmgraph(capsys, "connect", "sales", "-c", path, "--paste", *more)
    return Said(said.code, said.out, speech.getvalue())


def test_the_address_may_be_pasted_from_a_browser_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage
) -> None:
    path = configured(tmp_path, crms.urls["leadconnector"])
    said = pasted(capsys, monkeypatch, path, "--redirect", "https://acme.example/back")
    assert said.code == 0
    assert "redirect_uri=https%3A%2F%2Facme.example%2Fback" in said.err
    assert "`sales` is connected" in said.err


@pytest.mark.parametrize("to", ["", "nonsense", "http://127.0.0.1:8765/callback?code=c&state=other"])
def test_another_address_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage, to: str
) -> None:
    said = pasted(capsys, monkeypatch, configured(tmp_path, crms.urls["leadconnector"]), to=to or " ")
    assert said.code == 2
    assert said.err.splitlines()[-1].startswith("This does not answer what was asked")


def test_a_wrong_app_secret_is_told_in_the_crms_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage
) -> None:
    monkeypatch.setenv("SECRET", "wr0ng-secret")
    said, _ = connected(capsys, monkeypatch, configured(tmp_path, crms.urls["leadconnector"]))
    assert said.code == 3
    assert said.err.endswith("sales gave no tokens: Invalid client credentials!.\n")
    assert "wr0ng" not in said.err


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("sale", "`sale` is not known here; did you mean `sales`? Known: desk, sales.\n"),
        ("desk", "`desk` cannot be connected: the connector of Org-scoped CRM knows no OAuth.\n"),
    ],
)
def test_what_cannot_be_connected_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, sentence: str
) -> None:
    path = Path(configured(tmp_path, DEAD))
    desk = '  desk: {connector: orgcrm, base_url: https://d.example, token: "${DESK_TOKEN}", org_id: o}\nvault:'
    path.write_text(path.read_text().replace("vault:", desk))
    said = crmgraph(capsys, "connect", name, "-c", str(path))
    assert (said.code, said.err) == (2, sentence)


def test_check_says_which_sources_go_by_oauth(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = crmgraph(capsys, "check", "-c", configured(tmp_path, DEAD))
    assert said.code == 0
    assert "`sales` goes by OAuth; `crmgraph connect sales` connects it.\n" in said.err


def test_keys_are_replaced_one_after_the_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage, tokens: Tokens
) -> None:
    path = configured(tmp_path, crms.urls["leadconnector"])
    connected(capsys, monkeypatch, path)
    monkeypatch.setenv("KEYS", f"{SECOND} {KEY}")
    said = crmgraph(capsys, "keys", "rotate", "-c", path)
    assert (said.code, said.err) == (0, "1 of 1 rows are under the key `second`; 1 of them since now.\n")
    again = crmgraph(capsys, "keys", "rotate", "--json", "-c", path)
    assert json.loads(again.out) == {"key": "second", "resealed": 0, "already": 1, "changed": 0, "shut": 0}
    told = json.loads(crmgraph(capsys, "audit", "list", "--who", "operator", "--json", "-c", path).out)
    assert [(one["what"], one["record"], one["times"]) for one in told] == [
        ("rotateKeys", "second", 0),
        ("rotateKeys", "second", 1),
    ]
    monkeypatch.setenv("KEYS", SECOND)
    assert crmgraph(capsys, "query", ASK, "-c", path).code == 0


def test_without_the_right_key_there_is_a_sentence_and_no_stack_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage, tokens: Tokens
) -> None:
    path = configured(tmp_path, crms.urls["leadconnector"])
    connected(capsys, monkeypatch, path)
    monkeypatch.setenv("KEYS", SECOND)
    shut = "`access` of `sales` in `tokens` is sealed under the key `first`, which `vault.keys` lacks; add it there."
    said = crmgraph(capsys, "keys", "rotate", "-c", path)
    assert (said.code, said.err.splitlines()) == (
        1,
        [shut, "0 of 1 rows are under the key `second`; 0 of them since now; 1 cannot be opened."],
    )
    asked = crmgraph(capsys, "query", ASK, "-c", path)
    assert asked.err == f"The tokens of sales cannot be read. {shut}\n"
    doctor = crmgraph(capsys, "doctor", "-c", path)
    assert f"FAIL sales: The tokens of sales cannot be read. {shut}" in doctor.out
    assert connected(capsys, monkeypatch, path)[0].code == 0


def test_to_rotate_needs_a_key(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "crmgraph.yaml"
    path.write_text(
        'sources: {desk: {connector: orgcrm, base_url: https://d.example, token: "${DESK_TOKEN}", org_id: o}}'
    )
    said = crmgraph(capsys, "keys", "rotate", "-c", str(path))
    assert (said.code, said.err) == (
        1,
        "There is no key to seal under; write `vault: {keys: ${CRMGRAPH_VAULT_KEYS}}`.\n",
    )


def test_a_store_that_cannot_be_used_is_told_before_anybody_agrees(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crms: Stage
) -> None:
    monkeypatch.setenv("CRMGRAPH__STORE__URL", f"sqlite:///{tmp_path}/no/such/folder.db")
    said = crmgraph(capsys, "connect", "sales", "-c", configured(tmp_path, crms.urls["leadconnector"]))
    assert said.code == 2
    assert said.err.startswith("Our own store cannot be used")


async def test_a_source_to_be_connected_is_told_by_its_health(tmp_path: Path) -> None:
    """In the graph, and where an orchestrator looks."""
    app = App(settings(Path(configured(tmp_path, DEAD))))
    assert app.ready()["sources"] == {"sales": "UNKNOWN"}
    outcome = await app.execution.execute(ASK)
    assert [(one["extensions"]["code"], one["extensions"]["retryable"]) for one in outcome.errors] == [
        ("DENIED", False)
    ]
    assert app.ready()["sources"] == {"sales": "RECONNECT"}
    health = await app.execution.execute("{ sources { health } }")
    assert health.data == {"sources": [{"health": "RECONNECT"}]}
    await app.aclose()
