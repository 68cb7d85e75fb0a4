"""How many calls of one source may wait."""

import asyncio

import pytest
from tests.sources.given import call

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import Throttled
from crmgraph.sources.bulkhead import Bulkhead, bounded


async def test_with_all_places_taken_and_enough_waiting_a_call_is_refused_at_once_and_was_not_sent() -> None:
    turn, heard = asyncio.Event(), 0

    async def crm(asked: Call) -> Reply:
        nonlocal heard
        heard += 1
        await turn.wait()
        return Reply(200)

    send = bounded(crm, Bulkhead("sales", concurrency=2, queue=3))
    inside = [asyncio.create_task(send(call())) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(Throttled) as caught:
        await send(call())
    assert caught.value.message == "3 calls wait for sales already, which is the most that may; ask again later."
    assert (caught.value.sent, caught.value.retryable, heard) == (False, True, 5)
    inside.pop().cancel()
    await asyncio.sleep(0)
    inside.append(asyncio.create_task(send(call())))
    turn.set()
    await asyncio.gather(*inside)
    assert heard == 6


async def test_a_call_that_fails_gives_its_place_back() -> None:
    async def crm(asked: Call) -> Reply:
        raise OSError

    send = bounded(crm, Bulkhead("sales", concurrency=1, queue=0))
    for _ in range(3):
        with pytest.raises(OSError):
            await send(call())
