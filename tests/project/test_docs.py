"""What is written is true: the README's blocks are run, links lead somewhere, each row of coverage has its test."""

import json
import re
import shlex
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from crmgraph.app import App
from crmgraph.cli.main import main
from crmgraph.config.loading import load
from crmgraph.connectors import catalog
from crmgraph.demo import stage

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

# These start something that stays, or ask CRMs that are not here: their arguments are looked at, no more.
ONLY_LOOKED_AT = {"serve", "doctor", "query", "import", "rules"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


async def answered(query: str, folder: Path) -> Mapping[str, Any]:
    """The answer of the demonstration's graph, once it knows who stands where."""
    crms = stage.simulators()
    urls = {name: f"http://{name}.test" for name in crms}
    with as_file(files("crmgraph.demo") / stage.CONFIGURATION) as path:
        settings = load(path, stage.environment(urls, crms) | stage.store_in(folder), catalog)
    app = App(settings, transport_for=lambda account: httpx.ASGITransport(app=crms[account.name].app))
    await app.fill_index()
    outcome = await app.execution.execute(query)
    await app.aclose()
    assert outcome.errors == ()
    return {"data": outcome.data}


async def test_every_query_gives_the_answer_that_is_shown(tmp_path: Path) -> None:
    queries, answers = blocks("graphql"), blocks("json")
    assert len(queries) == len(answers) > 0
    for query, answer in zip(queries, answers, strict=True):
        assert await answered(query, tmp_path) == json.loads(answer)


def test_every_yaml_block_is_a_right_configuration_or_definition(tmp_path: Path) -> None:
    assert len(blocks("yaml")) == 2
    for text in blocks("yaml"):
        if "sources" in YAML(typ="safe", pure=True).load(text):
            path = tmp_path / "crmgraph.yaml"
            path.write_text(text)
            assert load(path, dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "x"), catalog).sources
        else:
            assert catalog.read(text, "block.yaml").resources


def test_the_rules_that_are_shown_are_right(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "crmgraph.yaml"
    path.write_text(text)
    rules = load(path, dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "x"), catalog).rules
    assert [(one.name, one.source, one.target) for one in rules] == [
        ("leads", "sales", "support"),
        ("corrections", "support", "sales"),
    ]


def test_a_definition_of_ten_lines_has_ten_lines() -> None:
    assert len(blocks("yaml")[1].splitlines()) == 10


def commands() -> list[list[str]]:
    lines = [line for block in blocks("bash") for line in block.splitlines()]
    inline = re.findall(r"`(crmgraph [^`]+)`", README)
    return [shlex.split(line, comments=True) for line in [*lines, *inline]]


def test_every_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIGCONTACTS_TOKEN", "x")
    assert len(commands()) > 5
    for program, verb, *rest in commands():
        assert program == "crmgraph"
        looked_at = verb in ONLY_LOOKED_AT or rest[:1] == ["test"]
        with pytest.raises(SystemExit) as ended:
            main([verb, *rest, "--help"] if looked_at else [verb, *rest])
        assert not ended.value.code, (verb, capsys.readouterr().err)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [one for one in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")) if "://" not in one]
    assert [one for one in links if not (page.parent / one).exists()] == []


def test_every_row_of_coverage_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| upstream")]
    slugs = [re.search(r"`test_coverage\.py\[([\w-]+)\]` \|$", row) for row in rows]
    assert len(rows) > 60
    assert all(slugs)
    assert (ROOT / "tests" / "coverage" / "test_coverage.py").is_file()
    assert len({slug[1] for slug in slugs if slug}) == len(rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_path_of_one_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(work|tmp|home|root)/", page.read_text(encoding="utf-8"))
