"""Too much at once: one sentence with a time to come back, in memory that is bounded."""

import asyncio

import pytest
from starlette.types import Message
from tests.web.test_limits import asked_raw, body, receiving
from tests.web.tiny import Fixed, SlowGraph, TinyGraph, always_ready, client

from crmgraph.domain.errors import Overloaded
from crmgraph.service.errands import Urgency
from crmgraph.web.app import create
from crmgraph.web.body import Limits, read_body
from crmgraph.web.burden import EACH, Burden, Load
from crmgraph.web.over_http import Terms
from crmgraph.web.refusal import Refused

ASK = {"json": {"query": "{ hello }"}}
BUSY = Fixed(Overloaded("This server has as many questions as it can answer; ask again in 2 s.", 2))


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_who_is_turned_away_is_told_when_to_come_back(accept: str) -> None:
    async with client(BUSY) as http:
        response = await http.post("/graphql", **ASK, headers={"accept": accept})
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json() == {
        "errors": [
            {
                "message": "This server has as many questions as it can answer; ask again in 2 s.",
                "extensions": {"code": "OVERLOADED"},
            }
        ]
    }


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
async def test_the_health_checks_ask_for_no_place(path: str) -> None:
    async with client(BUSY) as http:
        assert (await http.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("header", "urgency"),
    [
        (None, Urgency.INTERACTIVE),
        ("interactive", Urgency.INTERACTIVE),
        ("report", Urgency.REPORT),
        (" Report ", Urgency.REPORT),
    ],
)
async def test_a_caller_may_say_that_it_is_a_report(header: str | None, urgency: Urgency) -> None:
    graph = TinyGraph()
    async with client(graph) as http:
        await http.post("/graphql", **ASK, headers={} if header is None else {"x-priority": header})
    assert [asked.urgency for asked in graph.asked] == [urgency]


@pytest.mark.parametrize("header", ["write", "2", "", "high"])
async def test_nobody_says_of_themselves_that_they_go_first(header: str) -> None:
    async with client() as http:
        response = await http.post("/graphql", **ASK, headers={"x-priority": header})
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == "The header X-Priority must be `report` or `interactive`."


async def test_a_body_that_is_more_than_can_be_held_is_refused_and_frees_what_it_held() -> None:
    burden = Burden(100)
    with Load(burden) as first:
        assert await read_body({}, receiving(body(b"x" * 60)), Limits(), first) == b"x" * 60
        with pytest.raises(Refused) as refused, Load(burden) as second:
            await read_body({}, receiving(body(b"x" * 30, more=True), body(b"x" * 30)), Limits(), second)
        assert (refused.value.status, refused.value.code) == (503, "OVERLOADED")
        assert refused.value.headers == {"Retry-After": "1", "Connection": "close"}
        assert burden.held == 60
        with Load(burden) as third:
            assert third.add(40)
    assert burden.held == 0


async def test_requests_are_held_until_they_are_answered_and_no_longer() -> None:
    graph, question = SlowGraph(), body(b'{"query": "{ hello }"}')
    app = create(graph, always_ready, terms=Terms(Limits(together=2 * EACH + 100)))

    async def begun() -> "asyncio.Task[list[Message]]":
        graph.begun.clear()
        asking = asyncio.create_task(asked_raw(app, receiving(question)))
        await graph.begun.wait()
        return asking

    waiting = [await begun() for _ in range(2)]
    [refused, content] = await asked_raw(app, receiving(question))
    assert refused["status"] == 503
    assert b"holds as many requests as it can" in content["body"]
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    (await begun()).cancel()


async def test_a_url_counts_as_a_body_does() -> None:
    async with client(terms=Terms(Limits(together=EACH + 100))) as http:
        assert (await http.get("/graphql", params={"query": "{ hello }"})).status_code == 200
        assert (await http.get("/graphql", params={"query": "{ hello }" + " " * 100})).status_code == 503
