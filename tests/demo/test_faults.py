"""Every way of failing, in process and over real sockets."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from crmgraph.demo.faults import Fault
from crmgraph.demo.serving import serving
from crmgraph.demo.simulator import Simulator, json_reply


async def _echo(request: Request) -> Response:
    return json_reply({"heard": (await request.body()).decode(), "padding": "x" * 200})


def _simulator() -> Simulator:
    """A CRM that counts in its state what it did."""
    done: list[str] = []

    async def echo(request: Request) -> Response:
        done.append(request.method)
        return await _echo(request)

    routes = [Route(path, echo, methods=["GET", "POST"]) for path in ("/api/contacts", "/api/tasks")]
    return Simulator("echo", Starlette(routes=routes), token="t", state=done)


@pytest.fixture
def simulator() -> Simulator:
    return _simulator()


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """A client in the same process."""
    transport = httpx.ASGITransport(app=simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.example.com/api") as client:
        yield client


@pytest.fixture
async def remote(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """A client at the other end of a socket."""
    async with (
        serving({"echo": simulator.app}) as urls,
        httpx.AsyncClient(base_url=f"{urls['echo']}/api", trust_env=False) as client,
    ):
        yield client


async def test_without_a_fault_the_simulator_answers_itself_and_keeps_a_log(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    reply = await client.post("/contacts?page=2", json={"a": 1}, headers={"X-Thing": "y"})
    assert reply.status_code == 200
    [entry] = simulator.log
    assert (entry.method, entry.path, entry.query, entry.body) == ("POST", "/api/contacts", "page=2", {"a": 1})
    assert entry.headers["x-thing"] == "y"
    assert entry.status == 200


async def test_calls_are_counted_by_method_and_by_path_with_wildcards(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    await client.get("/contacts")
    await client.post("/contacts")
    await client.get("/tasks")
    assert simulator.calls() == 3
    assert simulator.calls("GET") == 2
    assert simulator.calls("GET", "/api/contacts") == 1
    assert simulator.calls(path="/api/*") == 3
    simulator.clear()
    assert simulator.calls() == 0


async def test_a_status_fault_answers_with_its_status_and_says_when_to_come_back(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    simulator.faults.set("status", status=429, retry_after=1.5)
    reply = await client.get("/contacts")
    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "1.5"
    assert simulator.log[-1].status == 429


async def test_a_status_fault_without_retry_after_sends_no_such_header(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    simulator.faults.set("status", status=500)
    reply = await client.get("/contacts")
    assert reply.status_code == 500
    assert "retry-after" not in reply.headers


async def test_a_fault_strikes_as_often_as_told_and_only_on_its_path(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    simulator.faults.set("status", path="/api/contacts", times=2)
    paths = ("/tasks", "/contacts", "/contacts", "/contacts")
    assert [(await client.get(path)).status_code for path in paths] == [200, 503, 503, 200]


async def test_the_latest_fault_is_asked_first_and_clear_heals_all(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    simulator.faults.set("status", status=500)
    simulator.faults.set("status", status=502, times=1)
    assert [(await client.get("/tasks")).status_code for _ in range(2)] == [502, 500]
    simulator.faults.clear()
    assert (await client.get("/tasks")).status_code == 200


async def test_html_answers_200_with_a_page(simulator: Simulator, client: httpx.AsyncClient) -> None:
    simulator.faults.set("html")
    reply = await client.get("/contacts")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/html")


async def test_error200_answers_200_with_the_error_given_or_the_crms_own(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    simulator.faults.set("error200")
    simulator.faults.set("error200", times=1, body={"status": "error"})
    replies = [await client.get("/contacts") for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert [reply.json() for reply in replies] == [{"status": "error"}, {"error": "Something went wrong."}]


async def test_delay_waits_as_long_as_told_and_then_answers(simulator: Simulator, client: httpx.AsyncClient) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    simulator.faults.sleep = sleep
    simulator.faults.set("delay", seconds=2.5)
    assert (await client.get("/contacts")).status_code == 200
    assert slept == [2.5]


async def test_in_process_a_reset_raises(simulator: Simulator, client: httpx.AsyncClient) -> None:
    simulator.faults.set("reset")
    with pytest.raises(ConnectionResetError):
        await client.get("/contacts")
    assert simulator.log[-1].status == 0


async def test_in_process_a_hanging_answer_never_comes(simulator: Simulator, client: httpx.AsyncClient) -> None:
    simulator.faults.set("hang")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.get("/contacts"), 0.01)


async def test_in_process_a_truncated_answer_looks_like_a_clean_one(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    simulator.faults.set("truncate")
    reply = await client.get("/contacts")
    assert reply.status_code == 200
    assert len(reply.content) < int(reply.headers["content-length"])


async def test_an_applied_fault_does_what_was_asked_and_then_fails(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    simulator.faults.set("status", status=422, times=1, applied=True, body={"message": "No."})
    reply = await client.post("/contacts", content=b"hello")
    assert (reply.status_code, reply.json(), simulator.state) == (422, {"message": "No."}, ["POST"])
    simulator.faults.set("reset", times=1, applied=True)
    with pytest.raises(ConnectionResetError):
        await client.post("/contacts")
    assert simulator.state == ["POST", "POST"]


async def test_what_fails_without_being_applied_is_not_done(simulator: Simulator, client: httpx.AsyncClient) -> None:
    simulator.faults.set("status", status=422)
    assert (await client.post("/contacts")).status_code == 422
    assert simulator.state == []


async def test_an_applied_hanging_request_is_done_although_its_client_has_left(
    simulator: Simulator, remote: httpx.AsyncClient
) -> None:
    left, slept = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == 1.5
        await left.wait()
        slept.set()

    simulator.faults.sleep = sleep
    simulator.faults.set("hang", times=1, seconds=1.5, applied=True)
    with pytest.raises(httpx.ReadTimeout):
        await remote.post("/contacts", content=b"hello", timeout=0.02)
    assert simulator.state == []
    left.set()
    await slept.wait()
    assert (await remote.get("/contacts")).status_code == 200
    assert simulator.state == ["POST", "GET"]


async def test_whoever_chooses_is_asked_about_each_request_that_no_fault_was_set_for(
    simulator: Simulator, client: httpx.AsyncClient
) -> None:
    asked: list[tuple[str, str]] = []

    def choose(method: str, path: str) -> Fault | None:
        asked.append((method, path))
        return Fault("status", status=502) if method == "POST" else None

    simulator.faults.choose(choose)
    simulator.faults.set("status", path="/api/tasks", times=1, status=500)
    replies = [await client.post("/tasks"), await client.post("/tasks"), await client.get("/contacts")]
    assert [reply.status_code for reply in replies] == [500, 502, 200]
    assert asked == [("POST", "/api/tasks"), ("GET", "/api/contacts")]
    simulator.faults.clear()
    assert (await client.post("/tasks")).status_code == 200


async def test_over_a_socket_everything_is_answered_as_in_process(
    simulator: Simulator, remote: httpx.AsyncClient
) -> None:
    reply = await remote.post("/contacts", content=b"hello")
    assert reply.json()["heard"] == "hello"
    assert simulator.log[-1].body == "hello"


async def test_over_a_socket_a_reset_closes_the_connection_before_any_byte(
    simulator: Simulator, remote: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.faults.set("reset", times=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await remote.get("/contacts")
    assert (await remote.get("/contacts")).status_code == 200
    assert caplog.records == []


async def test_over_a_socket_a_truncated_answer_ends_before_its_length(
    simulator: Simulator, remote: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    simulator.faults.set("truncate", times=1)
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        await remote.get("/contacts")
    assert (await remote.get("/contacts")).status_code == 200
    assert caplog.records == []


async def test_over_a_socket_a_hanging_answer_ends_with_the_clients_patience(
    simulator: Simulator, remote: httpx.AsyncClient
) -> None:
    simulator.faults.set("hang")
    with pytest.raises(httpx.ReadTimeout):
        await remote.get("/contacts", timeout=0.02)
    assert simulator.calls() == 1


@pytest.mark.parametrize("mode", ["hang", "delay"])
async def test_serving_ends_at_once_although_a_request_is_still_running(
    mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    simulator = _simulator()
    simulator.faults.set("hang" if mode == "hang" else "delay", seconds=3600)
    arrived = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.set()
        await simulator.app(scope, receive, send)

    async with httpx.AsyncClient(trust_env=False) as client:
        async with asyncio.timeout(5), serving({"echo": app}) as urls:
            asking = asyncio.create_task(client.get(f"{urls['echo']}/api/contacts"))
            await arrived.wait()
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await asking
    assert caplog.records == []


async def test_serving_gives_every_app_its_own_address_and_frees_it_afterwards() -> None:
    first, second = _simulator(), _simulator()
    async with serving({"a": first.app, "b": second.app}) as urls, httpx.AsyncClient(trust_env=False) as client:
        await client.get(f"{urls['b']}/api/tasks")
        port = int(urls["a"].rpartition(":")[2])
    assert (first.calls(), second.calls()) == (0, 1)
    async with serving({"a": first.app}, ports={"a": port}) as again:
        assert again["a"] == urls["a"]
