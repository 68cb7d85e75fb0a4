"""The bytes that come and leave: ready JSON, headers that came twice, and when a hang-up is noticed."""

import asyncio
import json
import socket
import time
from typing import Any

import orjson
import pytest
from starlette.types import Message, Receive
from tests.web.served import served
from tests.web.tiny import Fixed, SlowGraph, TinyGraph, always_ready, client

from crmgraph.web.app import create
from crmgraph.web.encoding import to_json
from crmgraph.web.graph import Answer
from crmgraph.web.hang_up import HungUp, unless_hung_up
from crmgraph.web.headers import headers_of

JSON = (b"content-type", b"application/json")


async def answered(*headers: tuple[bytes, bytes], graph: Any = None, query: str = "{ hello }") -> tuple[Message, bytes]:
    """The head and the body of an answer, as an ASGI server is told to send them."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps({"query": query}).encode(), "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": list(headers)}
    await create(graph or TinyGraph(), always_ready)(scope, receive, send)
    [head, body] = sent
    return head, body["body"]


async def test_an_answer_is_one_head_and_one_body_that_are_known_to_the_byte() -> None:
    head, body = await answered(JSON)
    assert head["status"] == 200
    assert sorted(head["headers"])[:3] == [
        (b"cache-control", b"no-store"),
        (b"content-length", b"33"),
        (b"content-type", b"application/json; charset=utf-8"),
    ]
    assert body == b'{"data":{"hello":"Hello, world"}}'


async def test_errors_stand_before_the_data_they_are_about() -> None:
    _, body = await answered(JSON, query="{ broken }")
    assert body == (
        b'{"errors":[{"message":"It is broken.","locations":[{"line":1,"column":3}],"path":["broken"]}],'
        b'"data":{"broken":null}}'
    )


@pytest.mark.parametrize(
    ("data", "extensions", "sent"),
    [
        (orjson.Fragment(b'{"n":[1, 2]}'), None, b'{"data":{"n":[1, 2]}}'),
        (orjson.Fragment('{"city":"Zürich"}'), {"calls": 1}, '{"data":{"city":"Zürich"},"extensions":{"calls":1}}'),
        (orjson.Fragment(b"null"), None, b'{"data":null}'),
        # What orjson refuses beside it does not harm it, however large its numbers are.
        (orjson.Fragment(b'{"n":1180591620717411303424}'), {"x": 2**70}, b'{"data":{"n":%d},"extensions":{"x":%d}}'),
    ],
)
async def test_data_that_is_json_already_is_sent_as_it_is(data: Any, extensions: Any, sent: bytes | str) -> None:
    expected = sent.encode() if isinstance(sent, str) else sent.replace(b"%d", str(2**70).encode())
    _, body = await answered(JSON, graph=Fixed(Answer(data, extensions=extensions)))
    assert body == expected


def test_a_type_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json({"x": object()})


def test_of_a_header_that_came_twice_the_first_counts_and_lists_go_on() -> None:
    given = [(b"accept", b"a/b"), (b"x", b"1"), (b"x", b"2"), (b"accept", b"c/d")]
    assert headers_of({"headers": given}) == {b"accept": b"a/b, c/d", b"x": b"1"}


async def test_two_accept_headers_are_one_list() -> None:
    head, _ = await answered(JSON, (b"accept", b"text/html"), (b"accept", b"application/graphql-response+json"))
    assert (b"content-type", b"application/graphql-response+json; charset=utf-8") in head["headers"]


async def test_a_second_content_type_does_not_count() -> None:
    head, _ = await answered((b"content-type", b"text/plain"), JSON)
    assert head["status"] == 415


async def test_head_is_a_get() -> None:
    async with client() as http:
        response = await http.head("/graphql", params={"query": "{ hello }"})
    assert response.status_code == 200
    assert response.headers["content-length"] == "33"


def hanging_up_after(graph: SlowGraph) -> Receive:
    """A connection that ends as soon as the graph has begun."""

    async def receive() -> Message:
        await graph.begun.wait()
        return {"type": "http.disconnect"}

    return receive


async def test_who_hangs_up_early_is_noticed_as_soon_as_somebody_looks() -> None:
    graph = SlowGraph()
    with pytest.raises(HungUp):
        await unless_hung_up(graph.execute(), hanging_up_after(graph), unwatched=0)
    assert graph.stopped


def test_who_hangs_up_on_a_real_connection_stops_what_was_done_for_them() -> None:
    graph = SlowGraph()
    request = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n"
    with served(create(graph, always_ready, console=False)) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), 10) as caller:
            caller.sendall(request + b'{"query":"{ hello }"}')
            while not graph.begun.is_set():
                time.sleep(0.005)
            assert not graph.stopped
        while not graph.stopped:
            time.sleep(0.005)


async def test_nobody_looks_while_an_answer_is_young() -> None:
    looked = []

    async def receive() -> Message:
        looked.append(True)
        return {"type": "http.disconnect"}

    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await unless_hung_up(work(), receive) == 7
    assert looked == []


async def test_what_is_left_of_a_body_is_no_hang_up() -> None:
    graph, left = SlowGraph(), [{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        await graph.begun.wait()
        return left.pop(0)

    with pytest.raises(HungUp):
        await unless_hung_up(graph.execute(), receive, unwatched=0)
    assert left == []


async def test_a_time_that_ran_out_within_is_no_hang_up() -> None:
    async def work() -> None:
        raise TimeoutError("the CRM")

    with pytest.raises(TimeoutError, match="the CRM"):
        await unless_hung_up(work(), hanging_up_after(SlowGraph()))


async def test_work_that_outlived_the_first_look_leaves_nothing_running() -> None:
    before, looked, never = asyncio.all_tasks(), asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        looked.set()
        await never.wait()
        return {}

    async def work() -> int:
        await looked.wait()
        return 7

    assert await unless_hung_up(work(), receive, unwatched=0) == 7
    assert asyncio.all_tasks() == before
