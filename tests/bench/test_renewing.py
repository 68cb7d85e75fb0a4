"""Workers that share tokens, as processes over sockets: one renews, and one that is killed leaves nothing undone.

`./dev bench tokens` is the long run of the first of these.
"""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from bench.renewer import AT_ONCE
from bench.renewing import Crm, Renewer, crm, measured, renewer, renewers, rounds
from bench.stores import STORES
from tests.needs import needs

from crmgraph.demo.leadconnector_oauth import GRACE
from crmgraph.store.tokens import LEASE

ROUNDS = 8
WORKERS = 4
WELL = " ".join(["200"] * AT_ONCE)


@pytest.fixture(params=list(STORES))
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    async with STORES[request.param]() as found:
        needs(request.param, found is not None)
        assert found is not None
        yield found


def quiet(said: str) -> None:
    """Nobody is told how far it is."""


async def test_whatever_ends_for_all_workers_at_once_is_renewed_once(url: str) -> None:
    figures = await measured(url, WORKERS, ROUNDS, "leased", quiet)
    assert figures.renewals == {1: ROUNDS}
    assert figures.answers == {"200": ROUNDS * WORKERS * AT_ONCE}


async def test_a_lock_within_each_process_alone_would_be_caught(url: str) -> None:
    """The same without the lease: each worker renews once, and that is too often."""
    figures = await measured(url, WORKERS, ROUNDS, "unleased", quiet)
    assert not figures.exact
    assert max(figures.renewals) > 1


async def halted(one: Crm, worker: Renewer) -> None:
    """The tokens have ended, and a worker that renewed them is killed where it stopped."""
    one.clock.ahead += 86_400
    worker.asked(one.clock.ahead)
    assert await worker.heard() == "halted"
    worker.process.kill()
    await worker.process.wait()


async def test_a_worker_killed_between_the_crms_answer_and_the_store_is_followed_by_another(url: str) -> None:
    """Its lease runs out before the CRM forgets the token that it used, and the next gets the same new one."""
    assert LEASE < GRACE
    async with crm() as one, renewers(one, url, ["before", "leased"]) as (first, second):
        await halted(one, first)
        assert one.given.refreshes == 1
        one.clock.ahead += LEASE.total_seconds()
        second.asked(one.clock.ahead)
        assert await second.heard() == WELL
        assert (one.given.refreshes, len({known.successor for known in one.given.refresh.values()} - {None})) == (2, 1)
        assert (await rounds(one, [second], 2)).renewals == {1: 2}


async def test_a_worker_killed_between_the_store_and_the_use_leaves_what_it_was_given(url: str) -> None:
    async with crm() as one, renewers(one, url, ["after", "leased"]) as (first, second):
        await halted(one, first)
        second.asked(one.clock.ahead)
        assert await second.heard() == WELL
        assert one.given.refreshes == 1
        assert (await rounds(one, [second], 2)).renewals == {1: 2}


async def test_where_the_crm_has_forgotten_the_token_nobody_goes_on_asking(url: str) -> None:
    """The tokens of the killed worker are lost when nobody comes in time; all are told, and the CRM is asked once."""
    async with crm() as one, renewers(one, url, ["before", "leased"]) as (first, second):
        await halted(one, first)
        one.clock.ahead += GRACE.total_seconds() + 1
        async with renewer(one, url, "leased") as third:
            for worker in (second, third, second, third):
                worker.asked(one.clock.ahead)
                assert Counter((await worker.heard()).split()) == {"Reconnect": AT_ONCE}
        assert one.given.refusals == 1
