"""The program as it is called: quick help, one sentence for a wrong call, and an exit code that can be relied on."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.running import crmgraph

HEAVY = ("strawberry", "httpx", "pydantic", "fastapi", "rich.console", "structlog", "uvicorn", "ruamel")


def test_the_verbs_are_known_without_importing_what_they_use() -> None:
    program = f"import sys, crmgraph.cli.main; print([one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=_paths())
    assert done.stdout == "[]\n"


HEAVIER = (*HEAVY, "sqlalchemy", "graphql", "orjson", "yaml", "phonenumbers", "crmgraph.app", "crmgraph.service")
OURS = tuple(one for one in HEAVIER if one != "pydantic")
"""Typer converts what was said with pydantic."""


@pytest.mark.parametrize(
    ("does", "heavy"),
    [
        ("import crmgraph.cli.verbs.program", HEAVIER),
        ("from crmgraph.cli.main import main; main(['serve', '--help'])", OURS),
        ("from crmgraph.cli.main import main; main(['--help'])", (*HEAVIER, "typer")),
        # A process that watches over workers needs nothing of what they serve.
        ("import crmgraph.cli.serving", ("strawberry", "graphql", "fastapi", "sqlalchemy", "httpx", "crmgraph.app")),
    ],
)
def test_no_more_is_imported_than_is_needed(does: str, heavy: tuple[str, ...]) -> None:
    tell = f"print([one for one in {heavy!r} if one in sys.modules], file=sys.stderr)"
    program = f"import atexit, sys; atexit.register(lambda: {tell}); {does}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=_paths())
    assert done.stderr == "[]\n"


def test_the_help_that_is_kept_is_the_help_there_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`./dev crmgraph --help --help >src/crmgraph/cli/help.txt` writes it anew."""
    monkeypatch.setenv("COLUMNS", "80")
    assert crmgraph(capsys, "--help").out == crmgraph(capsys, "--help", "--help").out


def _paths() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(sys.path)}


@pytest.mark.parametrize("verb", ["query", "serve", "demo", "check", "doctor", "simulators"])
def test_a_verb_explains_itself(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    said = crmgraph(capsys, verb, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: crmgraph {verb} ")


def test_the_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "--help")
    assert said.code == 0
    for verb in ("serve", "check", "doctor", "init", "query", "schema", "connectors", "demo", "simulators"):
        assert f"\n  {verb} " in said.out


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys, "--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("crmgraph")
    assert said.out.count("\n") == 1


WRONG = [
    (["query"], "Missing argument 'text'; `crmgraph query --help` tells what can be said."),
    (["nonsense"], "No such command 'nonsense'; `crmgraph --help` tells what can be said."),
    (["serve", "--port", "x"], "'--port'"),
    (["serve", "--port", "70000"], "'--port'"),
    (["serve", "--workers", "0"], "'--workers'"),
    (["query", "{ sources { name } }", "--format", "xml"], "'--format'"),
    (["check", "extra"], "Got unexpected extra argument(s) (extra)"),
    (["schema", "nothing"], "'nothing' is not one of 'graph', 'config', 'definition'"),
    (["demo", "--prot", "1"], "No such option: --prot"),
    (["connectors", "test", "orgcrm"], "--url"),
    (["query", "@nowhere.graphql"], "The file nowhere.graphql cannot be read as text."),
    (["query", "{a}", "-v", "{"], "The variables are not JSON"),
    (["query", "{a}", "-v", "[1]"], 'The variables must be a JSON object, like {"first": 10}.'),
    (["connectors", "test", "orgcrm", "--url", "ftp://crm"], "`--url` should be an absolute address"),
    (["connectors", "test", "orgcrm", "--url", "http://crm.example.com"], "`--url` should start with https://"),
    (["connectors", "test", "orgcrm", "--url", "https://crm.example.com"], "`token` is missing; give it as -s token="),
    (["connectors", "test", "orgcrm", "--url", "https://crm.example.com", "-s", "token"], "`-s token` gives no value"),
    (["connectors", "test", "orgcrm", "--url", "https://crm.example.com", "-s", "tokn=1"], "tokn"),
    (["connectors", "test", "orgcrm", "--url", "https://a.example.com", "-s", "token=@no"], "The file no that should"),
    (["connectors", "test", "orgcrm", "--url", "https://a.example.com", "-s", "token=env:NO_SUCH"], "NO_SUCH"),
]


@pytest.mark.parametrize(
    ("arguments", "sentence"), WRONG, ids=lambda one: " ".join(one) if isinstance(one, list) else ""
)
def test_a_wrong_call_is_told_in_one_sentence_and_ends_with_two(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    said = crmgraph(capsys, *arguments)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.err.endswith(".\n")


@pytest.mark.parametrize("verb", [["serve"], ["check"], ["doctor"], ["query", "{ sources { name } }"]])
def test_a_configuration_that_is_not_there_is_told_by_every_verb_that_reads_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, verb: list[str]
) -> None:
    said = crmgraph(capsys, *verb, "-c", str(tmp_path / "no.yaml"))
    assert said.code == 1
    assert "`crmgraph init` writes a first one" in said.out + said.err


def test_no_verb_shows_the_help_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    said = crmgraph(capsys)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: crmgraph ")
