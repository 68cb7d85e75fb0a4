"""What is special about writing to Concord: types by id, days and clocks apart, records that a note is about."""

from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from tests.conformance.test_writes import Desk

from crmgraph.connectors.writes import Outcome, Refused, Written, tables_written
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Custom, Link

EVENING = datetime(2026, 3, 4, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
"""The next day in UTC."""


class Office(Desk):
    """A fresh account, what is written in it and what that sends."""

    def __init__(self) -> None:
        super().__init__("concord")

    async def add(self, part: str, **values: Any) -> Written:
        written: Written = await self.world.run((await self.writer()).create(self.resource(part), values))
        return written

    async def change(self, part: str, ident: str | None, **values: Any) -> Written:
        written: Written = await self.world.run((await self.writer()).update(self.resource(part), str(ident), values))
        return written

    def sent(self) -> tuple[str, str, Any]:
        """The last writing call."""
        call = [call for call in self.world.calls if call.method != "GET"][-1]
        return call.method, call.path, orjson.loads(call.body or b"null")


async def test_a_day_and_a_clock_are_written_apart_and_in_utc() -> None:
    office = Office()
    made, _ = await office.make("task")
    moved = await office.change("task", made.id, dueAt=EVENING)
    assert (moved.outcome, moved.altered) == (Outcome.DONE, ())
    assert (moved.after["due_date"], moved.after["due_time"]) == ("2026-03-05", "04:30")
    assert await office.value("task", moved, "dueAt") == EVENING


async def test_a_meeting_has_the_type_of_that_name() -> None:
    office = Office()
    talk = {"subject": "Patent", "owner": await office.first("user"), "startsAt": EVENING}
    made = await office.add("activity", kind="MEETING", **talk)
    types = {name: int(ident) for ident, name in office.world.tables["activityTypes"].items()}
    assert "activityTypes" in tables_written(office.resource("activity"), ["kind"])
    assert office.sent()[2]["activity_type_id"] == types["Meeting"]
    called = await office.change("activity", made.id, kind="CALL")
    assert await office.value("activity", called, "kind") == "CALL"
    assert office.sent()[2]["activity_type_id"] == types["Call"]


async def test_a_type_that_is_no_meeting_and_no_call_is_refused_before_any_call() -> None:
    office = Office()
    made, _ = await office.make("activity")
    with pytest.raises(InputError, match="`kind` cannot be APPOINTMENT here; the CRM knows MEETING, CALL"):
        await office.change("activity", made.id, kind="APPOINTMENT")


async def test_an_activity_of_a_whole_day_can_be_changed() -> None:
    office = Office()
    made, _ = await office.make("activity")
    whole = office.world.reader.get(office.resource("activity"), str(made.id))
    record = await office.world.run(whole) | {"due_time": None}
    writer = await office.writer()
    flow = writer.update(office.resource("activity"), str(made.id), {"subject": "All day"}, before=record)
    assert (await office.world.run(flow)).altered == ()
    assert office.sent()[2] == {
        "title": "All day",
        "user_id": made.after["user_id"],
        "due_date": made.after["due_date"],
    }


async def test_a_deal_is_won_and_lost_and_keeps_its_name_and_stage() -> None:
    office = Office()
    made, _ = await office.make("opportunity")
    lost = await office.change("opportunity", made.id, status="LOST", lostReason="Too dear")
    assert (lost.outcome, lost.altered) == (Outcome.DONE, ())
    assert office.sent()[2] == {
        "name": made.after["name"],
        "stage_id": made.after["stage_id"],
        "status": "lost",
        "lost_reason": "Too dear",
    }
    with pytest.raises(InputError, match="`status` cannot be ABANDONED here; the CRM knows OPEN, WON, LOST"):
        await office.change("opportunity", made.id, status="ABANDONED")


async def test_a_stage_of_another_pipeline_takes_the_deal_there() -> None:
    office = Office()
    made, _ = await office.make("opportunity")
    stages = await office.world.some(office.resource("stage"))
    other = next(one for one in stages if one.raw["pipeline_id"] != made.after["pipeline_id"])
    pipeline = Link(str(other.raw["pipeline_id"]))
    moved = await office.change("opportunity", made.id, stage=Link(other.ref.id), pipeline=pipeline)
    assert moved.altered == ()
    alone = await office.change("opportunity", made.id, pipeline=Link(str(made.after["pipeline_id"])))
    assert alone.altered == ("pipeline",)


@pytest.mark.parametrize("part", ["note", "call"])
@pytest.mark.parametrize(
    ("field", "via"), [("contact", "contacts"), ("company", "companies"), ("opportunity", "deals")]
)
async def test_a_note_or_a_call_is_about_one_record_of_any_of_three_kinds(part: str, field: str, via: str) -> None:
    office = Office()
    about = await office.first(field)
    at = {"startsAt": EVENING} if part == "call" else {}
    made = await office.add(part, body="<p>It hops.</p>", **{field: about}, **at)
    assert (made.outcome, made.altered, made.ignored) == (Outcome.DONE, (), ())
    assert (await office.value(part, made, field)).id == about.id
    sent = office.sent()[2]
    assert (sent["via_resource"], sent["via_resource_id"]) == (via, int(str(about.id)))


async def test_a_note_about_two_records_is_refused_before_any_call() -> None:
    office = Office()
    both = {"contact": await office.first("contact"), "company": await office.first("company")}
    asked = len(office.world.calls)
    with pytest.raises(InputError, match="`company` cannot be written with another such field: `via_resource` is"):
        await office.add("note", body="It hops.", **both)
    with pytest.raises(Refused, match="without contact or company or opportunity"):
        await office.add("note", body="It hops.")
    assert len([call for call in office.world.calls[asked:] if call.method != "GET"]) == 0


async def test_a_call_is_logged_with_its_outcome_and_its_time_in_utc() -> None:
    office = Office()
    await office.world.load_tables()
    outcome = next(iter(office.world.tables["callOutcomes"].values()))
    about = await office.first("contact")
    made = await office.add("call", body="It hops.", startsAt=EVENING, contact=about, kindOriginal=outcome)
    assert made.altered == ()
    assert office.sent()[2]["date"] == "2026-03-05 04:30:00"
    assert await office.value("call", made, "kindOriginal") == outcome


@pytest.mark.parametrize("part", ["company", "opportunity"])
async def test_companies_and_deals_have_custom_values_too(part: str) -> None:
    office = Office()
    made, _ = await office.make(part)
    written = await office.change(part, made.id, customFields=(Custom("cf_shoe", "44"),))
    assert (written.outcome, written.altered) == (Outcome.DONE, ())
    assert written.after["cf_shoe"] == "44"
