"""Who keeps account is told of each call by its endpoint and outcome, and of every reply that cost none."""

import asyncio
from typing import Any

import pytest
from tests.sources.given import FakeClock, Told, account, call, reading

from crmgraph.connectors.exchange import Reply
from crmgraph.service.observing import ABANDONED, Answered, Made, Spared
from crmgraph.sources.pool import Pool
from crmgraph.sources.transport import Asked, NoAnswer


class Noted:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.made: list[Made] = []
        self.cost_nothing: list[tuple[str, Spared]] = []

    def begins(self, traceparent: str | None) -> None: ...

    def ended(self, begun: Any, answered: Answered) -> None: ...

    def responded(self, status: int) -> None: ...

    def called(self, made: Made) -> None:
        self.made.append(made)

    def spared(self, source: str, how: Spared) -> None:
        self.cost_nothing.append((source, how))


class Crm:
    """A transport that answers as it is told, half a second later."""

    def __init__(self, clock: FakeClock, *answers: Reply | BaseException) -> None:
        self.clock = clock
        self.answers = list(answers)

    async def exchange(self, asked: Asked) -> Reply:
        await asyncio.sleep(0)
        self.clock.time += 0.5
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def aclose(self) -> None: ...


def observed(*answers: Reply | BaseException) -> tuple[Pool, Noted]:
    clock, noted = FakeClock(), Noted()
    pool = Pool([account()], clock, transport_for=lambda _: Crm(clock, *answers), sleep=clock.sleep, observer=noted)
    return pool, noted


GET = "GET /contacts/{id}"


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [(Reply(200), 200, None), (Reply(422), 422, None), (NoAnswer("hangs"), None, "UNAVAILABLE")],
)
async def test_a_call_is_told_by_its_endpoint_and_outcome(
    answer: Reply | Exception, status: int | None, code: str | None
) -> None:
    pool, noted = observed(answer)
    await asyncio.gather(pool.sources[0].send(call("/contacts/7", endpoint=GET), Told()), return_exceptions=True)
    assert noted.made == [Made("sales", GET, status, code, 0.5)]


async def test_a_call_that_nobody_waits_for_is_told_as_abandoned() -> None:
    pool, noted = observed(asyncio.CancelledError())
    await asyncio.gather(pool.sources[0].send(call(endpoint=GET), Told()), return_exceptions=True)
    assert [one.code for one in noted.made] == [ABANDONED]


async def test_each_attempt_is_a_call_with_its_number() -> None:
    pool, noted = observed(Reply(503), Reply(200), Reply(200))
    await pool.sources[0].read(reading("/contacts/7", endpoint=GET), Told())
    await pool.sources[0].read(reading("/contacts/8", endpoint=GET), Told())
    assert [(one.status, one.attempt) for one in noted.made] == [(503, 1), (200, 2), (200, 1)]


async def test_replies_that_cost_no_call_are_told_to_the_asker_too() -> None:
    pool, noted = observed(Reply(200, {}, b"{}"))
    asked = reading("/contacts/7", lifetime=60, endpoint=GET)
    tally = Told()
    await asyncio.gather(*(pool.sources[0].read(asked, tally) for _ in range(2)))
    await pool.sources[0].read(asked, tally)
    assert noted.cost_nothing == [("sales", Spared.JOINED), ("sales", Spared.KEPT)]
    assert (tally.calls, tally.shared, len(tally.ages)) == (1, 1, 1)
