"""Reads under way that equal ones share: who joins, who is counted, and what happens when waiters go."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.sources.given import Told, call, reading

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.domain.errors import Unavailable
from crmgraph.sources.flights import shared
from crmgraph.sources.tallying import tallied
from crmgraph.sources.writes import Writes, noted

DOWN = "sales did not answer within 4 s."


@dataclass(eq=False)
class Upstream:
    """A call that the CRM has got and answers when it is told to."""

    call: Call
    began: int
    reply: "asyncio.Future[Reply]"
    stopped: bool = False


@dataclass
class Held:
    """A CRM that holds every call until it is told to answer."""

    calls: list[Upstream] = field(default_factory=list)
    moment: Callable[[], int] = lambda: 0

    async def __call__(self, asked: Call) -> Reply:
        one = Upstream(asked, self.moment(), asyncio.get_running_loop().create_future())
        self.calls.append(one)
        try:
            return await one.reply
        except asyncio.CancelledError:
            one.stopped = True
            raise

    def answer(self, number: int = -1) -> None:
        self.calls[number].reply.set_result(Reply(200, content=b"%d" % number))


async def _turns() -> None:
    """Let everything go on until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


def _asked(read: Callable[[Call, Told], Awaitable[Reply]], told: Told, path: str = "/a") -> "asyncio.Task[Reply]":
    return asyncio.ensure_future(read(reading(path), told))


async def test_who_asks_while_an_equal_call_is_under_way_shares_it_and_is_not_charged() -> None:
    crm, one, other = Held(), Told(), Told()
    read = shared(tallied(crm), Writes())
    tasks = [_asked(read, one), _asked(read, other), _asked(read, other)]
    await _turns()
    crm.answer()
    assert len({id(reply) for reply in await asyncio.gather(*tasks)}) == 1
    assert (len(crm.calls), one.calls, one.shared, other.calls, other.shared) == (1, 1, 0, 0, 2)


async def test_calls_that_differ_in_anything_are_made_each() -> None:
    crm, told = Held(), Told()
    read = shared(tallied(crm), Writes())
    different = [
        reading(),
        reading("/b"),
        reading(query=(("page", "2"),)),
        reading(headers=(("Version", "2"),)),
        reading(method="POST", body=b"{}"),
        Call("sales", "another scope", "GET", "/contacts", terms=reading().terms),
    ]
    tasks = [asyncio.ensure_future(read(one, told)) for one in different]
    await _turns()
    assert (len(crm.calls), told.calls) == (len(different), len(different))
    for number in range(len(different)):
        crm.answer(number)
    await asyncio.gather(*tasks)


async def test_a_call_that_has_ended_is_shared_with_nobody() -> None:
    crm, told = Held(), Told()
    read = shared(tallied(crm), Writes())
    for _ in range(2):
        task = _asked(read, told)
        await _turns()
        crm.answer()
        await task
    assert (len(crm.calls), told.calls) == (2, 2)


async def test_a_failure_is_everybodys_who_waits_and_nobodys_afterwards() -> None:
    crm, told = Held(), Told()
    read = shared(tallied(crm), Writes())
    tasks = [_asked(read, told) for _ in range(3)]
    await _turns()
    crm.calls[0].reply.set_exception(Unavailable("sales", DOWN))
    for task in tasks:
        with pytest.raises(Unavailable, match="did not answer"):
            await task
    again = _asked(read, told)
    await _turns()
    crm.answer()
    assert (await again).status == 200
    assert len(crm.calls) == 2


async def test_one_waiter_that_is_cancelled_takes_nothing_from_the_others() -> None:
    """Not even where it is the one that made the call."""
    crm, told = Held(), Told()
    read = shared(tallied(crm), Writes())
    first, second = _asked(read, told), _asked(read, told)
    await _turns()
    first.cancel()
    await _turns()
    assert first.cancelled()
    assert not crm.calls[0].stopped
    crm.answer()
    assert (await second).status == 200


async def test_each_waiter_keeps_its_own_deadline() -> None:
    crm, told = Held(), Told()
    read = shared(tallied(crm), Writes())
    patient = _asked(read, told)
    await _turns()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await read(reading("/a"), told)
    crm.answer()
    assert (await patient).status == 200
    assert len(crm.calls) == 1


async def test_when_the_last_waiter_goes_the_call_is_stopped_and_has_ended_by_then() -> None:
    crm, told = Held(), Told()
    read = shared(tallied(crm), Writes())
    tasks = [_asked(read, told) for _ in range(2)]
    await _turns()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert crm.calls[0].stopped
    assert len(asyncio.all_tasks()) == 1


async def test_who_asks_just_as_a_call_is_stopped_starts_another() -> None:
    crm, told = Held(), Told()
    read = shared(tallied(crm), Writes())
    first = _asked(read, told)
    await _turns()
    first.cancel()
    await asyncio.sleep(0)
    second = _asked(read, told)
    await _turns()
    crm.answer()
    assert (await second).status == 200
    assert [one.stopped for one in crm.calls] == [True, False]


async def test_a_failure_that_comes_as_everybody_goes_is_not_reported_as_unseen() -> None:
    crm, unseen = Held(), list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context["message"]))
    task = _asked(shared(tallied(crm), Writes()), Told())
    await _turns()
    crm.calls[0].reply.set_exception(Unavailable("sales", DOWN))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    del task
    await _turns()
    assert unseen == []


async def test_after_a_write_began_nobody_joins_a_read_from_before() -> None:
    crm, told, writes = Held(), Told(), Writes()
    read, write = shared(tallied(crm), writes), noted(crm, writes)
    before = _asked(read, told)
    await _turns()
    writing = asyncio.ensure_future(write(call(method="PUT")))
    await _turns()
    during = [_asked(read, told) for _ in range(2)]
    await _turns()
    crm.answer(1)
    await writing
    after = [_asked(read, told) for _ in range(2)]
    await _turns()
    # One read from before, the write, two reads alone while it was under way, and one that the last two share.
    assert [one.call.method for one in crm.calls] == ["GET", "PUT", "GET", "GET", "GET"]
    for number in (0, 2, 3, 4):
        crm.answer(number)
    await asyncio.gather(before, *during, *after)


@pytest.mark.parametrize("failure", [Unavailable("sales", DOWN), None])
async def test_a_write_that_failed_or_was_cancelled_may_have_been_done(failure: Exception | None) -> None:
    crm, told, writes = Held(), Told(), Writes()
    read, write = shared(tallied(crm), writes), noted(crm, writes)
    writing = asyncio.ensure_future(write(call(method="PUT")))
    await _turns()
    during = _asked(read, told)
    await _turns()
    if failure is None:
        writing.cancel()
    else:
        crm.calls[0].reply.set_exception(failure)
    await asyncio.gather(writing, return_exceptions=True)
    after = _asked(read, told)
    await _turns()
    assert len(crm.calls) == 3
    crm.answer(1)
    crm.answer(2)
    await asyncio.gather(during, after)


async def test_what_another_worker_wrote_parts_reads_too() -> None:
    crm, told, writes = Held(), Told(), Writes()
    read = shared(tallied(crm), writes)
    before = _asked(read, told)
    await _turns()
    writes.heard()
    after = _asked(read, told)
    await _turns()
    assert len(crm.calls) == 2
    crm.answer(0)
    crm.answer(1)
    await asyncio.gather(before, after)


@dataclass(eq=False)
class Asking:
    """Somebody who reads: `asked` is the moment; `quiet` whether no write was under way then."""

    path: str
    asked: int
    quiet: bool
    told: Told
    task: "asyncio.Task[Reply]"
    left: bool = False


class Flying(RuleBasedStateMachine):
    """Reads and writes in any order, with waiters that go and calls that fail, against what must always be so."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.time = 0
        self.crm = Held(moment=lambda: self.time)
        self.writes = Writes()
        self.read = shared(tallied(self.crm), self.writes)
        self.asking: list[Asking] = []
        self.changes: list[int] = []
        self.under_way = 0

    def teardown(self) -> None:
        for one in self.asking:
            one.task.cancel()
        self._run()
        assert not asyncio.all_tasks(self.loop)
        self.loop.close()

    def _run(self) -> None:
        self.time += 1
        self.loop.run_until_complete(_turns())

    def _held(self) -> list[Upstream]:
        return [one for one in self.crm.calls if not one.reply.done()]

    @rule(path=st.sampled_from(["/a", "/b"]))
    def ask(self, path: str) -> None:
        told = Told()

        async def begin() -> "asyncio.Task[Reply]":
            return _asked(self.read, told, path)

        task = self.loop.run_until_complete(begin())
        self.asking.append(Asking(path, self.time, not self.under_way, told, task))
        self._run()

    @precondition(lambda self: any(not one.task.done() for one in self.asking))
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.asking if not one.task.done()]))
        one.left = True
        one.task.cancel()
        self._run()

    @precondition(lambda self: self._held())
    @rule(data=st.data(), fails=st.booleans())
    def answer(self, data: st.DataObject, fails: bool) -> None:
        one = data.draw(st.sampled_from(self._held()))
        number = self.crm.calls.index(one)
        if fails:
            one.reply.set_exception(Unavailable("sales", str(number)))
        else:
            self.crm.answer(number)
        self._run()

    @rule()
    def write(self) -> None:
        self.writes.begin()
        self.under_way += 1
        self.changes.append(self.time)
        self._run()

    @precondition(lambda self: self.under_way)
    @rule()
    def written(self) -> None:
        self.writes.end()
        self.under_way -= 1
        self.changes.append(self.time)
        self._run()

    @rule()
    def hear(self) -> None:
        self.writes.heard()
        self.changes.append(self.time)
        self._run()

    @invariant()
    def each_call_is_counted_once(self) -> None:
        assert sum(one.told.calls for one in self.asking) == len(self.crm.calls)
        assert all(one.told.calls + one.told.shared == 1 for one in self.asking)

    @invariant()
    def who_waits_is_answered_and_only_who_left_is_not(self) -> None:
        for one in self.asking:
            assert one.task.cancelled() == one.left

    @invariant()
    def what_nobody_waits_for_is_stopped_and_nothing_else(self) -> None:
        waited = {one.path for one in self.asking if not one.task.done()}
        assert {one.call.path for one in self._held()} == waited

    @invariant()
    def nobody_is_told_of_the_time_before_a_write(self) -> None:
        for one in self.asking:
            if one.left or not one.task.done():
                continue
            failure = one.task.exception()
            number = int(str(failure) if failure is not None else one.task.result().content)
            began = self.crm.calls[number].began
            assert self.crm.calls[number].call.path == one.path
            if began < one.asked:
                assert one.quiet
                assert not any(began <= change < one.asked for change in self.changes)


TestFlying = Flying.TestCase
TestFlying.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
