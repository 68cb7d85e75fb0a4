"""Documents that are asked for by an id or a hash, and those that nobody trusts."""

from typing import Any

import httpx
import orjson
import pytest
from structlog.testing import capture_logs
from tests.web.tiny import TinyGraph, client

from crmgraph.service.callers import ADMIN, Caller, Role, expanded
from crmgraph.service.trusted import Mode, hash_of
from crmgraph.web.graph import Question
from crmgraph.web.persisted import Persisted
from crmgraph.web.question import from_body
from crmgraph.web.refusal import Refused

HELLO = 'query Hello($n: String = "world") { hello(name: $n) }'
ANSWER = {"data": {"hello": "Hello, world"}}
KNOWN = {"hello": HELLO, hash_of(HELLO): HELLO}


def automatic(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}, **more}


async def ask(persisted: Persisted, **parameters: Any) -> httpx.Response:
    async with client(persisted=persisted) as http:
        return await http.post("/graphql", json=parameters)


def told(response: httpx.Response) -> tuple[int, str, str]:
    [error] = response.json()["errors"]
    return response.status_code, error["message"], error["extensions"]["code"]


NOT_FOUND = (200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
NOT_SUPPORTED = (200, "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")


async def test_a_hash_is_unknown_until_somebody_has_sent_the_text_with_it() -> None:
    persisted = Persisted()
    assert told(await ask(persisted, **automatic(HELLO))) == NOT_FOUND
    assert (await ask(persisted, query=HELLO, **automatic(HELLO))).json() == ANSWER
    assert (await ask(persisted, **automatic(HELLO), variables={"n": "Ada"})).json() == {
        "data": {"hello": "Hello, Ada"}
    }


async def test_a_hash_by_get_is_answered_and_a_mutation_still_is_not() -> None:
    persisted, mutation = Persisted(), "mutation { nothing }"
    async with client(persisted=persisted) as http:
        for text in (HELLO, mutation):
            await http.post("/graphql", json={"query": text, **automatic(text)})
        found = [
            await http.get(
                "/graphql",
                params={"extensions": f'{{"persistedQuery": {{"version": 1, "sha256Hash": "{hash_of(text)}"}}}}'},
            )
            for text in (HELLO, mutation)
        ]
    assert found[0].json() == ANSWER
    assert found[1].status_code == 405


async def test_a_text_under_a_hash_that_is_not_its_own_is_refused_and_not_kept() -> None:
    persisted = Persisted()
    response = await ask(persisted, query="{ __typename }", **automatic(HELLO))
    assert told(response) == (
        400,
        "The hash in `persistedQuery` is not the SHA-256 of `query`; send the right one.",
        "BAD_INPUT",
    )
    assert told(await ask(persisted, **automatic(HELLO))) == NOT_FOUND


@pytest.mark.parametrize(
    "wrong", ["abc", {}, {"version": 1}, {"version": 1, "sha256Hash": 7}, {"version": 2, "sha256Hash": "a" * 64}]
)
async def test_an_extension_of_another_form_is_refused(wrong: Any) -> None:
    response = await ask(Persisted(), extensions={"persistedQuery": wrong})
    sentence = 'The extension `persistedQuery` must be {"version": 1, "sha256Hash": "…"}.'
    assert told(response) == (400, sentence, "BAD_INPUT")


async def test_an_extension_that_is_null_is_none() -> None:
    response = await ask(Persisted(), extensions={"persistedQuery": None})
    assert response.json()["errors"][0]["message"].startswith("The parameter `query` is missing")
    assert (await ask(Persisted(), query=HELLO, extensions={"persistedQuery": None})).json() == ANSWER


async def test_what_is_remembered_is_bounded_and_the_oldest_goes() -> None:
    persisted = Persisted()
    texts = [f"# {number}{'x' * 300_000}\n{{ hello }}" for number in range(4)]
    for text in texts:
        assert persisted.text_of(_question(query=text, **automatic(text))) == text
    for text in texts[1:]:
        assert persisted.text_of(_question(**automatic(text))) == text
    with pytest.raises(Refused, match="PersistedQueryNotFound"):
        persisted.text_of(_question(**automatic(texts[0])))


def _question(**parameters: Any) -> Question:
    question = from_body(orjson.dumps(parameters))
    assert isinstance(question, Question)
    return question


async def test_where_it_is_off_a_client_is_told_to_send_the_text() -> None:
    persisted = Persisted(KNOWN, automatic=False)
    assert told(await ask(persisted, **automatic("{ hello }"))) == NOT_SUPPORTED
    assert (await ask(persisted, query="{ hello }", **automatic("{ hello }"))).json() == ANSWER
    assert told(await ask(persisted, **automatic("{ hello }"))) == NOT_SUPPORTED
    assert (await ask(persisted, **automatic(HELLO))).json() == ANSWER


@pytest.mark.parametrize("ident", ["hello", hash_of(HELLO), f"sha256:{hash_of(HELLO)}"])
async def test_a_trusted_document_is_asked_for_by_its_ids(ident: str) -> None:
    assert (await ask(Persisted(KNOWN), documentId=ident)).json() == ANSWER
    async with client(persisted=Persisted(KNOWN)) as http:
        assert (await http.get("/graphql", params={"documentId": ident})).json() == ANSWER


async def test_an_id_that_nobody_knows_is_told() -> None:
    response = await ask(Persisted(KNOWN), documentId="helo")
    assert told(response) == (400, "No document is known by the id `helo`; the operator adds documents.", "BAD_INPUT")


async def test_an_id_and_a_text_are_one_too_many() -> None:
    response = await ask(Persisted(KNOWN), documentId="hello", query=HELLO)
    assert told(response)[:2] == (
        400,
        "Only one of the parameters `query` and `documentId` can say what is asked; leave the other out.",
    )


REFUSED = (400, "This server answers the documents that its operator trusts, and this is none of them.", "BAD_INPUT")


async def test_enforced_everything_else_is_refused_and_never_reaches_the_graph() -> None:
    graph, strange = TinyGraph(), "{ hello }"
    async with client(graph, persisted=Persisted(KNOWN, Mode.ENFORCE)) as http:
        for parameters in ({"query": strange}, {"query": strange, **automatic(strange)}):
            assert told(await http.post("/graphql", json=parameters)) == REFUSED
        assert told(await http.get("/graphql", params={"query": strange})) == REFUSED
        assert told(await http.post("/graphql", json=automatic(strange))) == NOT_FOUND
        assert graph.asked == []
        for parameters in ({"query": HELLO}, {"query": f"\n{HELLO}\n"}, automatic(HELLO), {"documentId": "hello"}):
            assert (await http.post("/graphql", json=parameters)).json() == ANSWER


async def test_who_may_ask_anything_may_where_it_is_enforced() -> None:
    persisted = Persisted(KNOWN, Mode.ENFORCE)
    assert persisted.text_of(_question(query="{ hello }"), may_ask_anything=True) == "{ hello }"


async def test_logged_everything_else_is_answered_and_its_hash_told_once() -> None:
    persisted = Persisted(KNOWN, Mode.LOG)
    with capture_logs() as logs:
        for query in ("{ hello }", "{ hello }", HELLO, "{ secret: hello }"):
            assert "data" in (await ask(persisted, query=query)).json()
    lines = [line for line in logs if line["event"] == "untrusted_document"]
    assert [line["sha256"] for line in lines] == [hash_of("{ hello }"), hash_of("{ secret: hello }")]
    assert "secret" not in str(lines)


class _Knowing:
    """Takes everybody for one caller."""

    headers = ()

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def who(self, headers: Any) -> Caller:
        return self._caller


@pytest.mark.parametrize(("role", "status"), [(ADMIN, 200), (Role("app", expanded(["*:read"])), 400)])
async def test_who_has_the_scope_may_ask_what_nobody_trusts(role: Role, status: int) -> None:
    persisted = Persisted(KNOWN, Mode.ENFORCE)
    async with client(persisted=persisted, callers=_Knowing(Caller("ada", role))) as http:
        assert (await http.post("/graphql", json={"query": "{ hello }"})).status_code == status
