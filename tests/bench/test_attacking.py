"""The attack on a gateway sees what it looks for: failures, hangs, growth, and a loop that is held up."""

import asyncio
import json
import time
from collections import Counter
from itertools import repeat
from pathlib import Path

import pytest
from bench.attacking import Failed, Report, ask, attack, held_up, told
from bench.attacks import MUTATIONS, bodies, cases, dear
from bench.inside import over_crms
from bench.lagging import Lag
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crmgraph.api.schema import build, printed

BODY = b"x"


def answering(status: int = 200, content: bytes = b"{}") -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        await Response(content, status)(scope, receive, send)

    return app


async def test_what_is_answered_well_has_not_failed() -> None:
    report = await attack(answering(400), repeat(BODY, 200), 200)
    assert (report.statuses, report.failed) == ({400: 200}, [])


@pytest.mark.parametrize(
    ("report", "holds"),
    [
        (Report(Counter({400: 9}), [], 0.09, 0.01, 3.0, 1.03), True),
        (Report(Counter({400: 9}), [], 0.1, 0.01, 3.0, 1.03), False),
        (Report(Counter({400: 9}), [], 0.09, 0.01, 3.0, 1.2), False),
        (Report(Counter({500: 1}), [Failed(BODY, "500")], 0.09, 0.01, 3.0, 1.03), False),
    ],
)
def test_what_is_promised_is_judged(report: Report, holds: bool) -> None:
    assert report.holds is holds
    assert ("DOES NOT HOLD" in told("all", report)) is not holds


async def test_a_failure_of_one_sort_of_body_is_seen() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        await Response(b"{}", 500 if body == b"bad" else 200)(scope, receive, send)

    report = await attack(app, [b"good", b"bad", b"good"], 3)
    assert [(one.body, one.why) for one in report.failed] == [(b"bad", "500 {}")]
    assert not report.holds
    assert "b'bad'" in told("all", report)


async def test_a_failure_that_is_told_within_an_answer_is_seen() -> None:
    report = await attack(answering(200, b'{"errors": [{"extensions": {"code": "INTERNAL"}}]}'), [BODY], 1)
    assert len(report.failed) == 1


async def test_a_request_that_hangs_is_seen() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    report = await attack(app, [BODY], 1, patience=0.01)
    assert [one.why for one in report.failed] == ["no answer within 0.01 seconds"]
    assert not report.holds


async def test_a_leak_is_seen() -> None:
    kept = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        kept.append(bytearray(1_000_000))
        await Response(b"{}")(scope, receive, send)

    report = await attack(app, repeat(BODY, 400), 400)
    assert report.memory > 1.03
    assert not report.holds


async def test_a_call_that_blocks_the_loop_is_seen() -> None:
    async with Lag() as lag:
        await asyncio.sleep(0.02)
        time.sleep(0.3)  # noqa: ASYNC251  # The very thing that nobody should do.
    assert lag.late(1.0) > 0.25
    assert lag.late(0.0) < 0.25
    # It slept, and took no CPU from anybody.
    assert lag.busy(1.0) < 0.25


async def test_cpu_that_is_taken_from_everybody_is_measured_and_waiting_is_not() -> None:
    async def busy() -> tuple[int, bytes]:
        await asyncio.sleep(0.05)
        until = time.thread_time() + 0.1
        while time.thread_time() < until:
            pass
        return 200, b"done"

    async def idle() -> tuple[int, bytes]:
        await asyncio.sleep(0.2)
        return 200, b"done"

    assert (await held_up(busy)).held >= 0.1
    assert (await held_up(idle)).held < 0.1


def test_the_same_seed_makes_the_same_bodies() -> None:
    first, second, other = (list(bodies(seed, 200)) for seed in (1, 1, 2))
    assert first == second != other
    assert len(set(first)) > 150


def test_dear_documents_are_as_many_whatever_is_much_in_them() -> None:
    assert dear(40).keys() == dear(1200).keys()


async def test_the_gateway_answers_bad_input(tmp_path: Path) -> None:
    """A small part of what `./dev bench attack` sends; whether memory stays flat takes more."""
    app = over_crms(tmp_path)
    await app.fill_index()
    try:
        web, count = app.web(), 100 * len(MUTATIONS)
        reports = [await attack(web, bodies(7, count), count)]
        made = cases(printed(build()), 7, 40)
        reports.append(await attack(web, made, len(made)))
        assert [one.failed for one in reports] == [[], []]
        assert reports[0].statuses[400] > count / 2
        for text in dear(40).values():
            status, content = await ask(web, json.dumps({"query": text}).encode())
            assert status in (200, 400), content
    finally:
        await app.aclose()
