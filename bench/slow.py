"""What honest clients notice of slow ones: forty connections on which requests and answers crawl."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.gateway_alone import gateway
from bench.load import load

AIM = 2.0
"""The most that honest clients' p99 may be during the attack, over that without."""

SLOW = 40

HONEST = 8

PACE = 0.5
"""Seconds between two bytes of a slow client."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Honest clients' p99 in ms, the least of its rounds: without slow ones, and beside them; and how many failed."""

    alone: float
    beside: float
    failed: int


def slow(rounds: int, seconds: float, say: Callable[[str], None]) -> Noticed:
    """Load the gateway with honest clients, in turn alone and beside slow ones."""
    with gateway("d") as (server, questions):
        load(server.url, questions, HONEST, seconds)  # It warms up.
        alone, beside, failed = [], [], 0
        for _ in range(rounds):
            alone.append(load(server.url, questions, HONEST, seconds).p99)
            with _crawling(server.url, questions[0]):
                heard = load(server.url, questions, HONEST, seconds)
            beside.append(heard.p99)
            failed += heard.failed
            say(f"  p99 {alone[-1]:.1f} ms alone, {beside[-1]:.1f} ms beside {SLOW} slow connections")
        return Noticed(min(alone), min(beside), failed)


@contextmanager
def _crawling(url: str, body: bytes) -> Iterator[None]:
    """Slow clients for as long as this lasts; whoever is hung up on begins again."""
    over = threading.Event()
    crawlers = [threading.Thread(target=_crawl, args=(url, body, number, over)) for number in range(SLOW)]
    for one in crawlers:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in crawlers:
            one.join()


def _crawl(url: str, body: bytes, number: int, over: threading.Event) -> None:
    """A third crawls in the head, a third in the body, a third never reads its answer."""
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.hostname}\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    whole = head.encode() + body
    at_once = (10, len(head) + 10, len(whole))[number % 3]
    while not over.is_set():
        with contextlib.suppress(OSError), socket.create_connection((parts.hostname, parts.port), 10) as one:
            one.sendall(whole[:at_once])
            for at in range(at_once, len(whole) + 1000):
                if over.wait(PACE):
                    return
                one.sendall(whole[at : at + 1])


def told(found: Noticed) -> str:
    """The ratio and the judgement."""
    ratio = found.beside / max(found.alone, 0.001)
    word = "reached" if ratio <= AIM and not found.failed else "not reached"
    return (
        f"* Slow clients: honest p99 {found.alone:.0f} ms alone, {found.beside:.0f} ms beside {SLOW} slow connections,"
        f" {found.failed} failed; ≤ {AIM:g} × asked: {ratio:.2f}, {word}"
    )
