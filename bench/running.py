"""Carries out a plan: upstreams and servers are started, their answers compared, and each put under load in turn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.asking import Refused, ask, encoded
from bench.beds import BEDS, Bed
from bench.measuring import Measured, measure, middle, settle
from bench.peers.server import Peer, Server
from bench.plan import Plan
from bench.upstreams import Upstream
from bench.works import WORKS, Work, comparable

WARM = 1.0
"""Seconds of load before the first measurement of a work."""

ENOUGH = 3
"""How many requests a connection should be answered in one measurement."""

LONGEST = 15.0
"""Seconds that one measurement takes at the most, however slow the server."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a peer did."""

    work: str
    latency: int
    connections: int
    peer: str
    figures: Measured


@dataclass(frozen=True, slots=True)
class Runner:
    """A peer at work: the questions it is asked, and how many it answers a second."""

    server: Server
    questions: Sequence[bytes]
    rate: float


def run(plan: Plan, say: Callable[[str], None]) -> Iterator[Result]:
    """Measure; what is left out, and why, is said."""
    for bed in BEDS:
        works = [letter for letter in bed.works if letter in plan.works]
        lack = bed.missing() if works else None
        if lack is not None:
            say(f"Works {', '.join(works)} are left out. {lack}")
            continue
        peers = list(_had(bed, plan, say)) if works else []
        for latency in plan.latencies if peers else ():
            here = [WORKS[letter] for letter in works if latency in plan.latencies_of(letter)]
            yield from _on_bed(bed, peers, here, latency, plan, say)


def _had(bed: Bed, plan: Plan, say: Callable[[str], None]) -> Iterator[Peer]:
    for peer in bed.peers:
        if peer.name not in plan.peers:
            continue
        lack = peer.missing()
        if lack is None:
            yield peer
        else:
            say(f"{peer.name} is left out. {lack}")


def _on_bed(
    bed: Bed, peers: Sequence[Peer], works: Sequence[Work], latency: int, plan: Plan, say: Callable[[str], None]
) -> Iterator[Result]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        upstream = stack.enter_context(bed.serving(_below(folder, "upstream"), latency))
        servers = [(peer, stack.enter_context(peer.start(upstream, _below(folder, peer.name)))) for peer in peers]
        for work in works:
            say(f"({work.letter}) {work.title}, {latency} ms")
            runners = _checked(work, servers, upstream)
            for connections in plan.connections:
                rounds = plan.rounds_of(work.letter, latency, connections)
                found = _in_turn(runners, upstream, connections, plan.seconds, rounds)
                for runner, figures in zip(runners, found, strict=True):
                    yield Result(work.letter, latency, connections, runner.server.name, figures)


def _below(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _checked(work: Work, servers: Sequence[tuple[Peer, Server]], upstream: Upstream) -> list[Runner]:
    """Hold all answers equal, warm the servers, and see how fast each is; raises Refused where an answer differs."""
    runners, expected = [], None
    for peer, server in servers:
        wording = work.wording(peer.is_ours)
        settle(server)
        bodies = wording.questions(partial(ask, server))
        answers = [comparable(wording.answer(ask(server, body))) for body in bodies]
        if expected is not None and answers != expected:
            raise Refused(
                f"{server.name} answers ({work.letter}) otherwise than {servers[0][1].name}: {answers}"[:2000]
            )
        expected = answers
        questions = [encoded(body) for body in bodies]
        rate = measure(server, upstream, questions, 2, WARM).rate
        runners.append(Runner(server, questions, rate))
    return runners


def _in_turn(
    runners: Sequence[Runner], upstream: Upstream, connections: int, seconds: float, rounds: int
) -> list[Measured]:
    """The medians of the rounds, in each of which everybody has a turn: the machine's moods then hit all alike."""
    found: list[list[Measured]] = [[] for _ in runners]
    for _ in range(rounds):
        for runner, mine in zip(runners, found, strict=True):
            settle(runner.server)
            lasting = min(max(seconds, ENOUGH * connections / max(runner.rate, 0.1)), LONGEST)
            mine.append(measure(runner.server, upstream, runner.questions, connections, lasting))
    return [middle(mine) for mine in found]
