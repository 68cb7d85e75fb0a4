"""Several operations in one request: off unless switched on, bounded, each for itself, answers in order."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from tests.web.tiny import TinyGraph, client

from crmgraph.domain.errors import Overloaded
from crmgraph.service.trusted import Mode
from crmgraph.web.graph import Answer, Asked
from crmgraph.web.over_http import Terms
from crmgraph.web.persisted import Persisted

HELLO = {"query": "query($n: String!) { hello(name: $n) }"}


def greeting(name: str) -> dict[str, Any]:
    return {**HELLO, "variables": {"n": name}}


async def ask(operations: Any, batch: int = 3, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
    async with client(terms=Terms(batch=batch), **options) as http:
        return await http.post("/graphql", json=operations, headers=headers)


async def test_a_batch_is_answered_in_its_order() -> None:
    response = await ask([greeting("Ada"), {"query": "{"}, greeting("Bo")])
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    first, wrong, last = response.json()
    assert (first, last) == ({"data": {"hello": "Hello, Ada"}}, {"data": {"hello": "Hello, Bo"}})
    assert list(wrong) == ["errors"]


async def test_a_batch_has_no_graphql_media_type() -> None:
    response = await ask([greeting("Ada")], headers={"accept": "application/graphql-response+json"})
    assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_one_operation_outside_of_an_array_is_answered_as_ever() -> None:
    response = await ask(greeting("Ada"), headers={"accept": "application/graphql-response+json"})
    assert response.json() == {"data": {"hello": "Hello, Ada"}}
    assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"


WRONG = [
    ([], 3, "The array must hold between 1 and 3 operations, but it holds 0."),
    ([greeting("Ada")] * 4, 3, "The array must hold between 1 and 3 operations, but it holds 4."),
    ([greeting("Ada"), 7], 3, "Each operation of the array must be a JSON object, but one is a number."),
    ([[greeting("Ada")]], 3, "Each operation of the array must be a JSON object, but one is an array."),
    ([greeting("Ada"), {}], 3, "The parameter `query` is missing"),
    ([greeting("Ada")], 0, "The body must be one JSON object, but it is an array."),
]


@pytest.mark.parametrize(("operations", "batch", "told"), WRONG)
async def test_a_batch_that_is_not_well_formed_is_refused_whole(operations: Any, batch: int, told: str) -> None:
    graph = TinyGraph()
    response = await ask(operations, batch, graph=graph)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"].startswith(told)
    assert graph.asked == []


class Turns(TinyGraph):
    """Has room for the first operation alone, and answers once all have come."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.all_here = asyncio.Barrier(count)

    async def execute(self, query: str, variables: Mapping[str, Any] | None, *rest: Any) -> Answer:
        request: Asked = rest[-1]
        self.asked.append(request)
        await self.all_here.wait()
        if variables == {"n": "Bo"}:
            raise Overloaded("Come back.", 2)
        return await super().execute(query, variables, *rest)


async def test_operations_are_admitted_one_by_one_and_work_at_once() -> None:
    response = await ask([greeting("Ada"), greeting("Bo"), greeting("Cy")], graph=Turns(3))
    assert response.json() == [
        {"data": {"hello": "Hello, Ada"}},
        {"errors": [{"message": "Come back.", "extensions": {"code": "OVERLOADED"}}]},
        {"data": {"hello": "Hello, Cy"}},
    ]


async def test_a_document_that_is_not_trusted_is_refused_alone() -> None:
    trusted = Persisted({"hello": "{ hello }"}, Mode.ENFORCE)
    response = await ask([{"documentId": "hello"}, greeting("Ada")], persisted=trusted)
    first, refused = response.json()
    assert first == {"data": {"hello": "Hello, world"}}
    assert "operator trusts" in refused["errors"][0]["message"]


async def test_a_large_batch_is_packed() -> None:
    async with client(terms=Terms(batch=100)) as http:
        response = await http.post("/graphql", json=[greeting("Ada")] * 100, headers={"accept-encoding": "gzip"})
        assert response.headers["content-encoding"] == "gzip"
        assert response.json() == [{"data": {"hello": "Hello, Ada"}}] * 100


async def test_a_batch_by_get_is_no_question() -> None:
    async with client(terms=Terms(batch=3)) as http:
        response = await http.get("/graphql", params={"query": json.dumps([HELLO])})
    assert "errors" in response.json()
