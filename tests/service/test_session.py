"""One request's view: equal calls once, a lost source is left alone, and nothing stays behind."""

import asyncio
import gc
from typing import Any

import pytest
from tests.service.given import FakeClock, Office, TinyCrm, at, definition

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import BadReply, InputError, SourceError, Unavailable
from crmgraph.service.freshness import Freshness, Remembered
from crmgraph.service.ports import Tally
from crmgraph.service.problems import Meter
from crmgraph.service.session import Session


def crm() -> TinyCrm:
    made = TinyCrm("a", definition("page", "createdAt asc", "batched"))
    made.put("1", given="Anna", created=at(-1), updated=at(-1), at=1, job="Baker")
    return made


class Silent(TinyCrm):
    """Never answers."""

    async def send(self, call: Call, tally: Tally) -> Reply:
        tally.made()
        self.calls.append(call)
        await asyncio.Event().wait()
        raise AssertionError


class Verbose(TinyCrm):
    """Says too much about its first contact."""

    async def send(self, call: Call, tally: Tally) -> Reply:
        if call.path == "/contacts/1":
            raise BadReply(self.name, f"{self.name} sent more than fits in one reply.")
        return await super().send(call, tally)


async def test_equal_calls_share_one_reply() -> None:
    source = crm()
    session = Office([source]).session()
    resource = session.resource("a", "contact")
    flows = [session.run(source, source.reader.get(resource, "1")) for _ in range(3)]
    assert [one["given"] for one in await asyncio.gather(*flows)] == ["Anna"] * 3
    assert (len(source.calls), session.meters["a"].calls) == (1, 1)
    await session.close()


class Sharing(TinyCrm):
    """Gives every reading call a reply that was kept for five seconds."""

    async def read(self, call: Call, tally: Tally) -> Reply:
        tally.aged(5.0)
        return self.answer(call)


async def test_a_reply_that_was_kept_costs_no_call_and_its_age_is_told() -> None:
    source = Sharing("a", definition("page", None, "none"))
    source.put("1", given="Anna")
    session = Office([source]).session()
    await session.run(source, source.reader.get(session.resource("a", "contact"), "1"))
    meter = session.meters["a"]
    assert (source.calls, meter.calls, meter.shared, meter.age) == ([], 0, 1, 5.0)
    await session.close()


async def test_what_is_read_for_writing_is_asked_for_itself() -> None:
    source = Sharing("a", definition("page", None, "none"))
    source.put("1", given="Anna")
    session = Office([source]).session()
    session.anew = True
    await session.run(source, source.reader.get(session.resource("a", "contact"), "1"))
    meter = session.meters["a"]
    assert (len(source.calls), meter.calls, meter.shared, meter.age) == (1, 1, 0, None)
    await session.close()


async def test_a_source_that_is_lost_is_not_asked_again() -> None:
    source = crm()
    source.hiccups = 1
    session = Office([source]).session()
    resource = session.resource("a", "contact")
    for ident in ("1", "2"):
        with pytest.raises(Unavailable, match="did not answer"):
            await session.run(source, source.reader.get(resource, ident))
    assert len(source.calls) == 1
    await session.close()


async def test_a_source_that_is_silent_is_given_up_in_time_and_told() -> None:
    source = Silent("a", definition("page", None, "none"))
    office = Office([source])
    session = office.session()
    session.deadline = 0.002
    work = session.run(source, source.reader.get(session.resource("a", "contact"), "1"))
    assert await session.attempt(source, work, "nothing") == "nothing"
    assert [one.code for one in session.meters["a"].problems] == ["UNAVAILABLE"]
    await session.close()


async def test_when_the_time_is_used_up_no_call_is_sent_and_no_source_is_blamed() -> None:
    source = crm()
    office = Office([source])
    session = office.session()
    office.clock.time = session.deadline + 0.5
    work = session.run(source, source.reader.get(session.resource("a", "contact"), "1"))
    assert await session.attempt(source, work, None) is None
    meter = session.meters["a"]
    assert (source.calls, meter.calls, meter.lost) == ([], 0, None)
    assert [one.message for one in meter.problems] == ["The request's time is used up, so a was not asked."]
    await session.close()


async def test_a_reply_that_is_too_large_costs_nothing_but_itself() -> None:
    source = Verbose("a", definition("page", None, "none"))
    source.put("2", given="Boris")
    session = Office([source]).session()
    resource = session.resource("a", "contact")
    with pytest.raises(BadReply):
        await session.run(source, source.reader.get(resource, "1"))
    assert (await session.run(source, source.reader.get(resource, "2")))["given"] == "Boris"
    assert session.meters["a"].lost is None
    await session.close()


async def test_closing_stops_what_still_runs_and_leaves_no_failure_unseen() -> None:
    source, failing = Silent("a", definition("page", None, "none")), crm()
    failing.name, failing.down = "b", True
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
    session = Office([source, failing]).session()
    waiting = [
        asyncio.create_task(session.run(one, one.reader.get(session.resource(one.name, "contact"), "1")))
        for one in (source, failing)
    ]
    await asyncio.sleep(0)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await session.close()
    assert len(asyncio.all_tasks()) == 1
    del session, waiting
    gc.collect()
    assert told == []


def test_a_source_that_is_not_configured_is_named_with_those_that_are() -> None:
    session = Office([crm()], FakeClock()).session()
    with pytest.raises(InputError, match=r"There is no source `x`; configured are a\."):
        session.choose(["x"])


async def _read(source: TinyCrm, freshness: Freshness, deadline: float = 60.0, **more: Any) -> tuple[Any, Meter]:
    """What somebody reads of a contact, while five seconds ago it was called Eva."""
    office = Office([source])
    session = Session([source], office.clock, deadline, **more)
    session.freshness = freshness
    flow = source.reader.get(session.resource("a", "contact"), "1")
    call = next(source.reader.get(session.resource("a", "contact"), "1"))
    source.memory[call] = Remembered(Reply(200, {}, b'{"id": "1", "given": "Eva"}'), 5.0)
    try:
        return (await session.run(source, flow))["given"], session.meters["a"]
    finally:
        await session.close()


@pytest.mark.parametrize(("most", "given", "calls"), [(0, "Anna", 1), (4.9, "Anna", 1), (5, "Eva", 0)])
async def test_what_was_kept_is_told_as_long_as_it_is_young_enough(most: float, given: str, calls: int) -> None:
    found, meter = await _read(crm(), Freshness(most))
    assert (found, meter.calls, meter.age) == (given, calls, None if calls else 5.0)


async def test_for_a_source_that_fails_what_was_kept_stands_in_and_the_failure_is_told() -> None:
    source = crm()
    source.down = True
    found, meter = await _read(source, Freshness(0, stale_if_error=True))
    assert (found, meter.age, meter.problems) == ("Eva", 5.0, [])
    assert [one.code for one in meter.covered] == ["UNAVAILABLE"]
    with pytest.raises(Unavailable):
        await _read(source, Freshness(3))


async def test_it_stands_in_for_a_source_that_uses_up_its_time_too() -> None:
    source = Silent("a", definition("page", None, "none"))
    found, meter = await _read(source, Freshness(0, stale_if_error=True), deadline=0.05)
    assert (found, [one.code for one in meter.covered]) == ("Eva", ["UNAVAILABLE"])


async def test_a_source_that_is_lost_is_answered_for_by_what_was_kept_without_being_asked_again() -> None:
    source = crm()
    source.down = True
    session = Session([source], Office([source]).clock, 60.0)
    session.freshness = Freshness(0, stale_if_error=True)
    for name in ("1", "2"):
        call = next(source.reader.get(session.resource("a", "contact"), name))
        source.memory[call] = Remembered(Reply(200, {}, b'{"id": "1", "given": "Eva"}'), 5.0)
        await session.run(source, source.reader.get(session.resource("a", "contact"), name))
    with pytest.raises(Unavailable):
        await session.run(source, source.reader.get(session.resource("a", "contact"), "3"))
    assert len(source.calls) == 1
    await session.close()


async def test_what_is_read_to_be_written_upon_is_never_old() -> None:
    source = crm()
    assert (await _read(source, Freshness(60, stale_if_error=True), anew=True))[0] == "Anna"
    source.down = True
    with pytest.raises(Unavailable):
        await _read(source, Freshness(60, stale_if_error=True), anew=True)


class Refusing(TinyCrm):
    """Answers with `status`."""

    status = 500

    def answer(self, call: Call) -> Reply:
        return Reply(self.status, {}, b"{}")


@pytest.mark.parametrize(
    ("status", "given"), [(500, "Eva"), (503, "Eva"), (429, "Eva"), (401, None), (403, None), (422, None), (404, None)]
)
async def test_a_failure_that_a_reply_tells_is_covered_and_a_refusal_is_not(status: int, given: str | None) -> None:
    source = Refusing("a", definition("page", None, "none"))
    source.status = status
    if given is None and status != 404:
        with pytest.raises(SourceError):
            await _read(source, Freshness(0, stale_if_error=True))
    elif given is None:
        with pytest.raises(TypeError):  # It is gone.
            await _read(source, Freshness(0, stale_if_error=True))
    else:
        assert (await _read(source, Freshness(0, stale_if_error=True)))[0] == given


def test_of_two_the_stricter_counts() -> None:
    assert Freshness(60, True).stricter(Freshness(30, True)) == Freshness(30, True)
    assert Freshness(60, True).stricter(Freshness()) == Freshness()
