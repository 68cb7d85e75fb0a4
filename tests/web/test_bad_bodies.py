"""Forty bodies that are wrong, each with its status and the sentence that says what is wrong with it."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from tests.api.staged import staged

JSON = "The body is not valid JSON in UTF-8: "
OBJECT = "The body must be one JSON object, but it is "


def asking(query: str, **more: object) -> bytes:
    return json.dumps({"query": query, **more}).encode()


def with_variable(type: str, value: object) -> bytes:
    return asking(f"query ($v: {type}) {{users(sources: $v) {{id}}}}", variables={"v": value})


BODIES = {
    "nothing": (b"", "The body is empty; send a JSON object"),
    "spaces": (b" \n ", JSON),
    "a word": (b"query", JSON),
    "a document as it is": (b"{ __typename }", JSON),
    "half of it": (b'{"query": "{ __typename', JSON),
    "more than one": (asking("{__typename}") + b" {}", JSON),
    "a comma too many": (b'{"query": "{__typename}",}', JSON),
    "single quotes": (b"{'query': '{__typename}'}", JSON),
    "a comment": (b'{"query": "{__typename}" /* that is all */}', JSON),
    "a byte that is no UTF-8": (b'{"query": "\xff"}', JSON),
    "Latin-1": ('{"query": "{é}"}'.encode("latin-1"), JSON),
    "UTF-16": ('{"query": "{__typename}"}'.encode("utf-16"), JSON),
    "half a character, written": (b'{"query": "\\ud800"}', JSON),
    "half a character, in bytes": (b'{"query": "\xed\xa0\x80"}', JSON),
    "a byte order mark": (b"\xef\xbb\xbf" + asking("{__typename}"), JSON),
    "a control character": (b'{"query": "{__typename}\x00"}', JSON),
    "not a number": (b'{"query": "{__typename}", "variables": {"v": NaN}}', JSON),
    "an endless number": (b'{"query": "{__typename}", "variables": {"v": 1e999}}', JSON),
    "a number of 100,000 digits": (b'{"query": "{__typename}", "variables": {"v": ' + b"9" * 100_000 + b"}}", JSON),
    "100,000 brackets": (b"[" * 100_000, JSON + "depth limit exceeded"),
    "50,000 objects in objects": (b'{"a":' * 50_000, JSON + "depth limit exceeded"),
    "2,000 objects in variables": (
        b'{"query": "{__typename}", "variables": ' + b'{"a":' * 2000 + b"1" + b"}" * 2001,
        JSON + "depth limit exceeded",
    ),
    "a number": (b"1", OBJECT + "a number."),
    "null": (b"null", OBJECT + "null."),
    "a truth value": (b"true", OBJECT + "a boolean."),
    "a string": (b'"{__typename}"', OBJECT + "a string."),
    "no query": (b"{}", "The parameter `query` is missing"),
    "a query of null": (b'{"query": null}', "The parameter `query` is missing"),
    "a query of a number": (b'{"query": 1}', "The parameter `query` must be a string, but it is a number."),
    "a query, then an array": (
        b'{"query": "{__typename}", "query": []}',
        "The parameter `query` must be a string, but it is an array.",
    ),
    "an empty query": (asking(" "), "The question is empty"),
    "variables in an array": (
        asking("{__typename}", variables=[1]),
        "The parameter `variables` must be a JSON object, but it is an array.",
    ),
    "variables as a string": (
        asking("{__typename}", variables="{}"),
        "The parameter `variables` must be a JSON object, but it is a string.",
    ),
    "an operation's name of a number": (
        asking("{__typename}", operationName=1),
        "The parameter `operationName` must be a string, but it is a number.",
    ),
    "extensions of a number": (
        asking("{__typename}", extensions=1),
        "The parameter `extensions` must be a JSON object, but it is a number.",
    ),
    "a document cut off": (asking("{"), "Syntax Error: Expected Name, found <EOF>."),
    "a document with a NUL": (asking("{__typename}\0"), "Syntax Error: "),
    "a document nested 100,000 deep": (asking("{a" * 100_000), "Syntax Error: Document"),
    "only fragments": (asking("fragment f on Query {__typename}"), "The document holds 0 operations"),
    "a name that no operation has": (
        asking("query a {__typename}", operationName="b"),
        "The document holds no operation named `b`",
    ),
    "definitions of types": (asking("type Query {a: Int}"), "The document holds 0 operations"),
    "a variable of a wrong type": (with_variable("[String!]", [7]), "Variable '$v' has invalid value at [0]"),
    "a variable that is deep": (
        with_variable("[String!]", json.loads("[" * 300 + "]" * 300)),
        "Variable '$v' has invalid value",
    ),
    "a number beyond all": (
        asking("query ($n: Int!) {contacts(first: $n) {nodes {id}}}", variables={"n": 2**63}),
        "Variable '$n' has invalid value: Int cannot represent",
    ),
    "a literal of 5,000 digits": (
        asking("{contacts(first: " + "9" * 5000 + ") {nodes {id}}}"),
        "Expected value of type 'Int'",
    ),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with staged(filled=False) as stage:
        transport = httpx.ASGITransport(stage.app.web())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client


def test_there_are_forty_at_the_least() -> None:
    assert len(BODIES) >= 40


@pytest.mark.parametrize(("body", "sentence"), BODIES.values(), ids=BODIES.keys())
@pytest.mark.asyncio(loop_scope="module")
async def test_a_wrong_body_is_a_400_with_its_sentence(http: httpx.AsyncClient, body: bytes, sentence: str) -> None:
    headers = {"content-type": "application/json", "accept": "application/graphql-response+json"}
    response = await http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400, response.text
    (error, *_) = response.json()["errors"]
    assert error["message"].startswith(sentence)
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert len(response.content) < 10_000
    assert "Traceback" not in response.text
