"""Whether anybody is ever shown what is another's: many callers who ask the same at the same time, each with a
credential of their own for a CRM that shows each of them other people under the same ids.
"""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.canary_crm import DEFINITION, PEOPLE, crm, foreign
from bench.peers.gateway import served
from bench.peers.server import Server
from crmgraph.demo.serving import serving

AT_ONCE = 200
"""How many questions are under way together."""

CONFIGURATION = """\
sources:
  people:
    connector: ./canaries.yaml
    base_url: ${BENCH_UPSTREAM}
    token: ${OPERATOR}
    allow_private: true
    per_caller: required
    limits: {rate: 1000000/1s, concurrency: 256, queue: 10000}
identity: {index: on}
server: {admission: {at_once: 400, waiting: 1000}}
auth:
  keys:
"""

ROLES = """\
roles:
  whole: {scopes: ["*:read", "contact:write"]}
  bare: {scopes: ["*:read", "contact:write"], hide: {contact: [jobTitle]}}
"""

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("list", "{ contacts(first: 10) { nodes { id displayName emails { value } tags { name } } } }"),
    ("title", "{ contacts(first: 5) { nodes { displayName jobTitle records { id values } } } }"),
    ("found", '{ contact(by: {email: "p%d@people.example"}) { displayName gaps { field reason } records { id } } }'),
    ("told", '{ contact(by: {email: "p%d@people.example"}) { provenance { field value losers { value } } } }'),
    ("record", '{ contact(by: {record: {source: "people", id: "%d"}}) { displayName phone tags { name } } }'),
    ("filtered", '{ contacts(filter: {fullName: {contains: "Person"}}, first: 3) { nodes { displayName } } }'),
    ("sought", '{ contacts(filter: {jobTitle: {contains: "hidden"}}, first: 3) { nodes { displayName } } }'),
    ("tags", "{ tags { name } }"),
)

WRITE = 'mutation { createContact(input: {fullName: "Somebody %d"}) { results { outcome record { values } } } }'
"""Moves the marks between which answers are shared."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many answers there were, how many of them held a word of another's, and how many failed."""

    answers: int
    leaks: int
    failures: int


def canaries(callers: int, operations: int, broken: bool, say: Callable[[str], None]) -> Found:
    """Ask so often; `broken` is a gateway that takes callers with one sight for one, so that leaks must be found."""
    with TemporaryDirectory(prefix="bench-") as name:
        return asyncio.run(_canaries(Path(name), callers, operations, broken, say))


async def _canaries(folder: Path, callers: int, operations: int, broken: bool, say: Callable[[str], None]) -> Found:
    async with serving({"people": crm}) as urls:
        started = await asyncio.to_thread(_Started, folder, urls["people"], callers, broken)
        try:
            return await _asked(started.server, callers, operations, say)
        finally:
            await asyncio.to_thread(started.stop)


class _Started:
    """A gateway, started and stopped outside of the event loop that serves its CRM."""

    def __init__(self, folder: Path, upstream: str, callers: int, broken: bool) -> None:
        (folder / "canaries.yaml").write_text(DEFINITION)
        environment = {"BENCH_UPSTREAM": upstream, "OPERATOR": "own-000", **_keys(callers)}
        self._context = _gateway(folder, configuration(callers), environment, broken)
        self.server = self._context.__enter__()

    def stop(self) -> None:
        self._context.__exit__(None, None, None)


@contextmanager
def _gateway(folder: Path, text: str, environment: Mapping[str, str], broken: bool) -> Iterator[Server]:
    application = "bench.mixing_up:application" if broken else None
    with served("crmgraph", folder, text, environment, application) as server:
        yield server


def configuration(callers: int) -> str:
    """Every other caller's role hides job titles."""
    keys = "".join(
        f"    c{at:03}:\n      key: ${{KEY_{at:03}}}\n      role: {'bare' if hides(at) else 'whole'}\n"
        for at in range(1, callers + 1)
    )
    return CONFIGURATION + keys + ROLES


def hides(number: int) -> bool:
    """Whether job titles are hidden from a caller."""
    return number % 2 == 0


def _keys(callers: int) -> dict[str, str]:
    return {f"KEY_{at:03}": _key(at) for at in range(1, callers + 1)}


def _key(number: int) -> str:
    return f"{number:03}" * 12


async def _asked(server: Server, callers: int, operations: int, say: Callable[[str], None]) -> Found:
    chance, turns = random.Random(1), asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    found = [0, 0, 0]
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def one(number: int, text: str) -> None:
            async with turns:
                wrong, failed = await _answer(client, server.url, number, text)
            found[0] += 1
            found[1] += wrong
            found[2] += failed
            if found[0] % 5000 == 0:
                say(f"  {found[0]:,} answers, {found[1]:,} with a word of another's")

        for begin in range(0, operations, 1000):
            # Waves of one question, so that many ask the same at once.
            text = _question(chance)
            count = min(1000, operations - begin)
            others = [text if chance.random() < 0.7 else _question(chance) for _ in range(count)]
            await asyncio.gather(*(one(chance.randint(1, callers), each) for each in others))
    return Found(*found)


def _question(chance: random.Random) -> str:
    text = WRITE if chance.random() < 0.02 else chance.choice(QUESTIONS)[1]
    return text % chance.randint(1, PEOPLE) if "%d" in text else text


async def _answer(client: httpx.AsyncClient, url: str, number: int, text: str) -> tuple[bool, bool]:
    """Whether an answer held what its caller may not see, and whether it was none."""
    headers = {"authorization": f"Bearer {_key(number)}", "x-source-token-people": f"token-{number:03}"}
    reply = await client.post(url, json={"query": text}, headers=headers)
    refused = "hidden from you" in reply.text
    answered = reply.status_code == 200 and ("errors" not in reply.json() or refused)
    return bool(foreign(reply.text, number, hides(number))), not answered


def told(sound: Found, control: Found) -> str:
    """The judgement, with its control."""
    reached = sound.leaks == 0 and sound.failures == 0 and control.leaks > 0
    return (
        f"* Callers apart: {sound.answers:,} answers, {AT_ONCE} at once, {sound.leaks} with a word of another's,"
        f" {sound.failures} failed: {'reached' if reached else 'not reached'}. The control, a gateway that takes"
        f" callers with one sight for one: {control.leaks:,} of {control.answers:,}."
    )
