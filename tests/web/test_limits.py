"""What a body may weigh, how long it may take, and what a caller who hangs up stops."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive
from tests.web.tiny import SlowGraph, TinyGraph, always_ready, client

from crmgraph.web.app import create
from crmgraph.web.body import Limits
from crmgraph.web.hang_up import unless_hung_up
from crmgraph.web.over_http import Terms

JSON = {"content-type": "application/json"}


async def chunks(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * size


def receiving(*messages: Message) -> Receive:
    """A connection that delivers these messages and then nothing, for ever."""
    left = list(messages)

    async def receive() -> Message:
        if left:
            return left.pop(0)
        return await asyncio.Event().wait() or {}

    return receive


async def asked_raw(app: Any, receive: Receive, headers: Iterable[tuple[bytes, bytes]] = ()) -> list[Message]:
    """What an ASGI server would be told to send."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *headers],
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
    }
    await app(scope, receive, send)
    return sent


def body(content: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


async def test_a_body_that_announces_too_much_is_refused_unread() -> None:
    receive = receiving()
    [start, _] = await asked_raw(create(TinyGraph(), always_ready), receive, [(b"content-length", b"262145")])
    assert start["status"] == 413


async def test_a_body_that_grows_too_large_is_refused_while_it_streams() -> None:
    async with client() as http:
        response = await http.post("/graphql", content=chunks(257, 1024), headers=JSON)
    assert response.status_code == 413
    assert response.headers["connection"] == "close"
    assert response.json()["errors"][0]["message"] == "The body is larger than 262144 bytes; send a smaller request."


async def test_a_body_of_just_the_limit_is_read() -> None:
    content = b'{"query": "{ hello }"}'
    async with client(terms=Terms(Limits(size=len(content)))) as http:
        assert (await http.post("/graphql", content=content, headers=JSON)).status_code == 200
        assert (await http.post("/graphql", content=content + b" ", headers=JSON)).status_code == 413


@pytest.mark.parametrize("length", [b"-1", b"many", "²".encode("latin-1"), b"9" * 5000])
async def test_a_length_that_is_no_number_does_not_matter(length: bytes) -> None:
    receive = receiving(body(b'{"query": "{ hello }"}'))
    [start, _] = await asked_raw(create(TinyGraph(), always_ready), receive, [(b"content-length", length)])
    assert start["status"] == 200


async def test_a_body_that_does_not_arrive_in_time_is_a_408() -> None:
    app = create(TinyGraph(), always_ready, terms=Terms(Limits(seconds=0.01)))
    [start, content] = await asked_raw(app, receiving(body(b'{"query":', more=True)))
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert b"did not arrive within 0.01 seconds" in content["body"]


async def test_a_url_that_is_too_long_is_a_414() -> None:
    async with client(terms=Terms(Limits(size=100))) as http:
        response = await http.get("/graphql", params={"query": "{ hello }" + " " * 100})
    assert response.status_code == 414


async def test_a_caller_who_hangs_up_stops_the_execution() -> None:
    graph = SlowGraph()
    hung_up = asyncio.Event()
    messages = receiving(body(b'{"query": "{ hello }"}'))

    async def receive() -> Message:
        if graph.begun.is_set():
            await hung_up.wait()
            return GONE
        message = asyncio.ensure_future(messages())
        begun = asyncio.ensure_future(graph.begun.wait())
        await asyncio.wait((message, begun), return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        return message.result() if message.done() else GONE

    asking = asyncio.ensure_future(asked_raw(create(graph, always_ready), receive))
    await graph.begun.wait()
    hung_up.set()
    await asking
    assert graph.stopped


async def test_a_caller_who_hangs_up_while_sending_is_no_failure() -> None:
    graph = SlowGraph()
    await asked_raw(create(graph, always_ready), receiving(body(b'{"que', more=True), GONE))
    assert not graph.begun.is_set()


async def test_work_that_is_done_leaves_nothing_running() -> None:
    before = asyncio.all_tasks()

    async def work() -> int:
        return 7

    assert await unless_hung_up(work(), receiving()) == 7
    assert asyncio.all_tasks() == before


async def test_work_that_cancels_itself_is_a_failure_and_no_hang_up() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="cancelled from within"):
        await unless_hung_up(work(), receiving())


async def test_cancelling_the_handler_cancels_the_work() -> None:
    graph = SlowGraph()
    handler = asyncio.ensure_future(unless_hung_up(graph.execute(), receiving()))
    await graph.begun.wait()
    handler.cancel()
    with pytest.raises(asyncio.CancelledError):
        await handler
    assert graph.stopped


async def test_the_client_of_these_tests_is_never_taken_for_one_that_hung_up() -> None:
    transport = httpx.ASGITransport(create(TinyGraph(), always_ready))
    async with httpx.AsyncClient(transport=transport, base_url="http://crmgraph.test") as http:
        assert (await http.get("/graphql", params={"query": "{ hello }"})).status_code == 200
