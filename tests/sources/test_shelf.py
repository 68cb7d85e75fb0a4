"""Replies that are kept: for a lifetime, or to ask whether they are still so; and what ends them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest
from tests.sources.given import FakeClock, Told, reading

from crmgraph.connectors.exchange import Call, Reply
from crmgraph.connectors.spec import OkSpec, ReplySpec
from crmgraph.domain.errors import Unavailable
from crmgraph.sources.flights import Read, shared
from crmgraph.sources.shelf import LEAST, OLDEST, Shelf, kept, renewed
from crmgraph.sources.tallying import tallied
from crmgraph.sources.writes import Writes

TAGGED = {"etag": '"7a"'}


class Crm:
    """Answers with what it holds, or 304 to who has it already; each call is written down."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self.headers = headers or {}
        self.content = b'{"is": 1}'
        self.status = 200
        self.calls: list[Call] = []

    async def __call__(self, asked: Call) -> Reply:
        self.calls.append(asked)
        if ("If-None-Match", self.headers.get("etag")) in asked.headers:
            return Reply(304, self.headers)
        return Reply(self.status, self.headers, self.content)


class Keeping:
    """A source that keeps replies, as the pool puts one together."""

    def __init__(self, crm: Crm, room: int = 100_000) -> None:
        self.crm, self.clock, self.writes, self.told = crm, FakeClock(), Writes(), Told()
        self.first: Callable[[], Awaitable[None]] | None = None
        self.shelf = shelf = Shelf(self.writes, self.clock, room)
        self._read: Read = kept(shared(renewed(tallied(self._send), shelf), self.writes), shelf)

    async def _send(self, asked: Call) -> Reply:
        if self.first is not None:
            await self.first()
        return await self.crm(asked)

    async def read(self, path: str = "/tags", lifetime: float = 0, **rest: object) -> Reply:
        return await self._read(reading(path, lifetime, **rest), self.told)

    @property
    def conditions(self) -> list[str]:
        """What each call asked of the reply we have."""
        asked = ("If-None-Match", "If-Modified-Since")
        return [next((value for name, value in one.headers if name in asked), "") for one in self.crm.calls]


async def test_without_a_lifetime_or_a_validator_every_question_is_asked_anew() -> None:
    source = Keeping(Crm())
    for _ in range(3):
        await source.read()
    assert (len(source.crm.calls), source.told.calls, source.told.ages) == (3, 3, [])


async def test_within_its_lifetime_a_reply_is_given_again_with_its_age() -> None:
    source = Keeping(Crm())
    for _ in range(3):
        assert (await source.read(lifetime=30)).content == b'{"is": 1}'
        source.clock.time += 12
    source.clock.time += 12
    await source.read(lifetime=30)
    assert (len(source.crm.calls), source.told.calls, source.told.ages) == (2, 2, [12, 24])


async def test_who_asks_for_a_shorter_lifetime_is_not_given_an_older_reply() -> None:
    source = Keeping(Crm())
    await source.read(lifetime=30)
    source.clock.time += 5
    await source.read(lifetime=4)
    await source.read()
    assert (len(source.crm.calls), source.told.ages) == (3, [])


async def test_age_is_counted_from_when_a_reply_was_asked_for() -> None:
    source = Keeping(Crm())

    async def it_takes_its_time() -> None:
        source.clock.time += 8

    source.first = it_takes_its_time
    await source.read(lifetime=30)
    await source.read(lifetime=30)
    assert source.told.ages == [8]


async def test_a_reply_with_a_tag_is_asked_for_again_only_if_it_changed() -> None:
    source = Keeping(Crm(TAGGED))
    first = await source.read()
    assert await source.read() == first
    source.crm.headers, source.crm.content = {"etag": '"7b"'}, b'{"is": 2}'
    assert (await source.read()).content == b'{"is": 2}'
    assert (await source.read()).content == b'{"is": 2}'
    assert source.conditions == ["", '"7a"', '"7a"', '"7b"']
    assert (source.told.calls, source.told.ages) == (4, [])


async def test_a_reply_that_is_still_so_lives_anew() -> None:
    source = Keeping(Crm(TAGGED))
    await source.read(lifetime=10)
    source.clock.time += 20
    await source.read(lifetime=10)
    source.clock.time += 5
    await source.read(lifetime=10)
    assert (source.conditions, source.told.ages) == (["", '"7a"'], [5])


@pytest.mark.parametrize("change", ["begun", "ended", "heard"])
async def test_a_write_ends_what_was_kept(change: str) -> None:
    source = Keeping(Crm(TAGGED))
    await source.read(lifetime=30)
    if change == "heard":
        source.writes.heard()
    else:
        source.writes.begin()
    if change == "ended":
        source.writes.end()
    await source.read(lifetime=30)
    assert (source.conditions, source.told.ages) == (["", ""], [])


async def test_what_is_read_while_a_write_is_under_way_is_not_kept() -> None:
    source = Keeping(Crm(TAGGED))
    source.writes.begin()
    await source.read(lifetime=30)
    await source.read(lifetime=30)
    source.writes.end()
    await source.read(lifetime=30)
    assert source.conditions == ["", "", ""]


async def test_a_reply_that_was_asked_for_before_a_write_is_not_kept_after_it() -> None:
    source = Keeping(Crm(TAGGED))

    async def somebody_writes() -> None:
        source.writes.begin()
        source.writes.end()

    source.first = somebody_writes
    await source.read(lifetime=30)
    await source.read(lifetime=30)
    assert (source.conditions, source.told.ages) == (["", ""], [])


async def test_a_failure_is_not_kept_however_the_crm_tells_it() -> None:
    source = Keeping(Crm(TAGGED))
    spec = ReplySpec(ok=OkSpec.model_validate({"path": "status", "is": ["success"]}))
    source.crm.content = b'{"status": "error"}'
    await source.read(lifetime=30, reply=spec)
    source.crm.content = b"<!DOCTYPE html>"
    await source.read(lifetime=30, reply=spec)
    source.crm.status, source.crm.content = 500, b"{}"
    await source.read(lifetime=30, reply=spec)
    source.crm.status, source.crm.content = 200, b'{"status": "success"}'
    await source.read(lifetime=30, reply=spec)
    await source.read(lifetime=30, reply=spec)
    assert source.conditions == ["", "", "", ""]


async def test_what_a_crm_wants_stored_nowhere_is_not_kept() -> None:
    source = Keeping(Crm({**TAGGED, "cache-control": "private, No-Store"}))
    for _ in range(2):
        await source.read(lifetime=30)
    assert source.conditions == ["", ""]


async def test_a_search_by_post_has_a_lifetime_but_is_never_asked_on_a_condition() -> None:
    source = Keeping(Crm(TAGGED))
    await source.read(method="POST", body=b"{}", lifetime=10)
    await source.read(method="POST", body=b"{}", lifetime=10)
    source.clock.time += 11
    await source.read(method="POST", body=b"{}", lifetime=10)
    assert (source.conditions, source.told.ages) == (["", ""], [0])


async def test_there_is_room_for_so_many_bytes_and_so_many_replies() -> None:
    """What was used last stays longest; what would take the whole room is not kept."""
    source = Keeping(Crm(TAGGED), room=3 * LEAST)
    for path in ("/a", "/b", "/c", "/a", "/d"):
        await source.read(path)
    source.crm.content = b'"' + b"x" * (4 * LEAST) + b'"'
    await source.read("/large")
    await source.read("/large")
    source.crm.calls.clear()
    for path in ("/a", "/c", "/d", "/b"):
        await source.read(path)
    assert source.conditions == ['"7a"', '"7a"', '"7a"', ""]


async def test_two_who_ask_at_once_ask_once_whether_it_is_still_so() -> None:
    source = Keeping(Crm(TAGGED))
    first = await source.read()
    assert await asyncio.gather(source.read(), source.read()) == [first, first]
    assert (source.conditions, source.told.calls, source.told.shared) == (["", '"7a"'], 2, 1)


async def test_a_304_that_nobody_asked_for_is_passed_on_as_it_is() -> None:
    source = Keeping(Crm())
    await source.read(lifetime=5)
    source.clock.time += 6
    source.crm.status = 304
    assert (await source.read(lifetime=5)).status == 304


async def test_a_source_that_fails_fails_for_who_has_an_old_reply_too() -> None:
    """An answer is never older than the definition lets it be."""

    source = Keeping(Crm())

    async def it_is_down() -> None:
        raise Unavailable("sales", "sales did not answer within 4 s.")

    await source.read(lifetime=5)
    source.first = it_is_down
    source.clock.time += 4
    await source.read(lifetime=5)
    source.clock.time += 1
    with pytest.raises(Unavailable):
        await source.read(lifetime=5)


async def test_what_was_read_is_remembered_for_who_takes_something_old_and_a_write_ends_it() -> None:
    source = Keeping(Crm())
    await source.read()
    source.clock.time += 90
    known = source.shelf.remembered(reading("/tags"))
    assert known is not None
    assert (known.reply.content, known.age) == (b'{"is": 1}', 90)
    assert source.shelf.remembered(reading("/users")) is None
    source.clock.time += OLDEST
    assert source.shelf.remembered(reading("/tags")) is None
    await source.read()
    source.writes.heard()
    assert source.shelf.remembered(reading("/tags")) is None


async def test_what_belongs_to_another_credential_is_not_remembered() -> None:
    source = Keeping(Crm())
    await source.read()
    assert source.shelf.remembered(replace(reading("/tags"), scope="another")) is None


async def test_a_failure_takes_nothing_away_from_what_is_remembered() -> None:
    source = Keeping(Crm())
    await source.read()
    source.crm.status = 503
    await source.read()
    known = source.shelf.remembered(reading("/tags"))
    assert known is not None
    assert known.reply.status == 200
