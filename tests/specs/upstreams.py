"""The CRMs of a page, in process: each call is written down and answered by a script or by a simulator."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import orjson

from crmgraph.demo import stage
from crmgraph.sources.account import Account

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

TURNS = 8
"""How many turns of the loop a call takes, so that whoever asks at the same time finds it under way."""


class Clock:
    """It is always the same day, and yet time passes."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return monotonic()


@dataclass(frozen=True, slots=True)
class Made:
    """A call as it arrived; the path is relative to the account's base URL."""

    source: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: Any

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.method} {self.path}{'?' if query else ''}{query}"


@dataclass(slots=True)
class Expected:
    """A line of a script; `met` counts how often it was called."""

    call: str
    times: int = 1
    body: Any = None
    sends: Mapping[str, str | None] = field(default_factory=dict)
    reply: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fails: str | None = None
    alongside: int | None = None
    met: int = 0

    def fits(self, made: Made) -> bool:
        source, method, target = self.call.split(" ", 2)
        path, _, query = target.partition("?")
        return (source, method, unquote(path), sorted(parse_qsl(query, keep_blank_values=True))) == (
            made.source,
            made.method,
            made.path,
            sorted(made.query),
        ) and self.body in (None, made.body)

    def wrong_headers(self, made: Made) -> Iterable[str]:
        for name, value in self.sends.items():
            if made.headers.get(name.lower()) != value:
                yield f"{self.call} carried {name}: {made.headers.get(name.lower())}, where the page says {value}."


class Upstreams:
    """All CRMs of a page. `made` is what was called since the last question; `wrong` is what should not have been."""

    def __init__(self) -> None:
        self.script: list[Expected] = []
        self.simulators = stage.simulators(clock=lambda: NOW)
        self.simulated = False
        self.filling = False
        self.faults: Mapping[str, Any] = {}
        self.dead: set[str] = set()
        self.made: list[Made] = []
        self.wrong: list[str] = []
        self.under_way = 0

    def environment(self) -> dict[str, str]:
        return stage.environment({}, self.simulators)

    def expect(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """From here on these calls are expected, after a look at those before."""
        self.end_script()
        self.script = [
            Expected(**{"sends" if name == "with" else name: one for name, one in line.items()}) for line in lines
        ]

    def end_script(self) -> None:
        """Whether each call was made as often as its line says."""
        for line in self.script:
            if line.met != line.times:
                self.wrong.append(f"{line.call} was called {line.met} times, where the page says {line.times}.")

    def simulate(self, faults: Mapping[str, Any], edits: Mapping[str, Any]) -> None:
        """The simulators answer, after these edits (null deletes a record); the faults wait for `fail`."""
        self.simulated = True
        for source, kinds in edits.items():
            for kind, records in kinds.items():
                state = self.simulators[source].state
                table = state.tables[kind] if source == "concord" else getattr(state, kind)
                for ident, changes in records.items():
                    table.pop(ident) if changes is None else table[ident].update(changes)
        self.faults = faults

    def fail(self) -> None:
        """The faults of the page begin."""
        for source, fault in self.faults.items():
            if fault == "dead":
                self.dead.add(source)
            else:
                one = fault if isinstance(fault, Mapping) else {"mode": fault}
                self.simulators[source].faults.set(**one)

    def transport_for(self, account: Account) -> httpx.AsyncBaseTransport:
        """How an account's calls get here."""
        prefix = urlsplit(account.base_url).path.rstrip("/")
        simulator = self.simulators.get(account.definition.name)
        inner = None if simulator is None else httpx.ASGITransport(simulator.app)

        async def answer(request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            url = urlsplit(str(request.url))
            made = Made(
                account.name,
                request.method,
                unquote(url.path.removeprefix(prefix)),
                tuple(parse_qsl(url.query, keep_blank_values=True)),
                request.headers,
                orjson.loads(body) if body else None,
            )
            if not self.filling:
                self.made.append(made)
            self.under_way += 1
            for _ in range(TURNS):
                await asyncio.sleep(0)
            together = self.under_way
            await asyncio.sleep(0)
            self.under_way -= 1
            if not self.simulated:
                return await self._scripted(made, together)
            if account.name in self.dead:
                raise httpx.ConnectError("") from ConnectionRefusedError()
            assert inner is not None
            return await inner.handle_async_request(request)

        return _Transport(answer)

    async def _scripted(self, made: Made, together: int) -> httpx.Response:
        fitting = [line for line in self.script if line.fits(made)]
        line = next((one for one in fitting if one.met < one.times), fitting[-1] if fitting else None)
        if line is None:
            self.wrong.append(f"{made.source} {made} was called, body {made.body}, but the page does not list it.")
            return httpx.Response(500)
        line.met += not self.filling
        self.wrong += line.wrong_headers(made)
        if line.alongside not in (None, together):
            self.wrong.append(f"{line.call} was one of {together} calls at once, where the page says {line.alongside}.")
        return await _answered(line)


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, answer: Callable[[httpx.Request], Awaitable[httpx.Response]]) -> None:
        self.handle_async_request = answer  # type: ignore[method-assign]


async def _answered(line: Expected) -> httpx.Response:
    if line.fails == "refused":
        raise httpx.ConnectError("") from ConnectionRefusedError()
    if line.fails == "hang":
        await asyncio.Event().wait()
    if line.fails == "html":
        return httpx.Response(line.status, html="<!DOCTYPE html><title>Sorry</title>")
    return httpx.Response(line.status, headers=line.headers, content=orjson.dumps(line.reply))
