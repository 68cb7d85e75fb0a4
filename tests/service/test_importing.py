"""Imports against the simulated CRMs: each row's outcome, each source's pace, and workers that die on the way."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.service.bench import Bench, row

from crmgraph.service.importing.lane import FAILURES
from crmgraph.service.imports import ImportMode, ImportState, ItemOutcome
from crmgraph.service.writing.mistakes import MistakeCode, Mistaken
from crmgraph.service.writing.results import WriteOutcome

IMPORT = "POST /api/v1/contacts/import"
LEASE = 40.0
"""Seconds after which a worker that has not beaten holds nothing any more."""


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    await made.close()


def org(bench: Bench, number: int) -> list[Mapping[str, Any]]:
    """The org-scoped CRM's contacts of a row."""
    contacts = bench.crms["orgcrm"].state.contacts.values()
    return [one for one in contacts if one["email"] == f"p{number}@rows.example"]


async def test_a_row_is_told_by_each_source_that_it_goes_to(bench: Bench) -> None:
    worker = bench.worker("bigcontacts", "orgcrm")
    nameless = {"email": "nameless@rows.example", "companyName": "Nobody Inc"}
    begun = await worker.imported([row(0), nameless, row(2, tags=["vip"])])
    assert (begun.state, begun.total) == (ImportState.DONE, 3)
    assert await worker.counts(begun) == {ItemOutcome.DONE: 2, ItemOutcome.REJECTED: 1}
    results = await worker.results(begun)
    assert {number: {one.source: one.outcome for one in some} for number, some in results.items()} == {
        0: {"bigcontacts": WriteOutcome.DONE, "orgcrm": WriteOutcome.DONE},
        1: {"bigcontacts": WriteOutcome.REJECTED, "orgcrm": WriteOutcome.REJECTED},
        2: {"bigcontacts": WriteOutcome.DONE, "orgcrm": WriteOutcome.DONE},
    }
    said = {one.source: one.error.message for one in results[1] if one.error is not None}
    assert said["orgcrm"] == "Field required"
    assert "without givenName, familyName" in said["bigcontacts"]
    assert [one.number for one in await worker.items(begun, ItemOutcome.REJECTED)] == [1]


async def test_the_crms_own_import_takes_as_many_rows_in_a_call_as_it_can(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    begun = await worker.imported([row(number) for number in range(250)])
    assert await worker.counts(begun) == {ItemOutcome.DONE: 250}
    assert bench.written("orgcrm") == [IMPORT, IMPORT]
    bench.crms["orgcrm"].clear()
    again = await worker.imported([row(number) for number in range(250)])
    assert await worker.counts(again) == {ItemOutcome.UNCHANGED: 250}
    assert bench.written("orgcrm") == [IMPORT, IMPORT]


async def test_what_the_crms_own_import_would_drop_is_written_row_by_row(bench: Bench) -> None:
    """Its import takes no tags, has room for one e-mail, and would put half a name in the place of a whole one."""
    worker = bench.worker("orgcrm")
    rows = [row(0), row(1, tags=["vip"]), row(2, emails=["second@rows.example"]), {"email": "p3@rows.example"}]
    await worker.imported([*rows[:3], {**rows[3], "givenName": "Pat"}])
    assert sorted(bench.written("orgcrm")) == [*["POST /api/v1/contacts"] * 3, IMPORT]
    assert [one["tags"] for one in org(bench, 1)] == [["vip"]]


async def test_everybody_is_made_where_nobody_is_to_be_matched(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    await worker.imported([row(0), row(0)], mode=ImportMode.CREATE)
    assert len(org(bench, 0)) == 2
    assert bench.written("orgcrm") == ["POST /api/v1/contacts"] * 2


async def test_what_a_person_has_stays_when_a_row_brings_more(bench: Bench) -> None:
    worker = bench.worker("concord")
    known = row(0, phone="+14155550171", tags=["vip"])
    await worker.imported([known])
    more = {"email": "P0@rows.example", "phone": "+14155550172", "tags": ["new"], "jobTitle": "Rower"}
    begun = await worker.imported([more])
    assert await worker.counts(begun) == {ItemOutcome.DONE: 1}
    (there,) = [one for one in bench.crms["concord"].state.tables["contacts"].values() if one["last_name"] == "Row0"]
    assert there["email"] == "p0@rows.example"
    assert [one["number"] for one in there["phones"]] == ["+14155550172", "+14155550171"]
    assert [one["name"] for one in there["tags"]] == ["vip", "new"]


async def test_the_main_e_mail_stays_the_main_one_and_others_come_behind_it(bench: Bench) -> None:
    worker = bench.worker("bigcontacts")
    await worker.imported([row(0, emails=["second@rows.example"])])
    begun = await worker.imported([{"email": "second@rows.example", "emails": ["third@rows.example"]}])
    assert await worker.counts(begun) == {ItemOutcome.DONE: 1}
    (there,) = [one for one in bench.crms["bigcontacts"].state.contacts.values() if one["last_name"] == "Row0"]
    emails = [one["email"] for one in there["emails"]]
    assert emails == ["p0@rows.example", "second@rows.example", "third@rows.example"]


async def test_a_row_that_fits_several_records_is_refused(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    await worker.imported([row(0), row(0)], mode=ImportMode.CREATE)
    begun = await worker.imported([row(0, tags=["vip"])])
    ((result,),) = (await worker.results(begun)).values()
    assert result.outcome is WriteOutcome.REJECTED
    assert result.error is not None
    assert result.error.message.startswith("orgcrm has 2 contacts with this e-mail or phone")


async def test_a_source_that_cannot_be_asked_for_a_phone_makes_no_second_person(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    begun = await worker.imported([{"fullName": "Pat Phone", "phone": "+14155550173"}])
    assert await worker.counts(begun) == {ItemOutcome.UNSUPPORTED: 1}
    assert bench.written("orgcrm") == []


async def test_a_dry_run_tells_what_would_be_sent_and_sends_nothing(bench: Bench) -> None:
    worker = bench.worker("bigcontacts", "orgcrm")
    begun = await worker.imported([row(0), row(1)], dry_run=True)
    assert await worker.counts(begun) == {ItemOutcome.DONE: 2}
    told = [one for some in (await worker.results(begun)).values() for one in some]
    calls = {(one.source, call.path) for one in told for call in one.calls}
    assert calls == {("bigcontacts", "/contacts.json"), ("orgcrm", "/contacts/import")}
    assert bench.written("orgcrm") + bench.written("bigcontacts") == []


async def test_a_throttled_source_is_waited_for(bench: Bench) -> None:
    worker = bench.worker("bigcontacts")
    bench.crms["bigcontacts"].faults.set("status", status=429, retry_after=30, times=4)
    began = bench.clock.now()
    begun = await worker.imported([row(number) for number in range(12)])
    assert (begun.state, await worker.counts(begun)) == (ImportState.DONE, {ItemOutcome.DONE: 12})
    assert (bench.clock.now() - began).total_seconds() >= 60
    assert len(bench.written("bigcontacts")) == 12


async def test_a_source_that_is_away_is_given_up_and_the_others_rows_are_done(bench: Bench) -> None:
    worker = bench.worker("bigcontacts", "orgcrm")
    bench.crms["bigcontacts"].faults.set("status", status=503)
    begun = await worker.imported([row(number) for number in range(30)], key="k")
    assert begun.state is ImportState.STOPPED
    assert begun.reason is not None
    assert "bigcontacts" in begun.reason
    assert len(bench.crms["bigcontacts"].log) <= 2 * FAILURES, "Look-ups are retried, within their budget."
    assert all(org(bench, number) for number in range(30))
    bench.crms["bigcontacts"].faults.clear()
    again = await worker.imported([row(number) for number in range(30)], key="k")
    assert (again.id, again.state) == (begun.id, ImportState.DONE)
    assert await worker.counts(begun) == {ItemOutcome.DONE: 30}
    assert bench.written("orgcrm") == [IMPORT]


async def test_credentials_that_are_refused_stop_an_import_at_once(bench: Bench) -> None:
    worker = bench.worker("bigcontacts")
    bench.crms["bigcontacts"].faults.set("status", status=401)
    begun = await worker.imported([row(number) for number in range(30)])
    assert begun.state is ImportState.STOPPED
    assert await worker.counts(begun) == {ItemOutcome.PENDING: 30}
    assert len(bench.crms["bigcontacts"].log) <= 2


async def test_a_source_that_is_configured_no_more_stops_an_import(bench: Bench) -> None:
    begun = await bench.worker("bigcontacts", "orgcrm").begin([row(0)])
    worker = bench.worker("orgcrm")
    stopped = await worker.work(begun)
    assert (stopped.state, stopped.reason) == (ImportState.STOPPED, "bigcontacts is not configured here any more.")
    assert org(bench, 0)


@pytest.mark.parametrize("mode", ImportMode)
@pytest.mark.parametrize("reached", [True, False])
async def test_a_worker_that_dies_over_a_row_leaves_it_to_be_found_out(
    bench: Bench, reached: bool, mode: ImportMode
) -> None:
    """Whether or not the CRM was reached, another worker finds the row there or writes it, and writes none twice."""
    dying, other = bench.worker("orgcrm"), bench.worker("orgcrm")
    begun = await dying.begin([row(number, tags=["vip"]) for number in range(9)], mode=mode)
    made = 0

    def fifth(request: Any) -> bool:
        nonlocal made
        made += request.method == "POST" and request.url.path.endswith("/contacts")
        return made >= 5 and request.method == "POST"

    work = await dying.freeze("orgcrm", fifth, does=reached)
    assert await other.app.stores.imports.claim() is None
    bench.clock.pass_(LEASE)
    await other.work(begun)
    assert await other.counts(begun) == {ItemOutcome.DONE: 9}
    assert [len(org(bench, number)) for number in range(9)] == [1] * 9
    work.cancel()


@pytest.mark.parametrize("reached", [True, False])
async def test_a_worker_that_dies_over_the_crms_own_import_leaves_it_to_be_found_out(
    bench: Bench, reached: bool
) -> None:
    dying, other = bench.worker("orgcrm"), bench.worker("orgcrm")
    begun = await dying.begin([row(number) for number in range(5)])
    work = await dying.freeze("orgcrm", lambda request: request.url.path.endswith("/import"), does=reached)
    bench.clock.pass_(LEASE)
    bench.crms["orgcrm"].clear()
    done = await other.work(begun)
    assert (done.state, await other.counts(begun)) == (ImportState.DONE, {ItemOutcome.DONE: 5})
    assert [len(org(bench, number)) for number in range(5)] == [1] * 5
    assert bench.written("orgcrm") == ([] if reached else [IMPORT])
    ids = {one.record for some in (await other.results(begun)).values() for one in some}
    assert (None in ids) is not reached
    work.cancel()


async def test_an_import_that_is_not_answered_is_found_out_while_its_worker_goes_on(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    bench.crms["orgcrm"].faults.set("truncate", path="/api/v1/contacts/import", times=1)
    begun = await worker.imported([row(number) for number in range(5)])
    assert await worker.counts(begun) == {ItemOutcome.DONE: 5}
    assert bench.written("orgcrm") == [IMPORT]


async def test_a_key_stands_for_one_import(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    one = await worker.begin([row(0)], key="k")
    assert (await worker.begin([row(0)], key="k")).id == one.id
    assert (await worker.begin([row(0)])).id != one.id
    with pytest.raises(Mistaken) as told:
        await worker.begin([row(1)], key="k")
    assert told.value.mistakes[0].code is MistakeCode.CONFLICT


async def test_every_mistake_is_told_at_once_with_its_row(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    rows = [
        {"emial": "a@rows.example", "givenName": 5},
        {"email": "nobody", "phone": "12", "birthDate": "tomorrow", "tags": "vip", "customFields": []},
        row(2, phone=None, tags=[]),
        {"email": "P2@rows.example"},
        {"givenName": "Keyless"},
        {"email": ""},
    ]
    with pytest.raises(Mistaken) as told:
        await worker.begin(rows, sources=("orgcrm", "nowhere"))
    assert [(".".join(one.field), one.code) for one in told.value.mistakes] == [
        ("sources", MistakeCode.NOT_FOUND),
        ("contacts.0.emial", MistakeCode.INVALID),
        ("contacts.0.givenName", MistakeCode.INVALID),
        ("contacts.0", MistakeCode.REQUIRED),
        ("contacts.1.tags", MistakeCode.INVALID),
        ("contacts.1.email", MistakeCode.INVALID),
        ("contacts.1.phone", MistakeCode.INVALID),
        ("contacts.1.birthDate", MistakeCode.INVALID),
        ("contacts.3", MistakeCode.CONFLICT),
        ("contacts.4", MistakeCode.REQUIRED),
        ("contacts.5", MistakeCode.REQUIRED),
    ]
    assert told.value.mistakes[1].message == "There is no field `emial`; `email` is near it."
    assert bench.crms["orgcrm"].log == []


async def test_an_import_has_at_least_one_row_and_at_the_most_ten_thousand(bench: Bench) -> None:
    worker = bench.worker("orgcrm")
    with pytest.raises(Mistaken, match="nothing to import"):
        await worker.begin([])
    with pytest.raises(Mistaken, match="These are 10001 rows; one import takes 10000"):
        await worker.begin([row(number) for number in range(10_001)])
