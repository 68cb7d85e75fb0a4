"""The rest of the web application: health, what is not there, and what nobody foresaw."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from tests.web.tiny import Fixed, TinyGraph, always_ready, client

from crmgraph.web.app import create

ASK = {"json": {"query": "{ hello }"}}


async def test_a_living_process_says_so() -> None:
    async with client() as http:
        response = await http.get("/livez")
    assert (response.status_code, response.json()) == (200, {"alive": True})


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"ready": True, "sources": {"sales": "OK"}}, 200),
        ({"ready": True, "sources": {"sales": "DOWN"}}, 200),
        ({"ready": False, "sources": {}}, 503),
    ],
)
async def test_readiness_is_what_the_application_says_and_a_dead_crm_does_not_end_it(
    state: dict[str, Any], status: int
) -> None:
    async with client(ready=lambda: state) as http:
        response = await http.get("/readyz")
    assert (response.status_code, response.json()) == (status, state)
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/nope", "/graphql/", "/docs", "/redoc", "/openapi.json", "/console/"])
async def test_what_is_not_there_is_a_404_in_one_sentence(path: str) -> None:
    async with client() as http:
        response = await http.get(path)
    assert response.status_code == 404
    assert response.json() == {
        "errors": [
            {
                "message": f"There is nothing at {path}; the graph is at /graphql.",
                "extensions": {"code": "BAD_INPUT"},
            }
        ]
    }


async def test_the_health_checks_take_no_posts() -> None:
    async with client() as http:
        response = await http.post("/livez")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


async def test_an_unexpected_exception_is_a_500_that_tells_nothing_and_is_logged() -> None:
    with capture_logs() as logs:
        async with client(Fixed(ValueError("the password is tiger"))) as http:
            response = await http.post("/graphql", **ASK)
    assert response.status_code == 500
    assert "tiger" not in response.text
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL"}
    [line] = [line for line in logs if line["log_level"] == "error"]
    assert line["event"] == "unexpected_failure"
    assert "path" not in line, "a path is the caller's own text"
    assert line["exc_info"]


async def test_a_failing_readiness_check_is_a_500_too() -> None:
    def failing() -> dict[str, Any]:
        raise OSError("disk")

    async with client(ready=failing) as http:
        response = await http.get("/readyz")
    assert response.status_code == 500


async def test_the_lifespan_is_run() -> None:
    seen: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        seen.append("opened")
        yield
        seen.append("closed")

    app = create(TinyGraph(), always_ready, lifespan=lifespan)
    async with app.router.lifespan_context(app):
        assert seen == ["opened"]
    assert seen == ["opened", "closed"]


async def test_without_a_console_there_is_no_page() -> None:
    async with client(console=False) as http:
        assert (await http.get("/")).status_code == 404
        assert (await http.get("/console/console.js")).status_code == 404
