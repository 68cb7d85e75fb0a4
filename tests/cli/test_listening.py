"""Slow callers on real sockets: who sends too slowly or never reads is hung up on, and nobody else notices."""

import asyncio
import json
import socket
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from tests.cli.serving import serving, until
from tests.web.tiny import TinyGraph, always_ready

from crmgraph.cli.listening import Punctual
from crmgraph.web.app import create
from crmgraph.web.body import Limits
from crmgraph.web.over_http import Terms

LARGE = 8 * 1024 * 1024
SLOW = 40


class Impatient(Punctual):
    head_within = 1.0
    read_within = 0.3
    least_read = 65_536


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """An answer that no buffer of the system holds."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LARGE)]})
    await send({"type": "http.response.body", "body": b"x" * LARGE})


def narrow(address: tuple[str, int]) -> socket.socket:
    """A connection that takes little at a time."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found.connect(address)
    found.setblocking(False)
    return found


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("asks", [GET, GET * 3, GET.replace(b"Host", b"Connection: close\r\nHost")])
async def test_who_never_reads_their_answer_is_hung_up_on_and_nothing_is_kept_for_them(asks: bytes) -> None:
    async with serving(large, Impatient) as (server, address):
        with narrow(address) as caller:
            await asyncio.get_running_loop().sock_sendall(caller, asks)
            await until(lambda: bool(server.server_state.connections))
            await until(lambda: not server.server_state.connections and not server.server_state.tasks)


async def test_who_reads_slowly_but_steadily_gets_all_of_it() -> None:
    async with serving(large, Impatient) as (_, address):
        loop = asyncio.get_running_loop()
        with narrow(address) as caller:
            await loop.sock_sendall(caller, GET)
            read, began = 0, loop.time()
            while read < LARGE:
                part = await loop.sock_recv(caller, 1 << 20)
                assert part
                read += len(part)
                # Three times as long in all as anybody may read nothing.
                await asyncio.sleep(max(began + 0.9 * read / LARGE - loop.time(), 0))


async def asked(address: tuple[str, int], first: bytes, more: bytes, pause: float) -> bytes:
    """All that is answered to who sends `first`, and then `more` byte by byte."""
    reader, writer = await asyncio.open_connection(*address)

    async def trickle() -> None:
        for byte in more:
            await asyncio.sleep(pause)
            writer.write(bytes([byte]))

    writer.write(first)
    sending = asyncio.create_task(trickle())
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        sending.cancel()
        writer.close()


HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
QUESTION = json.dumps({"query": "{ hello }"}).encode()


async def test_forty_slow_callers_at_once_are_cut_and_a_quick_one_is_answered_meanwhile() -> None:
    app: Any = create(TinyGraph(), always_ready, terms=Terms(Limits(seconds=1.0)))
    async with serving(app, Impatient) as (server, address):
        heads = [asked(address, HEAD % 999, b"X-Slow: yes\r\n" * 99, 0.05) for _ in range(SLOW // 2)]
        bodies = [asked(address, HEAD % 999 + b"\r\n{", b" " * 998, 0.05) for _ in range(SLOW // 2)]
        slow = asyncio.gather(*heads, *bodies)
        await until(lambda: len(server.server_state.connections) == SLOW)
        quick = await asked(address, HEAD % len(QUESTION) + b"Connection: close\r\n\r\n" + QUESTION, b"", 0)
        assert not slow.done()
        answers = await slow
        await until(lambda: not server.server_state.connections)
    assert b'{"data":{"hello":"Hello, world"}}' in quick
    assert answers[: SLOW // 2] == [b""] * (SLOW // 2)
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers[SLOW // 2 :])
