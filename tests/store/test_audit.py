"""The audit log: one unbroken chain over all workers, in which nothing can be changed unnoticed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update
from tests.store.given import DONE, FAILED, NOON, UNKNOWN, Crew, plan
from tests.store.test_crashes import started

from crmgraph.domain.errors import InputError
from crmgraph.service.auditing import Broken, Entry, Head, Wanted, Written, chained, head_of, verified
from crmgraph.service.intents import Outcome, PlannedStep, StepState
from crmgraph.service.writing.results import Result, WriteOutcome, to_json
from crmgraph.store.audit import DatabaseAudit
from crmgraph.store.database import Database
from crmgraph.store.journal import DatabaseJournal
from crmgraph.store.tables import audit_entries, audit_head

texts = st.text(max_size=8)
entries = st.builds(
    Entry,
    who=texts,
    what=st.sampled_from(["createContact", "webhook"]),
    outcome=st.sampled_from(["DONE", "REFUSED"]),
    source=st.none() | texts,
    resource=st.none() | st.just("contact"),
    action=st.none() | st.just("UPDATE"),
    record=st.none() | texts,
    times=st.integers(1, 9),
)


@dataclass
class Rows:
    """A log as rows that anybody may alter."""

    rows: list[Written]
    noted: Head

    async def page(self, after: int, most: int) -> Sequence[Written]:
        """The next entries behind a number."""
        return sorted((one for one in self.rows if one.number > after), key=lambda one: one.number)[: min(most, 3)]

    async def latest(self, wanted: Wanted, most: int) -> Sequence[Written]:
        """Not asked for here."""
        raise NotImplementedError

    async def head(self) -> Head:
        """As it was noted."""
        return self.noted


def rows_of(told: Sequence[Entry]) -> Rows:
    written = chained(Head(), NOON, told)
    return Rows(written, Head(written[-1].number, written[-1].hash))


@given(st.lists(entries, min_size=1, max_size=8))
def test_a_log_that_nobody_altered_is_what_was_written(told: list[Entry]) -> None:
    rows = rows_of(told)
    assert asyncio.run(verified(rows)) == rows.noted
    for one in rows.rows:
        assert asyncio.run(verified(rows, Head(one.number, one.hash))) == rows.noted


@given(st.lists(entries, min_size=2, max_size=8), st.data())
def test_whatever_is_done_to_the_rows_is_found_where_it_begins(told: list[Entry], data: st.DataObject) -> None:
    """Altered, taken out, put in, moved: the first entry that is not what was written is named."""
    rows = rows_of(told)
    at = data.draw(st.integers(0, len(told) - 1), "where")
    one = rows.rows[at]
    match data.draw(st.sampled_from(["alter", "later", "delete", "insert", "swap", "add"]), "what"):
        case "alter":
            other = data.draw(entries.filter(lambda entry: chained(Head(), NOON, [entry])[0].entry != one.entry))
            rows.rows[at] = replace(one, entry=chained(Head(), NOON, [other])[0].entry)
        case "later":
            rows.rows[at] = replace(one, at=one.at + 1)
        case "delete":
            del rows.rows[at]
        case "insert":
            rows.rows[at:] = [replace(each, number=each.number + 1) for each in rows.rows[at:]]
            head = Head(at, rows.rows[at - 1].hash) if at else Head()
            rows.rows += chained(head, NOON, [Entry("eve", "nothing", "DONE")])
            at += 1  # The one put in follows well; what it was put before does not follow it.
        case "swap":
            to = data.draw(st.integers(0, len(told) - 1).filter(lambda to: to != at))
            rows.rows[at], rows.rows[to] = (
                replace(rows.rows[to], number=one.number),
                replace(one, number=rows.rows[to].number),
            )
            at = min(at, to)
        case "add":
            rows.rows += chained(rows.noted, NOON, [Entry("eve", "nothing", "DONE")])
            at = len(told)
    with pytest.raises(Broken) as broken:
        asyncio.run(verified(rows))
    assert broken.value.number == at + 1


@given(st.lists(entries, min_size=2, max_size=8), st.data())
def test_a_log_made_anew_without_its_end_is_told_by_a_head_that_was_kept_elsewhere(
    told: list[Entry], data: st.DataObject
) -> None:
    """Whoever writes all of the log anew makes it whole; only what lies elsewhere contradicts."""
    kept = rows_of(told).noted
    cut = data.draw(st.integers(1, len(told) - 1))
    forged = rows_of(told[:cut])
    assert asyncio.run(verified(forged)) == forged.noted
    with pytest.raises(Broken) as broken:
        asyncio.run(verified(forged, kept))
    assert broken.value.number == cut + 1
    other = replace(told[0], who=told[0].who + "x")
    if chained(Head(), NOON, [other]) != chained(Head(), NOON, told[:1]):
        with pytest.raises(Broken) as broken:
            asyncio.run(verified(rows_of([other, *told[1:]]), kept))
        assert broken.value.number == kept.number


@pytest.mark.parametrize("text", ["", "3", "3:abc", f"-1:{'0' * 64}", f"1:{'g' * 64}", f"1:{'0' * 65}"])
def test_what_is_no_head_is_told(text: str) -> None:
    with pytest.raises(InputError, match="crmgraph audit head"):
        head_of(text)


def test_a_head_is_read_as_it_was_printed() -> None:
    head = Head(12, "ab" * 32)
    assert head_of(f"{head}\n") == head


async def test_an_empty_log_is_whole(database: Database, crew: Crew) -> None:
    assert await verified(DatabaseAudit(database, crew.worker())) == Head()


async def test_entries_are_read_as_they_were_told_the_newest_first(database: Database, crew: Crew) -> None:
    log = DatabaseAudit(database, crew.worker())
    told = [Entry("ada", "updateContact", "DONE", "sales", "contact", "UPDATE", f"r{number}") for number in range(5)]
    await log.note(*told[:3])
    await log.note(*told[3:])
    assert [one.entry for one in await log.latest(Wanted(), 2)] == [told[4], told[3]]
    assert [one.entry for one in await log.latest(Wanted(source="sales", record="r1", who="ada"), 9)] == [told[1]]
    assert [one.number for one in await log.latest(Wanted(before=3), 9)] == [2, 1]
    assert await log.latest(Wanted(who="eve"), 9) == []


async def test_what_cannot_be_printed_or_is_very_long_cannot_come_into_the_log(database: Database, crew: Crew) -> None:
    log = DatabaseAudit(database, crew.worker())
    await log.note(Entry("a\0d\ud800a\n", "x" * 5_000, "DONE", record="\x1b[2J"))
    (one,) = await log.latest(Wanted(), 1)
    assert (one.entry.who, len(one.entry.what), one.entry.record) == ("a\ufffdd\ufffda\ufffd", 200, "\ufffd[2J")
    assert (await verified(log)).number == 1


@pytest.mark.parametrize(
    "harm",
    [
        update(audit_entries).where(audit_entries.c.number == 2).values(who="eve"),
        update(audit_entries).where(audit_entries.c.number == 2).values(hash="0" * 64),
        update(audit_entries).where(audit_entries.c.number == 2).values(at=2**62),
        delete(audit_entries).where(audit_entries.c.number == 2),
    ],
)
async def test_rows_that_were_altered_are_found(database: Database, crew: Crew, harm: object) -> None:
    log = DatabaseAudit(database, crew.worker())
    await log.note(*[Entry("ada", "x", "DONE", record=str(number)) for number in range(3)])
    assert (await verified(log)).number == 3
    await database.write(lambda connection: connection.execute(harm))
    with pytest.raises(Broken) as broken:
        await verified(log)
    assert broken.value.number == 2


async def test_an_end_that_was_cut_off_is_found(database: Database, crew: Crew) -> None:
    log = DatabaseAudit(database, crew.worker())
    await log.note(*[Entry("ada", "x", "DONE", record=str(number)) for number in range(3)])
    kept = await log.head()
    await database.write(lambda connection: connection.execute(delete(audit_entries).where(audit_entries.c.number > 2)))
    with pytest.raises(Broken, match="Entry 3 is missing"):
        await verified(log)
    (last,) = await log.latest(Wanted(), 1)
    row = {"number": last.number, "hash": last.hash}
    await database.write(lambda connection: connection.execute(update(audit_head).values(row)))
    assert (await verified(log)).number == 2
    with pytest.raises(Broken, match="Entry 3 is missing"):
        await verified(log, kept)


async def test_many_who_append_at_once_make_one_chain(url: str, crew: Crew) -> None:
    databases = [Database(url) for _ in range(3)]
    logs = [DatabaseAudit(one, crew.worker()) for one in databases]
    told = [Entry(f"worker {at % 3}", "x", "DONE", record=str(at)) for at in range(30)]
    await asyncio.gather(*(logs[at % 3].note(one) for at, one in enumerate(told)))
    assert (await verified(logs[0])).number == 30
    found = await logs[0].latest(Wanted(), 100)
    assert {one.entry.record for one in found} == {str(at) for at in range(30)}
    for one in databases:
        await one.aclose()


async def test_processes_that_write_at_once_make_one_chain(url: str, crew: Crew) -> None:
    database = Database(url)
    log = DatabaseAudit(database, crew.worker())
    await log.note(Entry("ada", "x", "DONE"))
    processes = [started("note", url, "25") for _ in range(2)]
    for process in processes:
        await asyncio.to_thread(process.communicate)
    assert [process.returncode for process in processes] == [0, 0]
    assert (await verified(log)).number == 51
    await database.aclose()


async def test_what_a_step_came_to_is_in_the_log_when_the_journal_has_it(database: Database, crew: Crew) -> None:
    """Each source for itself, what is found out later besides, and by whom it was asked for."""
    worker = crew.worker()
    journal, log = DatabaseJournal(database, worker), DatabaseAudit(database, worker)
    intent = await journal.open(plan("sales", "support"))
    assert await log.latest(Wanted(), 9) == []
    for step, outcome in ((0, UNKNOWN), (1, FAILED)):
        await journal.sending(intent, step)
        await journal.settled(intent, step, outcome)
    await journal.resolve(intent, 0, DONE)
    told = [one.entry for one in await log.page(0, 9)]
    assert told == [
        Entry("ada", "updateContact", state, source, "contact", "update", "r1")
        for state, source in (("UNKNOWN", "sales"), ("FAILED", "support"), ("DONE", "sales"))
    ]
    assert (await verified(log)).number == 3


async def test_records_that_were_imported_together_are_told_one_by_one(database: Database, crew: Crew) -> None:
    worker = crew.worker()
    journal, log = DatabaseJournal(database, worker), DatabaseAudit(database, worker)
    step = PlannedStep("sales", "contact", "IMPORT")
    intent = await journal.open(replace(plan("sales"), mutation="importContacts", steps=(step,)))
    await journal.sending(intent, 0)
    results = [
        Result("sales", "contact", WriteOutcome.DONE, "c1"),
        Result("sales", "contact", WriteOutcome.REJECTED),
    ]
    await journal.settled(intent, 0, Outcome(StepState.DONE, told=to_json(results)))
    told = [(one.entry.outcome, one.entry.record) for one in await log.page(0, 9)]
    assert told == [("DONE", "c1"), ("REJECTED", None)]
