"""The console's page: its own files and no others."""

import gzip
import re
from pathlib import PurePosixPath

import pytest
from tests.web.tiny import client

from crmgraph.web.console_page import FILES, Example

EXAMPLES = (
    Example("Whom do we greet?", "query Greeting($name: String!) { hello(name: $name) }", {"name": "Ada"}),
    Example("The same, without a name", "query World { hello }"),
)


def referenced(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]*)"', page)


async def test_the_page_names_local_files_only_and_all_are_served() -> None:
    async with client(examples=EXAMPLES) as http:
        page = (await http.get("/")).text
        names = referenced(page)
        assert len(names) == 7
        for name in names:
            assert re.fullmatch(r"console/[a-z.-]+", name)
            assert (await http.get("/" + name)).status_code == 200
    assert "<title>crmgraph</title>" in page


async def test_the_page_runs_no_script_of_its_own_and_its_policy_allows_this_server_only() -> None:
    async with client() as http:
        response = await http.get("/")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|<style", response.text)
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "http" not in policy
    assert "'unsafe-eval'" not in policy


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
async def test_every_file_has_its_type_and_is_asked_for_only_once(name: str) -> None:
    path = "/" if name == "index.html" else f"/console/{name}"
    async with client() as http:
        first = await http.get(path, headers={"accept-encoding": "identity"})
        again = await http.get(path, headers={"if-none-match": first.headers["etag"]})
    assert first.content == (FILES / name).read_bytes()
    assert first.headers["x-content-type-options"] == "nosniff"
    assert {".html": "html", ".js": "javascript", ".css": "css", ".svg": "svg", ".txt": "plain"}[
        PurePosixPath(name).suffix
    ] in first.headers["content-type"]
    assert (again.status_code, again.content) == (304, b"")


async def test_files_are_compressed_for_those_who_take_it() -> None:
    async with (
        client() as http,
        http.stream("GET", "/console/graphiql.min.css", headers={"accept-encoding": "br, gzip"}) as response,
    ):
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == (FILES / "graphiql.min.css").read_bytes()


async def test_the_examples_are_handed_out_as_they_were_handed_in() -> None:
    async with client(examples=EXAMPLES) as http:
        examples = (await http.get("/console/examples.json")).json()
    assert [example["title"] for example in examples] == ["Whom do we greet?", "The same, without a name"]
    assert examples[0]["variables"] == {"name": "Ada"}
    assert examples[1]["variables"] is None


@pytest.mark.parametrize(
    "path", ["/console/../app.py", "/console/%2e%2e/app.py", "/console/index.html", "/console/x.js"]
)
async def test_nothing_else_lies_below_the_console(path: str) -> None:
    async with client() as http:
        assert (await http.get(path)).status_code == 404


def test_no_file_of_ours_names_another_host() -> None:
    for name in ("index.html", "console.js", "console.css"):
        assert not re.search(r"https?:|//[a-z]+\.", (FILES / name).read_text())


def test_the_style_sheet_holds_its_fonts_and_pictures() -> None:
    urls = re.findall(r"url\(\s*[\"']?([^)]{1,5})", (FILES / "graphiql.min.css").read_text())
    assert urls
    assert set(urls) == {"data:"}


def test_the_licenses_of_what_we_ship_lie_beside_it() -> None:
    text = (FILES / "THIRD-PARTY-LICENSES.txt").read_text()
    for name in ("graphiql", "react", "react-dom", "codemirror", "graphql", "Fira Code", "Roboto"):
        assert name in text
