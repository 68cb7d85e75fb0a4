"""What is special about writing to BigContacts: companies are contacts, notes and meetings are activities."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from tests.conformance.test_writes import Desk

from crmgraph.connectors.writes import Outcome, Refused, Written
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind, Link


class Office(Desk):
    """A fresh account, what is written in it and what that sends."""

    def __init__(self) -> None:
        super().__init__("bigcontacts")

    async def add(self, part: str, **values: Any) -> Written:
        contact, _ = await self.make("contact")
        hung = values | {"contact": Link(contact.id)}
        written: Written = await self.world.run((await self.writer()).create(self.resource(part), hung))
        return written

    async def change(self, part: str, ident: str | None, parent: str | None = None, **values: Any) -> Written:
        flow = (await self.writer()).update(self.resource(part), str(ident), values, parent)
        written: Written = await self.world.run(flow)
        return written

    def sent(self) -> list[tuple[str, str, Any]]:
        """The writing calls after that for the contact."""
        calls = [call for call in self.world.calls if call.method != "GET"]
        return [(call.method, call.path, orjson.loads(call.body or b"null")) for call in calls[1:]]


async def test_a_note_is_written_as_an_activity_and_shows_among_the_notes_under_the_same_id() -> None:
    office = Office()
    made = await office.add("note", title="Torpedo", body="It hops.")
    contact = made.after["contacts"]["id"]
    changed = await office.change("note", made.id, body="It hops around.")
    await office.world.run((await office.writer()).delete(office.resource("note"), str(made.id)))
    assert changed.outcome is Outcome.DONE
    home = f"/contact/{contact}/activity"
    assert office.sent() == [
        ("POST", f"{home}.json", {"activity_type": "Note", "title": "Torpedo", "description": "It hops."}),
        ("PUT", f"{home}/{made.id}.json", {"description": "It hops around."}),
        ("DELETE", f"{home}/{made.id}.json", None),
    ]
    assert str(made.id) not in [note.ref.id for note in await office.world.some(office.resource("note"))]


async def test_a_new_note_is_listed_among_the_notes_and_not_among_the_activities() -> None:
    office = Office()
    made = await office.add("note", title="Torpedo")
    contact = str(made.after["contacts"]["id"])
    assert str(made.id) in [note.ref.id for note in await office.world.some(office.resource("note"))]
    assert await office.world.hanging(office.resource("activity"), Kind.CONTACT, contact) == []


async def test_a_meeting_is_made_as_an_activity_and_its_days_follow_by_an_update() -> None:
    office = Office()
    start = datetime(2026, 3, 4, tzinfo=UTC)
    made = await office.add("meeting", kind="MEETING", subject="Patent", startsAt=start)
    assert (made.outcome, made.altered, made.ignored) == (Outcome.DONE, (), ())
    assert await office.value("meeting", made, "startsAt") == start
    home = f"/contact/{made.after['contacts']['id']}/activity.json"
    assert office.sent() == [
        ("POST", home, {"activity_type": "Meeting", "title": "Patent"}),
        ("PUT", f"/task/{made.id}.json", {"start_date": "2026-03-04"}),
    ]


async def test_the_clock_of_a_meeting_is_told_to_be_lost() -> None:
    office = Office()
    start = datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert (await office.add("meeting", subject="Patent", startsAt=start)).altered == ("startsAt",)


async def test_only_the_resource_of_meetings_makes_one() -> None:
    office = Office()
    with pytest.raises(InputError, match="`kind` cannot be MEETING here; the CRM knows CALL, OTHER"):
        await office.add("activity", kind="MEETING", subject="Patent")
    with pytest.raises(Refused, match="would be no activity in bigcontacts"):
        await office.add("activity", kindOriginal="Meeting", subject="Patent")


@pytest.mark.parametrize(
    ("asked", "kind", "original"),
    [
        ({"kind": "CALL"}, "CALL", "Call"),
        ({"kind": "OTHER"}, "OTHER", "Other"),
        ({"kind": "OTHER", "kindOriginal": "Fax"}, "OTHER", "Fax"),
        ({"kindOriginal": "phone call"}, "CALL", "phone call"),
    ],
)
async def test_an_activity_has_a_type_of_free_text(asked: dict[str, str], kind: str, original: str) -> None:
    office = Office()
    made = await office.add("activity", subject="Torpedo", **asked)
    assert made.altered == ()
    assert await office.value("activity", made, "kind") == kind
    assert await office.value("activity", made, "kindOriginal") == original


async def test_a_call_that_is_spelled_otherwise_is_a_call_already() -> None:
    office = Office()
    made = await office.add("activity", subject="Torpedo", kindOriginal="Phone call")
    contact = str(made.after["contact_id"])
    assert (await office.change("activity", made.id, contact, kind="CALL")).outcome is Outcome.UNCHANGED
    faxed = await office.change("activity", made.id, contact, kindOriginal="Fax")
    assert await office.value("activity", faxed, "kind") == "OTHER"


async def test_a_company_is_a_contact_that_is_a_business() -> None:
    office = Office()
    made, _ = await office.make("company")
    assert made.after["is_business"] is True
    assert str(made.id) not in [one.ref.id for one in await office.world.contacts()]
    read = office.world.reader.get(office.resource("contact"), str(made.id))
    assert await office.world.run(read) is None


async def test_a_companys_first_e_mail_is_changed_and_its_others_stay() -> None:
    office = Office()
    made, _ = await office.make("company")
    record = {**made.after, "emails": [{"email": "one@lamarr.example"}, {"email": "two@lamarr.example"}]}
    flow = (await office.writer()).update(
        office.resource("company"), str(made.id), {"email": "new@lamarr.example"}, before=record
    )
    await office.world.run(flow)
    assert office.sent()[-1][2] == {"emails": [{"email": "new@lamarr.example"}, {"email": "two@lamarr.example"}]}


async def test_a_task_is_completed_by_one_key() -> None:
    office = Office()
    made, _ = await office.make("task")
    done = await office.change("task", made.id, completed=True)
    assert await office.value("task", done, "status") == "DONE"
    assert office.sent()[-1] == ("PUT", f"/task/{made.id}.json", {"completed": True})


async def test_a_task_is_given_to_another_contact() -> None:
    office = Office()
    made, _ = await office.make("task")
    other = next(one for one in await office.world.contacts() if one.ref.id != str(made.after["contacts"]["id"]))
    moved = await office.change("task", made.id, contact=Link(other.ref.id))
    assert (moved.outcome, moved.altered) == (Outcome.DONE, ())
    assert office.sent()[-1] == ("PUT", f"/task/{made.id}.json", {"contacts": int(other.ref.id)})
