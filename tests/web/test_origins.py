"""Browsers: whose pages may read an answer, and what no page can make them send."""

import httpx
import pytest
from tests.web.tiny import client

from crmgraph.web.callers import Callers, Everybody, Known, WithOwnTokens
from crmgraph.web.over_http import Terms

APP = "https://app.example.com"
ASK = {"json": {"query": "{ hello }"}}


def allowances(response: httpx.Response) -> list[str]:
    return [name for name in response.headers if name.startswith("access-control-")]


async def test_a_known_page_may_read_the_answer_and_no_cache_gives_it_to_another() -> None:
    async with client(cors=[APP]) as http:
        response = await http.post("/graphql", **ASK, headers={"origin": APP})
    assert response.json() == {"data": {"hello": "Hello, world"}}
    assert response.headers["access-control-allow-origin"] == APP
    assert "Origin" in response.headers["vary"]
    assert "access-control-allow-credentials" not in response.headers


async def test_a_refusal_can_be_read_too() -> None:
    async with client(cors=[APP]) as http:
        response = await http.post("/graphql", content=b"", headers={"origin": APP, "content-type": "application/json"})
    assert response.status_code == 400
    assert response.headers["access-control-allow-origin"] == APP


STRANGERS = [
    "https://app.example.com.evil.example",
    "https://evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://APP.example.com",
    "https://app.example.com/",
    "null",
    "*",
    "",
]


@pytest.mark.parametrize("origin", STRANGERS)
async def test_every_other_page_gets_no_header_that_lets_it_read(origin: str) -> None:
    async with client(cors=[APP]) as http:
        response = await http.post("/graphql", **ASK, headers={"origin": origin})
        preflight = await http.options("/graphql", headers={"origin": origin, "access-control-request-method": "POST"})
    assert response.status_code == 200
    assert preflight.status_code == 405
    assert allowances(response) == allowances(preflight) == []


async def test_nobody_is_let_read_where_no_origin_is_configured() -> None:
    async with client() as http:
        assert allowances(await http.post("/graphql", **ASK, headers={"origin": APP})) == []


async def test_a_known_page_is_told_beforehand_what_it_may_send() -> None:
    asks = {
        "origin": APP,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, x-deadline, x-priority",
    }
    async with client(cors=[APP]) as http:
        response = await http.options("/graphql", headers=asks)
        strange = await http.options("/graphql", headers={**asks, "access-control-request-headers": "cookie2"})
        put = await http.options("/graphql", headers={**asks, "access-control-request-method": "PUT"})
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP
    assert response.headers["access-control-allow-methods"] == "GET, POST"
    assert "access-control-allow-credentials" not in response.headers
    assert (strange.status_code, put.status_code) == (400, 400)


@pytest.mark.parametrize(
    ("callers", "header", "status"),
    [
        (Everybody(), "authorization", 400),
        (Known([]), "authorization", 200),
        (Known([]), "x-api-key", 200),
        (Known([]), "x-source-token-org", 400),
        (WithOwnTokens(Known([]), {"org": True}, ["org"]), "x-source-token-org", 200),
    ],
)
async def test_a_known_page_may_send_what_proves_who_is_calling(callers: Callers, header: str, status: int) -> None:
    asks = {
        "origin": APP,
        "access-control-request-method": "POST",
        "access-control-request-headers": f"content-type, {header}",
    }
    async with client(cors=[APP], callers=callers) as http:
        assert (await http.options("/graphql", headers=asks)).status_code == status


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_what_a_browser_sends_without_asking_first_is_not_executed(content_type: str) -> None:
    """A page of anybody's can make a browser send these, so none of them may be a question."""
    async with client(cors=[APP]) as http:
        response = await http.post(
            "/graphql", content=b'{"query": "mutation { nothing }"}', headers={"content-type": content_type}
        )
        by_get = await http.get("/graphql", params={"query": "mutation { nothing }"})
    assert (response.status_code, by_get.status_code) == (415, 405)


async def test_get_can_be_switched_off() -> None:
    async with client(terms=Terms(get=False)) as http:
        for method in ("GET", "HEAD", "PUT"):
            response = await http.request(method, "/graphql", params={"query": "{ hello }"})
            assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert (await http.get("/livez")).status_code == 200
        assert (await http.post("/graphql", **ASK)).json() == {"data": {"hello": "Hello, world"}}
    assert response.json()["errors"][0]["message"] == "The path /graphql does not take PUT; use POST."


@pytest.mark.parametrize("path", ["/graphql?query={hello}", "/graphql?query={", "/graphql", "/livez", "/readyz", "/no"])
async def test_no_answer_is_taken_for_something_else_by_a_browser(path: str) -> None:
    async with client() as http:
        response = await http.get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"
