"""GraphQL over HTTP: who is understood, who is refused, and in which words."""

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.web.tiny import Fixed, TinyGraph, client

from crmgraph.web.graph import Answer
from crmgraph.web.over_http import Terms

JSON = {"content-type": "application/json"}
GRAPHQL_TYPE = "application/graphql-response+json"
JSON_TYPE = "application/json"


async def post(content: bytes | str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
    async with client(**options) as http:
        return await http.post("/graphql", content=content, headers=JSON | (headers or {}))


async def get(parameters: dict[str, str] | str, headers: dict[str, str] | None = None) -> httpx.Response:
    async with client() as http:
        url = "/graphql?" + parameters if isinstance(parameters, str) else "/graphql"
        return await http.get(url, params=None if isinstance(parameters, str) else parameters, headers=headers)


def asking(**parameters: Any) -> str:
    return json.dumps(parameters)


def sentence(response: httpx.Response) -> str:
    """The one error of a refusal, which must be a sentence and carry the caller's code."""
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    assert list(body) == ["errors"]
    [error] = body["errors"]
    assert error["extensions"] == {"code": "BAD_INPUT"}
    assert error["message"][0].isupper()
    assert error["message"].endswith(".")
    return error["message"]


async def test_a_post_is_answered() -> None:
    response = await post(asking(query="query Q($n: String!) { hello(name: $n) }", variables={"n": "Ada"}))
    assert response.status_code == 200
    assert response.json() == {"data": {"hello": "Hello, Ada"}}
    assert response.headers["cache-control"] == "no-store"


async def test_a_get_is_answered_with_variables_and_extensions_as_json() -> None:
    response = await get(
        {
            "query": "query A { __typename } query B($n: String) { hello(name: $n) }",
            "variables": '{"n": "Zoë"}',
            "operationName": "B",
            "extensions": '{"any": "thing"}',
        }
    )
    assert response.json() == {"data": {"hello": "Hello, Zoë"}}


async def test_empty_and_null_parameters_of_a_get_count_as_absent() -> None:
    response = await get({"query": "{ hello }", "variables": "", "operationName": "", "extensions": "null"})
    assert response.json() == {"data": {"hello": "Hello, world"}}


@pytest.mark.parametrize("name", ["variables", "operationName", "extensions"])
async def test_null_parameters_of_a_post_count_as_absent(name: str) -> None:
    response = await post(asking(query="{ hello }", **{name: None}))
    assert response.json() == {"data": {"hello": "Hello, world"}}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON_TYPE),
        ("", JSON_TYPE),
        ("*/*", JSON_TYPE),
        ("application/*", JSON_TYPE),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON_TYPE),
        ("application/json", JSON_TYPE),
        ("Application/JSON; charset=utf-8", JSON_TYPE),
        ("application/json, multipart/mixed", JSON_TYPE),
        ("application/json, */*", JSON_TYPE),
        ("application/graphql-response+json", GRAPHQL_TYPE),
        ("application/graphql-response+json, application/json", GRAPHQL_TYPE),
        ("application/json, application/graphql-response+json", GRAPHQL_TYPE),
        ("application/graphql-response+json, */*", GRAPHQL_TYPE),
        ("application/graphql-response+json;q=0.5, application/json", JSON_TYPE),
        ("application/graphql-response+json; q=0, */*", JSON_TYPE),
        ("application/json;q=0, */*", GRAPHQL_TYPE),
    ],
)
async def test_the_media_type_is_negotiated(accept: str | None, expected: str) -> None:
    response = await post(asking(query="{ hello }"), {} if accept is None else {"accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0", "*/*;q=0", "*/*;q=much", ";;,,"])
async def test_a_caller_who_accepts_neither_type_is_told_so(accept: str) -> None:
    response = await post(asking(query="{ hello }"), {"accept": accept})
    assert response.status_code == 406
    assert "application/graphql-response+json or application/json" in sentence(response)


REQUEST_ERRORS = {
    "does not parse": asking(query="{"),
    "does not validate": asking(query="{ nope }"),
    "does not coerce": asking(query="query Q($n: String!) { hello(name: $n) }", variables={"n": None}),
    "has no such operation": asking(query="query Q { hello }", operationName="R"),
}


@pytest.mark.parametrize("body", REQUEST_ERRORS.values(), ids=REQUEST_ERRORS.keys())
@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL_TYPE, 400), (JSON_TYPE, 200)])
async def test_a_request_error_is_400_only_in_the_graphql_type(body: str, accept: str, status: int) -> None:
    response = await post(body, {"accept": accept})
    assert response.status_code == status
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert "data" not in response.json()
    assert response.json()["errors"]


@pytest.mark.parametrize("accept", [GRAPHQL_TYPE, JSON_TYPE])
async def test_an_error_while_executing_is_a_200_with_data(accept: str) -> None:
    response = await post(asking(query="{ hello broken }"), {"accept": accept})
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "Hello, world", "broken": None}
    assert response.json()["errors"][0]["path"] == ["broken"]


async def test_extensions_of_an_answer_are_sent_along() -> None:
    told = {"crmgraph": {"sources": {"sales": {"calls": 1}}}}
    response = await post(asking(query="{ hello }"), graph=Fixed(Answer(data={}, extensions=told)))
    assert response.json() == {"data": {}, "extensions": told}


async def test_a_mutation_by_get_is_a_405_that_names_post() -> None:
    response = await get({"query": "mutation { nothing }"})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "data" not in response.json()


async def test_a_mutation_by_post_is_executed() -> None:
    response = await post(asking(query="mutation { nothing }"))
    assert response.json() == {"data": {"nothing": True}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_a_405_that_names_the_right_ones(method: str) -> None:
    async with client() as http:
        response = await http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert sentence(response) == f"The path /graphql does not take {method}; use GET, HEAD, POST."


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/graphql"},
        {"content-type": "application/jsonp"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-encoding": "gzip"},
    ],
)
async def test_a_body_that_is_not_plain_json_is_a_415(headers: dict[str, str]) -> None:
    response = await post(asking(query="{ hello }"), headers)
    assert response.status_code == 415
    assert sentence(response).startswith("The body must")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'APPLICATION/JSON;charset="UTF-8"', "application/json;x=y"]
)
async def test_json_in_utf_8_is_taken_however_it_is_spelled(content_type: str) -> None:
    response = await post(asking(query="{ hello }"), {"content-type": content_type})
    assert response.status_code == 200


MALFORMED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The body is empty"),
    "blank": (b" \n", "not valid JSON"),
    "cut off": (b'{ "not a JSON', "not valid JSON"),
    "invalid UTF-8": (b'{"query": "\xff\xfe"}', "not valid JSON in UTF-8"),
    "UTF-16": ('{"query": "{ hello }"}'.encode("utf-16"), "not valid JSON in UTF-8"),
    "byte order mark": (b'\xef\xbb\xbf{"query": "{ hello }"}', "not valid JSON in UTF-8"),
    "lone surrogate": (b'{"query": "\\ud800"}', "not valid JSON in UTF-8"),
    "a number": (b"42", "but it is a number"),
    "a string": (b'"{ hello }"', "but it is a string"),
    "a boolean": (b"true", "but it is a boolean"),
    "null": (b"null", "but it is null"),
    "a batch": (b'[{"query": "{ hello }"}]', "but it is an array"),
    "NaN": (b'{"query": "{ hello }", "variables": {"x": NaN}}', "not valid JSON"),
    "infinite": (b'{"query": "{ hello }", "variables": {"x": 1e999}}', "not valid JSON"),
    "a number of 5,000 digits": (b'{"query": "{ hello }", "variables": {"x": ' + b"9" * 5000 + b"}}", "not valid JSON"),
    "100,000 arrays deep": (b"[" * 100_000, "not valid JSON"),
    "100,000 objects deep": (b'{"query":' * 20_000, "not valid JSON"),
    "deep and closed": (b"[" * 100_000 + b"]" * 100_000, "not valid JSON"),
    "no query": (b'{"qeury": "{ hello }"}', "`query` is missing"),
    "query null": (b'{"query": null}', "`query` is missing"),
    "query object": (b'{"query": {}}', "`query` must be a string, but it is an object"),
    "query zero": (b'{"query": 0}', "`query` must be a string, but it is a number"),
    "query false": (b'{"query": false}', "`query` must be a string, but it is a boolean"),
    "operationName array": (b'{"query": "{ hello }", "operationName": []}', "`operationName` must be a string"),
    "variables string": (b'{"query": "{ hello }", "variables": "{}"}', "`variables` must be a JSON object"),
    "variables array": (b'{"query": "{ hello }", "variables": []}', "`variables` must be a JSON object"),
    "variables zero": (b'{"query": "{ hello }", "variables": 0}', "`variables` must be a JSON object"),
    "extensions false": (b'{"query": "{ hello }", "extensions": false}', "`extensions` must be a JSON object"),
}


@pytest.mark.parametrize(("body", "told"), MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("accept", [GRAPHQL_TYPE, JSON_TYPE])
async def test_a_malformed_body_is_a_400_that_says_what_is_wrong(body: bytes, told: str, accept: str) -> None:
    response = await post(body, {"accept": accept})
    assert response.status_code == 400
    assert told in sentence(response)


MALFORMED_URLS = {
    "nothing": ("", "`query` is missing"),
    "no query": ("variables={}", "`query` is missing"),
    "blank query": ("query=", "`query` is missing"),
    "invalid UTF-8": ("query=%ff", "percent-encoded as UTF-8"),
    "encoded surrogate": ("query=%ed%a0%80", "percent-encoded as UTF-8"),
    "too many parameters": ("query={hello}" + "&x=1" * 101, "at most 100 parameters"),
    "variables no JSON": ("query={hello}&variables={a:1}", "`variables` is not valid JSON"),
    "variables a number": ("query={hello}&variables=1", "`variables` must be a JSON object"),
    "variables deep": ("query={hello}&variables=" + "[" * 10_000, "`variables` is not valid JSON"),
    "extensions an array": ("query={hello}&extensions=[]", "`extensions` must be a JSON object"),
}


@pytest.mark.parametrize(("query_string", "told"), MALFORMED_URLS.values(), ids=MALFORMED_URLS.keys())
async def test_a_malformed_url_is_a_400_that_says_what_is_wrong(query_string: str, told: str) -> None:
    response = await get(query_string)
    assert response.status_code == 400
    assert told in sentence(response)


async def test_of_duplicate_keys_the_last_counts() -> None:
    response = await post(b'{"query": "{", "query": "{ hello }"}')
    assert response.json() == {"data": {"hello": "Hello, world"}}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("\ud800 and \udc00", "\ufffd and \ufffd"),
        ("\ud83d\ude00", "😀"),
        ({"\ud800": 1, 7: "seven"}, {"\ufffd": 1, "7": "seven"}),
        (2**70, 2**70),
        ([2**70, float("nan"), None, True, Decimal("1.10")], [2**70, None, None, True, "1.10"]),
        (float("inf"), None),
        (Decimal("12.50"), "12.50"),
    ],
)
async def test_an_answer_survives_values_that_json_has_no_word_for(value: Any, sent: Any) -> None:
    response = await post(asking(query="{ hello }"), graph=Fixed(Answer(data={"value": value})))
    assert response.status_code == 200
    assert json.loads(response.content.decode()) == {"data": {"value": sent}}


async def test_the_graph_is_told_the_method_the_deadline_and_few_headers() -> None:
    graph = TinyGraph()
    headers = {"x-deadline": "2.5", "x-request-id": "abc", "cookie": "secret", "authorization": "secret"}
    await post(asking(query="{ hello }"), headers, graph=graph)
    [asked] = graph.asked
    assert asked.method == "POST"
    assert asked.deadline == 2.5
    assert asked.headers == {"x-request-id": "abc"}


@pytest.mark.parametrize("deadline", ["soon", "0", "-1", "nan", "inf", ""])
async def test_a_deadline_that_is_no_time_is_a_400(deadline: str) -> None:
    response = await post(asking(query="{ hello }"), {"x-deadline": deadline})
    assert response.status_code == 400
    assert "X-Deadline" in sentence(response)


@pytest.mark.parametrize("may", [True, False])
async def test_the_graph_is_told_whether_the_schema_may_be_told(may: bool) -> None:
    graph = TinyGraph()
    await post(asking(query="{ hello }"), graph=graph, terms=Terms(may_introspect=may))
    assert [asked.may_introspect for asked in graph.asked] == [may]
