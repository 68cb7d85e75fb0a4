"""How a source has been lately."""

import asyncio

import pytest
from tests.sources.given import FakeClock, call

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import InputError, Unavailable
from crmgraph.service.ports import SourceHealth
from crmgraph.sources.health import Health, watched

Step = int | Exception


async def _after(*steps: tuple[Step, float]) -> tuple[Health, FakeClock]:
    """The health after calls, each a status or an error and the seconds it took; slow is from two seconds on."""
    clock, health = FakeClock(), Health(slow=2.0)
    left = list(steps)

    async def crm(asked: Call) -> Reply:
        outcome, seconds = left.pop(0)
        clock.time += seconds
        if isinstance(outcome, int):
            return Reply(outcome)
        raise outcome

    for _ in steps:
        await asyncio.gather(watched(crm, health, clock)(call()), return_exceptions=True)
    return health, clock


DOWN = Unavailable("sales", "sales did not answer within 4 s.")

TABLE: list[tuple[list[tuple[Step, float]], SourceHealth]] = [
    ([], SourceHealth.UNKNOWN),
    ([(200, 0.1)], SourceHealth.OK),
    ([(404, 0.1)], SourceHealth.OK),
    ([(422, 0.1)], SourceHealth.OK),
    ([(401, 0.1)], SourceHealth.DENIED),
    ([(403, 0.1)], SourceHealth.DENIED),
    ([(429, 0.1)], SourceHealth.THROTTLED),
    ([(500, 0.1)], SourceHealth.DOWN),
    ([(200, 0.1), (DOWN, 4.0)], SourceHealth.DOWN),
    ([(DOWN, 4.0), (200, 0.1)], SourceHealth.OK),
    ([(200, 2.0)], SourceHealth.SLOW),
    ([(200, 0.1), (200, 3.0)], SourceHealth.OK),
    ([(200, 0.1), (200, 3.0), (200, 3.0)], SourceHealth.SLOW),
    ([(200, 3.0)] * 5 + [(200, 0.1)] * 3, SourceHealth.OK),
    ([(200, 3.0), (401, 3.0)], SourceHealth.DENIED),
    ([(200, 0.1), (InputError("ours"), 0.1)], SourceHealth.OK),
]


@pytest.mark.parametrize(("steps", "state"), TABLE)
async def test_health_is_what_the_last_calls_came_to(steps, state) -> None:
    health, _ = await _after(*steps)
    assert health.state is state


async def test_the_last_success_is_when_the_crm_last_answered_as_it_should() -> None:
    assert (await _after((DOWN, 4.0), (401, 0.1)))[0].last_success is None
    health, clock = await _after((200, 0.1))
    assert health.last_success == clock.now()


@pytest.mark.parametrize(("seconds", "state"), [(0.1, SourceHealth.UNKNOWN), (2.0, SourceHealth.SLOW)])
async def test_a_call_that_nobody_waited_for_tells_only_that_it_was_slow(seconds, state) -> None:
    clock, health = FakeClock(), Health(slow=2.0)

    async def hanging(asked: Call) -> Reply:
        await asyncio.Event().wait()
        return Reply(200)

    task = asyncio.create_task(watched(hanging, health, clock)(call()))
    await asyncio.sleep(0)
    clock.time += seconds
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert health.state is state
