"""serve: a port of its own, requests that come to the point, and a clean end."""

import asyncio
import contextlib
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send
from tests.cli.running import Stage, configured, crmgraph
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crmgraph.cli.listening import Punctual, listener
from crmgraph.cli.serving import LOOP
from crmgraph.domain.errors import InputError


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body and says how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    body = str(length).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


class Impatient(Punctual):
    head_within = 0.05
    largest_head = 300


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that waits for nobody."""
    config = Config(hello, http=Impatient, lifespan="off", log_config=None)
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    with listener("127.0.0.1", 0) as open_port:
        await server.startup(sockets=[open_port])
        reader, writer = await asyncio.open_connection(*open_port.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            for one in server.servers:
                one.close()


HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"G"])
async def test_who_does_not_finish_a_head_is_hung_up_on(sent: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 10) == b""


async def test_a_second_half_sent_request_is_hung_up_on_too() -> None:
    async with connected() as (reader, writer):
        writer.write(HEAD % 0)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /")
        assert await asyncio.wait_for(reader.read(), 10) == b"0"


async def test_a_head_without_end_is_hung_up_on() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100)
        assert await asyncio.wait_for(reader.read(), 10) == b""


async def test_a_body_may_be_longer_and_slower_than_a_head() -> None:
    async with connected() as (reader, writer):
        writer.write(HEAD % 1000 + b"x" * 500)
        await asyncio.sleep(0.08)
        writer.write(b"x" * 500)
        assert (await reader.readuntil(b"\r\n\r\n1000")).startswith(b"HTTP/1.1 200")


def test_the_quick_loop_and_the_quick_parser_are_the_ones_that_serve() -> None:
    config = Config(hello, loop=LOOP, http=Punctual, log_config=None)
    factory = config.get_loop_factory()
    assert factory is not None
    with contextlib.closing(factory()) as loop:
        assert type(loop).__module__.partition(".")[0] == ("asyncio" if sys.platform == "win32" else "uvloop")
    assert issubclass(Punctual, HttpToolsProtocol)


def test_a_port_in_use_is_told_in_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path, crms: Stage) -> None:
    port = crms.urls["orgcrm"].rpartition(":")[2]
    said = crmgraph(capsys, "serve", "-c", str(configured(tmp_path, crms.urls["orgcrm"])), "--port", port)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"Cannot listen on 127.0.0.1:{port}: Address already in use.\n"


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(InputError, match=r"^Cannot listen on 192\.0\.2\.1:80: .+\.$"):
        listener("192.0.2.1", 80)


@pytest.mark.parametrize(("workers", "how"), [("1", signal.SIGTERM), ("1", signal.SIGINT), ("2", signal.SIGTERM)])
def test_a_signal_ends_it_cleanly(tmp_path: Path, crms: Stage, workers: str, how: signal.Signals) -> None:
    path = configured(tmp_path, crms.urls["orgcrm"])
    command = [sys.executable, "-m", "crmgraph", "serve", "-c", str(path), "--port", "0", "--workers", workers]
    environment = {"PYTHONPATH": ":".join(sys.path), "DESK_TOKEN": "demo-orgcrm"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stderr is not None
        said = program.stderr.readline()
        found = re.fullmatch(r"Serving desk at http://127\.0\.0\.1:(\d+) \(console at /, graph at /graphql\)\.\n", said)
        assert found, said
        # The port listens from the first moment; whoever comes early waits for the application.
        with socket.create_connection(("127.0.0.1", int(found[1])), 20) as caller:
            caller.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert caller.recv(100).startswith(b"HTTP/1.1 200")
        program.send_signal(how)
        assert program.wait(20) == 0
        assert "Traceback" not in program.stderr.read()
