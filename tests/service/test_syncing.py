"""Keeping the replica true: whole readings and what changed, what is gone, failures, kills and who may read."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.service.given import FakeClock, TinyCrm, at, definition

from crmgraph.connectors.definition import Definition
from crmgraph.connectors.exchange import Call
from crmgraph.domain.errors import Unavailable
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Record, Ref
from crmgraph.service.holds import Busy
from crmgraph.service.replica import Question, Reached, Replica
from crmgraph.service.syncing import LEADER, WHOLE, Learner, Syncing
from crmgraph.store.opened import Opened


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Mortal:
    """A replica whose process is killed after so many pages."""

    inner: Replica
    pages: int

    async def take(self, read: list[Record], reached: Reached | None = None) -> None:
        if self.pages == 0:
            raise Killed
        self.pages -= 1
        await self.inner.take(read, reached)

    async def swept(self, before: datetime, reached: Reached) -> Sequence[Ref]:
        if self.pages == 0:
            raise Killed
        return await self.inner.swept(before, reached)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@dataclass
class Told(Learner):
    """What a learner was told."""

    known: set[str] = field(default_factory=set)
    whole: list[str] = field(default_factory=list)

    def learn(self, source: str, records: list[Record]) -> None:
        self.known |= {one.ref.id for one in records}

    def forget(self, ref: Ref) -> None:
        self.known.discard(ref.id)

    def completed(self, source: str, when: Any) -> None:
        self.whole.append(source)


async def no_sleep(seconds: float) -> None:
    """Time is not what this is about."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Opened]:
    CLOCK.time = 10_000.0
    opened = Opened(f"sqlite:///{tmp_path}/crmgraph.db", CLOCK, lambda size: bytes(size))
    yield opened
    await opened.aclose()


CLOCK = FakeClock()


def syncing(store: Opened, **how: Any) -> Syncing:
    return Syncing(how.pop("replica", store.replica), store.stores.locks, CLOCK, no_sleep, **how)


def crm(count: int = 7, made: Definition | None = None) -> TinyCrm:
    found = TinyCrm("a", made or definition("page", "createdAt asc", "none"))
    for number in range(count):
        found.put(
            str(number), given=f"N{number}", emails=[f"k{number}@x.example"], created=at(number), updated=at(0), at=1
        )
    return found


def unordered() -> Definition:
    """A CRM that can neither filter nor list by changes."""
    made = definition("page", "createdAt asc", "none")
    contact = made.resources["contact"]
    assert contact.spec.list is not None
    listing = contact.spec.list.model_copy(update={"order": {}})
    spec = contact.spec.model_copy(update={"list": listing})
    return replace(made, resources={"contact": replace(contact, spec=spec)})


def asked(source: TinyCrm) -> list[dict[str, Any]]:
    found = [orjson.loads(call.body or b"{}") for call in source.calls]
    source.calls.clear()
    return found


async def kept(store: Opened) -> list[str]:
    page = await store.replica.page(Question("a", Kind.CONTACT, 100, order=("createdAt", False)))
    return [row.ref.id for row in page.rows]


async def test_a_first_sync_keeps_everything_page_by_page(store: Opened) -> None:
    source, told = crm(), Told()
    (done,) = await syncing(store, learner=told).source(source)
    assert (done.read, done.gone, done.whole, done.failure) == (7, 0, True, None)
    assert [one["page"] for one in asked(source)] == [1, 2, 3]
    assert await kept(store) == [str(number) for number in range(7)]
    assert (told.known, told.whole) == ({str(number) for number in range(7)}, ["a"])


async def test_then_only_what_changed_is_read_the_last_change_first(store: Opened) -> None:
    source = crm()
    await syncing(store).source(source)
    asked(source)
    CLOCK.time += 3600
    source.rows["4"] |= {"given": "New", "updated": at(CLOCK.time - 5)}
    (done,) = await syncing(store).source(source)
    assert (done.read, done.whole) == (3, False), "One page, whose last records are older than the last sync."
    assert [(one["page"], one["sort"]) for one in asked(source)] == [(1, "-updated")]
    rows = await store.replica.by_refs([Ref("a", "contact", "4")])
    assert [row.raw["given"] for row in rows.values()] == ["New"]


async def test_a_list_that_tells_no_changes_is_read_whole(store: Opened) -> None:
    source = crm(made=unordered())
    await syncing(store).source(source)
    source.rows.pop("3")
    CLOCK.time += 60
    (done,) = await syncing(store).source(source)
    assert (done.read, done.gone, done.whole) == (6, 1, True)
    assert await kept(store) == ["0", "1", "2", "4", "5", "6"]


async def test_what_is_gone_is_found_out_by_a_whole_reading_once_a_day(store: Opened) -> None:
    source, told = crm(), Told()
    await syncing(store, learner=told).source(source)
    source.rows.pop("3")
    CLOCK.time += 3600
    (done,) = await syncing(store, learner=told).source(source)
    assert (done.gone, "3" in await kept(store)) == (0, True)
    CLOCK.time += WHOLE.total_seconds()
    (done,) = await syncing(store, learner=told).source(source)
    assert (done.gone, "3" in await kept(store), "3" in told.known) == (1, False, False)


async def test_a_deletion_while_the_list_is_read_takes_nobody_else_along(store: Opened) -> None:
    source = crm()
    await syncing(store).source(source)
    CLOCK.time += 60

    def delete(call: Call) -> None:
        if orjson.loads(call.body or b"{}")["page"] == 2:
            source.rows.pop("0", None)

    source.before_each = delete
    (done,) = await syncing(store).source(source, full=True)
    assert (done.whole, done.gone) == (True, 0), "It was seen before it went; the next whole reading tells."
    assert await kept(store) == [str(number) for number in range(7)]


async def test_a_list_that_never_stands_still_deletes_nobody(store: Opened) -> None:
    source = crm()
    await syncing(store).source(source)
    CLOCK.time += 60
    source.rows.pop("6")

    def add(call: Call) -> None:
        if orjson.loads(call.body or b"{}")["page"] == 2:
            number = 100 + len(source.rows)
            source.put(str(number), emails=[], created=at(number), updated=at(0), at=1)

    source.before_each = add
    (done,) = await syncing(store).source(source, full=True)
    assert (done.whole, done.gone) == (True, 0)
    assert "6" in await kept(store)


@pytest.mark.parametrize("pages", range(4))
async def test_after_a_kill_between_any_two_pages_the_reading_goes_on_where_it_was(store: Opened, pages: int) -> None:
    source = crm()
    with pytest.raises(Killed):
        await syncing(store, replica=Mortal(store.replica, pages)).source(source)
    before = asked(source)
    (done,) = await syncing(store).source(source)
    assert (done.read, done.whole) == (7, True)
    assert len(before) + len(asked(source)) == (4 if pages < 3 else 3), "Only the page that was not kept is read again."
    assert await kept(store) == [str(number) for number in range(7)]


async def test_a_failing_list_is_told_and_gone_on_with(store: Opened) -> None:
    source = crm()
    source.before_each = lambda call: fail() if orjson.loads(call.body or b"{}")["page"] == 3 else None

    def fail() -> None:
        raise Unavailable("a", "a did not answer.")

    told = Told()
    (done,) = await syncing(store, learner=told, attempts=2).source(source)
    assert (str(done.failure), told.whole) == ("a did not answer.", [])
    asked(source)
    source.before_each = lambda call: None
    (done,) = await syncing(store).source(source)
    assert [one["page"] for one in asked(source)] == [3]
    assert (done.read, done.whole) == (7, True)


async def test_one_worker_at_a_time_reads_a_source(store: Opened) -> None:
    async with store.stores.locks.hold("a", LEADER, 0):
        with pytest.raises(Busy):
            await syncing(store).source(crm())


async def test_a_younger_word_is_not_overwritten_by_an_older_one(store: Opened) -> None:
    source = crm(1)
    await syncing(store).source(source)
    ref = Ref("a", "contact", "0")
    (row,) = (await store.replica.by_refs([ref])).values()
    resource = source.definition.resources["contact"]
    older = resource.record({**row.raw, "given": "Old"}, "a", {}, row.fetched_at - timedelta(seconds=1))
    await store.replica.take([older])
    assert [one.raw["given"] for one in (await store.replica.by_refs([ref])).values()] == ["N0"]
