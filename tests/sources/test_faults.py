"""Real sockets and what can happen on them: each fault with its sentence."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

import httpx
import pytest
from tests.sources.given import SECRET, Talk, Told, account, call, raw_server

from crmgraph.domain.errors import BadReply, SourceError, Unavailable
from crmgraph.service.ports import SourceHealth
from crmgraph.sources.clock import SystemClock
from crmgraph.sources.direct import Direct
from crmgraph.sources.pool import Pool

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


def _saying(*parts: bytes, then: Callable[[Writer], Awaitable[None]] | None = None) -> Talk:
    async def talk(reader: Reader, writer: Writer) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then is not None:
            await then(writer)
        else:
            writer.close()

    return talk


async def _for_ever(writer: Writer) -> None:
    await asyncio.Event().wait()


async def _dripping(writer: Writer) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _resetting(writer: Writer) -> None:
    """Close without lingering, which the other end sees as a reset."""
    await asyncio.sleep(0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

FAULTS: list[tuple[str, Talk, str]] = [
    ("hang", _saying(then=_for_ever), "sales did not answer within 0.1 s."),
    ("half a head", _saying(b"HTTP/1.1 200", then=_for_ever), "sales did not answer within 0.1 s."),
    ("drip", _saying(HEAD + b"Content-Length: 10000\r\n\r\n", then=_dripping), "sales did not answer within 0.1 s."),
    ("reset", _saying(then=_resetting), "sales broke off the connection before it answered."),
    ("closed", _saying(), "sales closed the connection without an HTTP answer."),
    ("no HTTP", _saying(b"SSH-2.0-dropbear\r\n\r\n"), "sales closed the connection without an HTTP answer."),
    (
        "truncated",
        _saying(HEAD + b"Content-Length: 100\r\n\r\n{", b'"data":'),
        "sales broke off in the middle of its answer.",
    ),
    (
        "truncated chunks",
        _saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"),
        "sales broke off in the middle of its answer.",
    ),
    (
        "reset in the body",
        _saying(HEAD + b"Content-Length: 100\r\n\r\n{", then=_resetting),
        "sales broke off in the middle of its answer.",
    ),
]


async def _outcome(url: str, seconds: float = 0.1) -> SourceError:
    there = account(base_url=url, allow_private=True, timeout=seconds)
    async with Pool([there], SystemClock()) as pool:
        return await _failure(pool)


async def _failure(pool: Pool) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await pool.sources[0].send(call(), Told())
    assert SECRET not in repr(caught.value)
    assert caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize(("talk", "sentence"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
async def test_a_fault_on_the_wire_becomes_a_sentence(talk: Talk, sentence: str) -> None:
    async with raw_server(talk) as url:
        failure = await _outcome(url)
    assert (type(failure), failure.message, failure.sent) == (Unavailable, sentence, True)


async def test_a_whole_reply_arrives_and_its_connection_is_used_again() -> None:
    connections = 0

    async def talk(reader: Reader, writer: Writer) -> None:
        nonlocal connections
        connections += 1
        while True:
            writer.write(HEAD + b"Content-Length: 2\r\n\r\n{}")
            await reader.readuntil(b"\r\n\r\n")

    async with (
        raw_server(talk) as url,
        Pool([account(base_url=url, allow_private=True)], SystemClock()) as pool,
    ):
        for _ in range(3):
            reply = await pool.sources[0].send(call(), Told())
            assert (reply.status, reply.content) == (200, b"{}")
    assert connections == 1


async def test_a_connection_that_the_server_has_closed_meanwhile_is_replaced() -> None:
    async with (
        raw_server(_saying(HEAD + b"Content-Length: 2\r\n\r\n{}")) as url,
        Pool([account(base_url=url, allow_private=True)], SystemClock()) as pool,
    ):
        for _ in range(3):
            assert (await pool.sources[0].send(call(), Told())).status == 200
            await asyncio.sleep(0.01)


async def test_calls_that_were_given_up_leave_room_for_others() -> None:
    talks = 0

    async def talk(reader: Reader, writer: Writer) -> None:
        nonlocal talks
        talks += 1
        if talks > 3:
            writer.write(HEAD + b"Content-Length: 2\r\n\r\n{}")
        await asyncio.Event().wait()

    there = account(allow_private=True, timeout=0.05, concurrency=1)
    async with raw_server(talk) as url, Pool([replace(there, base_url=url)], SystemClock()) as pool:
        for _ in range(3):
            with pytest.raises(Unavailable):
                await pool.sources[0].send(call(), Told())
        assert pool.sources[0].health is SourceHealth.DOWN
        assert (await pool.sources[0].send(call(), Told())).content == b"{}"


async def test_a_chunked_reply_is_whole_when_its_last_chunk_says_so() -> None:
    body = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    async with (
        raw_server(_saying(body)) as url,
        Pool([account(base_url=url, allow_private=True)], SystemClock()) as pool,
    ):
        assert (await pool.sources[0].send(call(), Told())).content == b"{}"


async def test_a_reply_beyond_all_measure_is_left() -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(HEAD + b"\r\n")
        while True:
            writer.write(bytes(1_000_000))
            await writer.drain()

    async with raw_server(talk) as url:
        failure = await _outcome(url, 10.0)
    assert type(failure) is BadReply
    assert failure.message == "sales sent more than 20,000,000 bytes in one reply; smaller pages would fit."


async def test_a_port_where_nobody_listens_refuses_the_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        failure = await _outcome(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert (failure.message, failure.sent) == ("sales cannot be reached: connection refused.", False)


async def test_a_server_that_speaks_no_tls_is_not_trusted() -> None:
    async with raw_server(_saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), after=b"") as url:
        failure = await _outcome(url.replace("http:", "https:"), 4.0)
    assert failure.message == "sales cannot be reached: no secure connection could be made."
    assert failure.sent is False


def _failing(cause: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(SECRET) from cause

    return answer


CAUSES: list[tuple[Exception, str]] = [
    (ssl.SSLCertVerificationError("expired"), "sales cannot be reached: its certificate is not valid."),
    (ssl.SSLError("handshake"), "sales cannot be reached: no secure connection could be made."),
    (socket.gaierror("who?"), "sales cannot be reached: its name is not known."),
    (UnicodeError("label too long"), "sales cannot be reached: its name is not valid."),
    (OSError("unreachable"), "sales cannot be reached: no connection could be made."),
    (
        ExceptionGroup("several", [ConnectionRefusedError(), OSError()]),
        "sales cannot be reached: connection refused.",
    ),
]


@pytest.mark.parametrize(("cause", "sentence"), CAUSES, ids=[type(cause).__name__ for cause, _ in CAUSES])
async def test_why_no_connection_came_about_is_told(cause: Exception, sentence: str) -> None:
    async with Pool([account()], SystemClock(), transport_for=lambda _: httpx.MockTransport(_failing(cause))) as pool:
        failure = await _failure(pool)
    assert (failure.message, failure.sent) == (sentence, False)


@pytest.mark.parametrize(("cause", "sentence"), CAUSES[:-1], ids=[type(cause).__name__ for cause, _ in CAUSES[:-1]])
async def test_over_sockets_it_is_told_in_the_same_words(cause: Exception, sentence: str) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise cause

    direct = Direct("https://crm.example.com", allow_private=False, resolve=resolve)
    async with Pool([account()], SystemClock(), transport_for=lambda _: direct) as pool:
        failure = await _failure(pool)
    assert (failure.message, failure.sent) == (sentence, False)


@pytest.fixture(autouse=True)
async def _nothing_is_left_behind() -> AsyncIterator[None]:
    """Every test ends all that it began."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not {task for task in left if not task.done()}
