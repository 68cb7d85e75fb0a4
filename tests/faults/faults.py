"""The 28 ways in which a CRM fails, as what is done on its end of the wire."""

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from tests.faults.wire import Before, Exchange, Strike, Wire, head, silent_listener, written

LARGE = 20_000_001
"""Bytes of a body that is longer than any that is taken."""

ELSEWHERE = "/elsewhere"
"""Where a redirect leads to."""

JSON = ("content-type", "application/json")


@dataclass(frozen=True, slots=True)
class Fault:
    """One way of failing; `tls` says that the CRM is reached over TLS.

    A fault that is `told` is an error wherever it strikes a call that is of use. What else it says may be true:
    a 404 that nobody is there, a slow answer that came in time, a list that goes round that it is long.
    """

    name: str
    strike: Strike | None = None
    before: Before | None = None
    tls: bool = False
    told: bool = True


async def _refused(wire: Wire) -> None:
    """Nobody listens any more."""


async def _never_connects(wire: Wire) -> None:
    wire.ends += [one.close for one in silent_listener(wire.port)]


async def _no_tls(wire: Wire) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"This is no TLS.\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", wire.port)
    wire.ends.append(server.close)


async def _reset_before_headers(exchange: Exchange) -> None:
    await exchange.answered()
    exchange.writer.transport.abort()


async def _reset_within_headers(exchange: Exchange) -> None:
    await _part(exchange, lambda whole: whole.index(b"\r\n\r\n") - 3)


async def _reset_after_headers(exchange: Exchange) -> None:
    await _part(exchange, lambda whole: whole.index(b"\r\n\r\n") + 4)


async def _truncated(exchange: Exchange) -> None:
    await _part(exchange, lambda whole: (whole.index(b"\r\n\r\n") + 4 + len(whole)) // 2)


async def _part(exchange: Exchange, until: Callable[[bytes], int]) -> None:
    whole = written(await exchange.answered())
    exchange.writer.write(whole[: until(whole)])
    await exchange.writer.drain()
    exchange.writer.close()


async def _hang(exchange: Exchange) -> None:
    await exchange.answered()
    await asyncio.Event().wait()


async def _drip(exchange: Exchange) -> None:
    """Byte after byte, so that each looks like progress and the whole never comes."""
    whole = written(await exchange.answered())
    for at in range(len(whole)):
        exchange.writer.write(whole[at : at + 1])
        await exchange.writer.drain()
        await asyncio.sleep(0.1)


async def _over_long(exchange: Exchange) -> None:
    exchange.writer.write(head(200, JSON))
    for _ in range(LARGE // 1_000_000 + 1):
        exchange.writer.write(b" " * 1_000_000)
        await exchange.writer.drain()


_PACKED = gzip.compress(b" " * LARGE)


async def _bomb(exchange: Exchange) -> None:
    exchange.writer.write(
        head(200, JSON, ("content-encoding", "gzip"), ("content-length", str(len(_PACKED)))) + _PACKED
    )
    await exchange.writer.drain()


def _says(status: int, body: bytes, *headers: tuple[str, str]) -> Strike:
    """Answers so, without doing what was asked."""

    async def strike(exchange: Exchange) -> None:
        exchange.writer.write(head(status, ("content-length", str(len(body))), *(headers or (JSON,))) + body)
        await exchange.writer.drain()

    return strike


def _refuses(status: int, *headers: tuple[str, str]) -> Strike:
    return _says(status, orjson.dumps({"message": "No.", "statusCode": status}), JSON, *headers)


async def _redirect(exchange: Exchange) -> None:
    """To an address of this machine; the wire's own port stands for it, so that it is seen who goes there."""
    where = f"http://127.0.0.1:{exchange.wire.port}{ELSEWHERE}"
    exchange.writer.write(head(302, ("location", where), ("content-length", "0")))
    await exchange.writer.drain()


async def _goes_round(exchange: Exchange) -> None:
    """The same page for every page, of a list that says it is endless."""
    answer = await exchange.answered()
    body = orjson.dumps(_endless(orjson.loads(answer.body))) if answer.body else b""
    exchange.writer.write(written(replace(answer, body=body)))
    await exchange.writer.drain()


def _endless(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    more = {"total": 10**6, "count": 10**6}
    return {name: more.get(name, _endless(one)) for name, one in value.items()}


async def _wrong_types(exchange: Exchange) -> None:
    answer = await exchange.answered()
    body = orjson.dumps(_mistyped(orjson.loads(answer.body or b"{}")))
    exchange.writer.write(written(replace(answer, status=200, body=body)))
    await exchange.writer.drain()


def _mistyped(value: Any) -> Any:
    """Where there should be a list or an object there is a number."""
    if not isinstance(value, dict):
        return 7
    return {name: 7 if isinstance(one, list | dict) else one for name, one in value.items()}


async def _wrong_length(exchange: Exchange) -> None:
    """More is announced than comes, and the connection stays open."""
    answer = await exchange.answered()
    exchange.writer.write(written(answer, content_length=str(len(answer.body) + 100)))
    await exchange.writer.drain()
    await asyncio.Event().wait()


_PAGE = b"<!DOCTYPE html><title>Sorry</title>"

FAULTS: Mapping[str, Fault] = {
    one.name: one
    for one in (
        Fault("connect refused", before=_refused),
        Fault("connect hang", before=_never_connects),
        Fault("TLS failure", before=_no_tls, tls=True),
        Fault("reset before headers", _reset_before_headers),
        Fault("reset within headers", _reset_within_headers),
        Fault("reset after headers", _reset_after_headers),
        Fault("hang", _hang),
        Fault("drip", _drip),
        Fault("truncated", _truncated),
        Fault("over-long", _over_long),
        Fault("gzip bomb", _bomb),
        Fault("HTML with 200", _says(200, _PAGE, ("content-type", "text/html"))),
        Fault("empty 200", _says(200, b"")),
        Fault("wrong JSON types", _wrong_types),
        Fault("200 with error", _says(200, orjson.dumps({"error": "Something broke.", "success": False}))),
        Fault("400", _refuses(400)),
        Fault("401", _refuses(401)),
        Fault("403", _refuses(403)),
        Fault("404", _refuses(404), told=False),
        Fault("409", _refuses(409)),
        Fault("422", _refuses(422)),
        Fault("429 with Retry-After", _refuses(429, ("retry-after", "30"))),
        Fault("429 without Retry-After", _refuses(429)),
        Fault("500", _refuses(500)),
        Fault("503", _refuses(503)),
        Fault("redirect to loopback", _redirect),
        Fault("pagination loop", _goes_round, told=False),
        Fault("wrong content length", _wrong_length),
    )
}
