"""A CRM that hangs holds up nobody who does not ask it, however many wait for it."""

import asyncio

import httpx
from tests.api.staged import Ticking, settings_for

from crmgraph.app import App
from crmgraph.demo import stage
from crmgraph.sources.account import Account

HANGING = "concord"

OTHERS = '{ tasks(sources: ["leadconnector", "bigcontacts"]) { nodes { title } } tags(sources: ["orgcrm"]) { name } }'


class Hanging(httpx.AsyncBaseTransport):
    """Takes every call and answers none."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_with_one_crm_hanging_the_others_answer_with_the_same_calls_and_without_any_time_passing() -> None:
    crms, hanging = stage.simulators(clock=Ticking().now, per_minute=10**6), Hanging()

    def road(account: Account) -> httpx.AsyncBaseTransport:
        return hanging if account.name == HANGING else httpx.ASGITransport(crms[account.name].app)

    app = App(settings_for(crms), transport_for=road)
    alone = await app.execution.execute(OTHERS)
    calls = {name: len(crm.log) for name, crm in crms.items()}
    asking = [
        asyncio.create_task(
            app.execution.execute(f'{{ a{number}: tasks(sources: ["{HANGING}"]) {{ nodes {{ title }} }} }}')
        )
        for number in range(50)
    ]
    await hanging.asked.wait()
    for source in app.pool.sources:
        source.tables.clear()
    beside = await app.execution.execute(OTHERS)
    assert not any(one.done() for one in asking)
    assert (beside.data, beside.errors) == (alone.data, ())
    assert {name: len(crm.log) for name, crm in crms.items()} == {name: 2 * count for name, count in calls.items()}
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await app.aclose()
