"""Connections over real sockets: which are opened, which are used again, and what is taken for an answer."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from tests.sources.authority import Authority, authority
from tests.sources.given import raw_server

from crmgraph.connectors.exchange import Reply
from crmgraph.sources.addresses import Resolve
from crmgraph.sources.connection import Connection
from crmgraph.sources.direct import Direct
from crmgraph.sources.transport import Asked, NoAnswer, TooLarge

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def asked(base: str, **changes: object) -> Asked:
    """A call to a server."""
    given = {"method": "GET", "headers": (), "body": None, "timeout": 4.0, "largest": 1000, **changes}
    return Asked(address=f"{base}/contacts", **given)


def knowing(*addresses: str) -> Resolve:
    """Every name leads to these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@dataclass
class Server:
    """Says the same to each call on each connection; counts both, and what it heard first."""

    says: bytes = OK
    closes: bool = False
    silent: bool = False
    opened: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while True:
                self.heard.append(await reader.readuntil(b"\r\n\r\n"))
                self.reached.set()
                if not self.silent:
                    writer.write(self.says)
                    await writer.drain()
                if self.closes:
                    return
        finally:
            self.ended.set()


@asynccontextmanager
async def reaching(server: Server, **given: object) -> AsyncIterator[tuple[Direct, str]]:
    """A transport to a server, and the server's base URL."""
    async with raw_server(server.talk, after=b"") as base:
        direct = Direct(base, allow_private=True, **given)
        try:
            yield direct, base
        finally:
            await direct.aclose()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\n{}\r\n0\r\nX-Trailer: v\r\n\r\n"

REUSED = [
    ("plain", OK, Reply(200, {"content-length": "2"}, b"{}")),
    ("chunks with a trailer", CHUNKED, Reply(200, {"transfer-encoding": "chunked"}, b"{}")),
    (
        "an interim answer before it",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK,
        Reply(200, {"content-length": "2"}, b"{}"),
    ),
    (
        "no content, whatever length it tells",
        b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n",
        Reply(204, {"content-length": "2"}),
    ),
    (
        "not modified, with the length of what was not sent",
        b"HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\n",
        Reply(304, {"content-length": "2"}),
    ),
    (
        "a header that comes twice, and one in Latin",
        b"HTTP/1.1 200 OK\r\nA: 1\r\nX: \xc9mile\r\na:  2 \r\nContent-Length: 0\r\n\r\n",
        Reply(200, {"a": "1, 2", "x": "Émile", "content-length": "0"}),
    ),
    (
        "lines that end carelessly",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        Reply(200, {"content-length": "2"}, b"{}"),
    ),
]

NOT_REUSED = [
    ("a server that says so", b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
    ("an old server", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
    ("something behind the answer", OK + b"x", b"{}"),
    ("a second answer that nobody asked for", OK + OK, b"{}"),
]


@pytest.mark.parametrize(("says", "reply"), [one[1:] for one in REUSED], ids=[one[0] for one in REUSED])
async def test_after_a_whole_answer_the_connection_is_used_again(says: bytes, reply: Reply) -> None:
    server = Server(says)
    async with reaching(server) as (direct, base):
        assert [await direct.exchange(asked(base)) for _ in range(3)] == [reply] * 3
    assert server.opened == 1


@pytest.mark.parametrize(("says", "content"), [one[1:] for one in NOT_REUSED], ids=[one[0] for one in NOT_REUSED])
async def test_a_connection_that_may_be_out_of_step_is_used_no_more(says: bytes, content: bytes) -> None:
    server = Server(says)
    async with reaching(server) as (direct, base):
        assert [(await direct.exchange(asked(base))).content for _ in range(3)] == [content] * 3
    assert server.opened == 3


async def test_an_answer_that_tells_no_length_ends_with_the_connection() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n{}", closes=True)
    async with reaching(server) as (direct, base):
        assert (await direct.exchange(asked(base))).content == b"{}"


async def test_what_comes_after_the_answer_ends_an_idle_connection() -> None:
    goes_on, ended = asyncio.Event(), asyncio.Event()
    opened = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        writer.write(OK)
        await goes_on.wait()
        writer.write(OK)
        await reader.read()
        ended.set()

    async with raw_server(talk) as base:
        direct = Direct(base, allow_private=True)
        await direct.exchange(asked(base))
        goes_on.set()
        await ended.wait()
        await direct.exchange(asked(base))
        await direct.aclose()
    assert opened == 2


async def test_as_many_connections_are_open_as_there_are_calls_at_once() -> None:
    server = Server()
    async with reaching(server) as (direct, base):
        for _ in range(3):
            await asyncio.gather(*(direct.exchange(asked(base)) for _ in range(4)))
    assert server.opened == 4


async def test_an_idle_connection_is_not_kept_for_ever() -> None:
    server = Server()
    async with reaching(server, keep=0.0) as (direct, base):
        await direct.exchange(asked(base))
        await direct.exchange(asked(base))
    assert server.opened == 2


async def test_a_call_that_is_given_up_ends_its_connection_and_no_other() -> None:
    server = Server(silent=True)
    async with reaching(server) as (direct, base):
        given_up = asyncio.create_task(direct.exchange(asked(base)))
        await server.reached.wait()
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        await server.ended.wait()
        server.silent = False
        assert (await direct.exchange(asked(base))).content == b"{}"
    assert server.opened == 2


async def test_a_call_that_is_given_up_while_it_connects_leaves_nothing_behind() -> None:
    looked_up = asyncio.Event()

    async def resolve(host: str, port: int) -> Sequence[str]:
        looked_up.set()
        await asyncio.Event().wait()
        return ()

    direct = Direct("http://crm.example.com", True, resolve)
    given_up = asyncio.create_task(direct.exchange(asked("http://crm.example.com")))
    await looked_up.wait()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up


async def test_without_a_connection_in_time_nothing_was_sent() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    direct = Direct("http://crm.example.com", True, resolve)
    with pytest.raises(NoAnswer) as caught:
        await direct.exchange(asked("http://crm.example.com", timeout=0.01))
    assert (caught.value.did, caught.value.sent) == ("cannot be reached: no connection within 0.01 s", False)


async def test_an_answer_before_the_call_was_wholly_out_leaves_a_connection_that_is_used_no_more() -> None:
    opened = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # The transport of a socket can.
        writer.write(b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.Event().wait()

    async with raw_server(talk) as base:
        direct = Direct(base, allow_private=True)
        for _ in range(2):
            assert (await direct.exchange(asked(base, method="POST", body=bytes(20_000_000)))).status == 413
        await direct.aclose()
    assert opened == 2


ENDLESS = [
    ("a head", b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1000, "closed the connection without an HTTP answer"),
    ("headers", b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 100, "closed the connection without an HTTP answer"),
    ("interim answers", b"", b"HTTP/1.1 102 Wait\r\n\r\n" * 100, "closed the connection without an HTTP answer"),
    ("what wraps a chunk", CHUNKED[:47], b"2;" + b"x" * 1000, "broke off in the middle of its answer"),
    ("trailers", CHUNKED[:-16], b"X: x\r\n" * 100, "broke off in the middle of its answer"),
]


@pytest.mark.parametrize(("begin", "more", "did"), [one[1:] for one in ENDLESS], ids=[one[0] for one in ENDLESS])
async def test_what_never_ends_and_is_no_body_is_left_too(begin: bytes, more: bytes, did: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(begin)
        while True:
            writer.write(more)
            await writer.drain()

    async with raw_server(talk) as base:
        with pytest.raises(NoAnswer) as caught:
            await Direct(base, allow_private=True).exchange(asked(base))
    assert (caught.value.did, caught.value.sent) == (did, True)


async def test_a_body_beyond_the_largest_ends_the_connection() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + bytes(1001))
    async with reaching(server) as (direct, base):
        with pytest.raises(TooLarge):
            await direct.exchange(asked(base))
        await server.ended.wait()


async def test_a_switch_to_another_protocol_is_no_answer() -> None:
    server = Server(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
    async with reaching(server) as (direct, base):
        with pytest.raises(NoAnswer, match="without an HTTP answer"):
            await direct.exchange(asked(base))


async def test_the_address_that_was_looked_up_is_connected_to_and_the_host_header_keeps_to_the_name() -> None:
    server = Server()
    async with raw_server(server.talk, after=b"") as base:
        named = base.replace("127.0.0.1", "crm.example.com")
        direct = Direct(named, allow_private=True, resolve=knowing("127.0.0.1"))
        await direct.exchange(asked(named))
        await direct.aclose()
    assert f"\r\nHost: {named.removeprefix('http://')}\r\n".encode() in server.heard[0]


async def test_a_connection_that_is_closed_before_the_call_carried_nothing() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hang up."""

    async with raw_server(talk, after=b"") as base:
        port = int(base.rpartition(":")[2])
        _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
        connection.cut()
        with pytest.raises(NoAnswer) as caught:
            await connection.exchange(b"", 1000)
    assert (caught.value.did, caught.value.sent) == ("closed the connection without an HTTP answer", False)


async def test_a_name_that_changes_its_mind_is_looked_at_anew_for_each_connection() -> None:
    """The first answer of a rebinding server is harmless; nothing is ever sent to the second."""
    answers = iter((["203.0.113.1"], ["127.0.0.1"]))
    looked_up = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        looked_up.append(host)
        return next(answers, ["127.0.0.1"])

    server = Server()
    async with raw_server(server.talk, after=b"") as base:
        named = base.replace("127.0.0.1", "crm.example.com")
        direct = Direct(named, allow_private=False, resolve=resolve)
        for _ in range(2):
            with pytest.raises(NoAnswer, match="leads to a private address") as caught:
                await direct.exchange(asked(named))
            assert caught.value.sent is False
    assert (looked_up, server.opened) == (["crm.example.com"] * 2, 0)


@pytest.fixture(scope="module")
def known() -> Authority:
    return authority("crm.example.com")


@asynccontextmanager
async def secured(
    known: Authority, server: Server, name: str, trusted: ssl.SSLContext
) -> AsyncIterator[tuple[Direct, str]]:
    """A transport by a name to a server with a certificate for crm.example.com."""
    async with raw_server(server.talk, after=b"", secured=known.serving()) as base:
        named = base.replace("127.0.0.1", name)
        direct = Direct(named, allow_private=True, resolve=knowing("127.0.0.1"), trusted=trusted)
        try:
            yield direct, named
        finally:
            await direct.aclose()


async def test_a_certificate_is_held_against_the_name_and_not_the_address(known: Authority) -> None:
    server = Server()
    async with secured(known, server, "crm.example.com", known.trusting()) as (direct, base):
        for _ in range(3):
            assert (await direct.exchange(asked(base))).content == b"{}"
    assert server.opened == 1


async def test_a_certificate_for_another_name_is_not_valid(known: Authority) -> None:
    server = Server()
    async with secured(known, server, "evil.example.com", known.trusting()) as (direct, base):
        with pytest.raises(NoAnswer, match="its certificate is not valid") as caught:
            await direct.exchange(asked(base))
    assert (caught.value.sent, server.heard) == (False, [])


async def test_an_authority_that_nobody_knows_is_not_trusted(known: Authority) -> None:
    server = Server()
    async with secured(known, server, "crm.example.com", None) as (direct, base):
        with pytest.raises(NoAnswer, match="its certificate is not valid"):
            await direct.exchange(asked(base))
    assert server.heard == []


async def test_over_tls_too_a_call_that_is_given_up_ends_its_connection(known: Authority) -> None:
    server = Server(silent=True)
    async with secured(known, server, "crm.example.com", known.trusting()) as (direct, base):
        with pytest.raises(NoAnswer, match=r"did not answer within 0\.2 s"):
            await direct.exchange(asked(base, timeout=0.2))
        await server.ended.wait()
