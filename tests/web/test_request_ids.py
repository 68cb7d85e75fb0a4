"""Every answer says which request it is to: by the caller's own id, where that is fit to be repeated."""

from typing import Any

import pytest
from tests.web.tiny import TinyGraph, client

ASK: dict[str, Any] = {"json": {"query": "{ hello }"}}


async def test_a_callers_id_comes_back_and_is_told_to_the_graph() -> None:
    graph = TinyGraph()
    async with client(graph) as http:
        answer = await http.post("/graphql", headers={"x-request-id": "job-7:a.b_c"}, **ASK)
    assert answer.headers["x-request-id"] == "job-7:a.b_c"
    assert graph.asked[0].headers["x-request-id"] == "job-7:a.b_c"


@pytest.mark.parametrize("given", [None, "maria@tamarind.example", "x" * 65, "a b", "-", ""])
async def test_without_a_fit_id_a_new_one_is_made(given: str | None) -> None:
    graph = TinyGraph()
    async with client(graph) as http:
        headers = {} if given is None else {"x-request-id": given}
        first, second = [(await http.post("/graphql", headers=headers, **ASK)).headers for _ in range(2)]
    assert len(first["x-request-id"]) == 16
    assert first["x-request-id"] != second["x-request-id"]
    assert graph.asked[0].headers["x-request-id"] == first["x-request-id"]


@pytest.mark.parametrize(("path", "status"), [("/livez", 200), ("/nowhere", 404), ("/graphql", 405)])
async def test_refusals_have_an_id_too_and_their_status_is_told(path: str, status: int) -> None:
    told: list[int] = []
    async with client(responded=told.append) as http:
        answer = await http.request("PUT" if status == 405 else "GET", path)
    assert answer.status_code == status
    assert "x-request-id" in answer.headers
    assert told == [status]
