"""Writes that touch more than one record, and those that must not, against the simulators."""

from typing import Any

import pytest
from tests.conformance.test_writes import PERSON, Desk, own

from crmgraph.connectors.importing import RowOutcome
from crmgraph.connectors.writes import Loss, Outcome, Refused
from crmgraph.domain.errors import InputError, Unsupported
from crmgraph.domain.model import Email, Link, Phone, TagName

FILTER = {"groups": [{"conditions": [{"field": "email", "op": "is_not_empty"}]}]}


async def views(desk: Desk) -> dict[str, Any]:
    page = await desk.world.run(desk.world.reader.whole(desk.resource("savedView").listings[0], 1))
    return {one["name"]: one for one in page.items}


async def replaced(desk: Desk, save: list[dict[str, Any]], remove: list[str]) -> Any:
    writer = await desk.writer()
    plan = await desk.world.run(writer.plan_replace(desk.resource("savedView"), save, remove))
    return await desk.world.run(writer.perform_replace(plan))


async def test_a_view_is_saved_and_everybody_elses_stay_as_they_are() -> None:
    desk = Desk("orgcrm")
    before = await views(desk)
    written = await replaced(desk, [{"name": "Has e-mail", "filter": FILTER}], [])
    assert (written.outcome, written.altered, written.lost) == (Outcome.DONE, (), ())
    after = await views(desk)
    assert after.pop("Has e-mail")["query"] == FILTER
    assert after == before


async def test_views_are_changed_renamed_and_removed_by_name_or_id_in_one_call() -> None:
    desk = Desk("orgcrm")
    before = await views(desk)
    kept, gone = before["Reachable"], before["No e-mail"]
    written = await replaced(desk, [{"id": kept["id"], "name": "Open", "filter": FILTER}], [gone["id"], "Nowhere"])
    assert (written.outcome, written.altered) == (Outcome.DONE, ())
    assert await views(desk) == {"Open": {**kept, "name": "Open", "query": FILTER}}
    assert sum(call.method == "PUT" for call in desk.world.calls) == 1


async def test_a_view_that_stands_already_is_not_written() -> None:
    desk = Desk("orgcrm")
    before = await views(desk)
    save = {"name": "Reachable", "filter": before["Reachable"]["query"]}
    assert (await replaced(desk, [save], ["Nowhere"])).outcome is Outcome.UNCHANGED
    assert {call.method for call in desk.world.calls} == {"GET"}


async def test_views_that_somebody_changes_meanwhile_are_not_overwritten() -> None:
    desk = Desk("orgcrm")
    writer, resource = await desk.writer(), desk.resource("savedView")
    plan = await desk.world.run(writer.plan_replace(resource, [], ["Reachable"]))
    await replaced(desk, [{"name": "Theirs", "filter": FILTER}], [])
    with pytest.raises(Refused, match="have changed meanwhile"):
        await desk.world.run(writer.perform_replace(plan))
    assert {"Reachable", "Theirs"} <= (await views(desk)).keys()


async def test_a_view_that_is_not_there_or_not_named_is_refused_before_any_writing_call() -> None:
    desk = Desk("orgcrm")
    with pytest.raises(Refused, match="has no savedView `nobody`"):
        await replaced(desk, [{"id": "nobody", "filter": FILTER}], [])
    with pytest.raises(InputError, match="is saved by its `name`"):
        await replaced(desk, [{"filter": FILTER}], [])
    assert {call.method for call in desk.world.calls} == {"GET"}


async def test_a_first_note_fills_the_column_of_a_contact() -> None:
    desk = Desk("orgcrm")
    contact, _ = await desk.make("contact")
    written = await noted(desk, str(contact.id), "Likes frequencies.")
    assert (written.outcome, written.before, written.altered) == (Outcome.DONE, None, ())
    assert written.after["notes"] == "Likes frequencies."
    assert written.id == contact.id


async def test_a_further_note_is_added_and_what_is_there_stays() -> None:
    desk = Desk("orgcrm")
    note = (await desk.world.some(desk.resource("note")))[0]
    written = await noted(desk, note.ref.id, "  And one more.\n")
    assert (written.outcome, written.altered, written.ignored) == (Outcome.DONE, (), ())
    assert written.after["notes"] == f"{note.get('body')}\n\nAnd one more."
    others = {key: value for key, value in written.after.items() if key not in ("notes", "updated_at")}
    assert others.items() <= note.raw.items()


async def noted(desk: Desk, contact: str, body: str) -> Any:
    writer = await desk.writer()
    return await desk.world.run(writer.create(desk.resource("note"), {"body": body, "contact": Link(contact)}))


async def test_a_note_needs_a_text_and_a_contact_that_is_there() -> None:
    desk = Desk("orgcrm")
    writer = await desk.writer()
    with pytest.raises(Refused, match="cannot create a note without body") as told:
        await noted(desk, "anybody", "  ")
    assert set(told.value.reasons) == {"body"}
    with pytest.raises(Refused, match="cannot create a note without contact"):
        await desk.world.run(writer.create(desk.resource("note"), {"body": "Whose?"}))
    assert not [call for call in desk.world.calls if "/contacts/" in call.path]
    with pytest.raises(Refused, match="something is not there that this note names"):
        await noted(desk, "00000000-0000-4000-8000-000000000000", "To nobody")


async def imported(desk: Desk, rows: list[dict[str, Any]]) -> Any:
    writer = await desk.writer()
    return await desk.world.run(writer.perform_import(writer.plan_import(desk.resource("contact"), rows)))


def row(name: str | None, email: str, **more: Any) -> dict[str, Any]:
    return {"emails": (Email(email),), **({"fullName": name} if name else {}), **more}


async def test_new_rows_are_told_created_with_what_of_them_was_not_sent() -> None:
    desk = Desk("orgcrm")
    second = Email("b@rows.example")
    one, two = await imported(
        desk,
        [
            row("Ada Row", "a@rows.example", tags=(TagName("vip"),), jobTitle="Rower"),
            {"fullName": "Eve Row", "emails": (Email("e@rows.example"), second), "phones": (Phone("+14155550179"),)},
        ],
    )
    assert (one.outcome, one.reason, one.lost) == (RowOutcome.CREATED, None, ())
    assert set(one.ignored) == {"tags", "jobTitle"}
    assert (two.outcome, two.lost) == (RowOutcome.CREATED, (Loss("emails", second),))
    assert sum(call.path.endswith("/import") for call in desk.world.calls) == 1
    writer = await desk.writer()
    (found,) = await desk.world.run(writer.look_for(desk.resource("contact"), {"emails": (Email("E@rows.example"),)}))
    assert (found["name"], found["phone"]) == ("Eve Row", "+14155550179")


async def test_rows_that_are_there_already_are_told_updated_and_then_skipped() -> None:
    desk = Desk("orgcrm")
    contact, _ = await desk.make("contact")
    rows = [row("Hedy Kiesler", PERSON["emails"][0].value)]
    assert [one.outcome for one in await imported(desk, rows)] == [RowOutcome.UPDATED]
    assert [one.outcome for one in await imported(desk, rows)] == [RowOutcome.SKIPPED]
    now = await desk.world.run(desk.world.reader.get(desk.resource("contact"), str(contact.id)))
    assert (now["name"], now["tags"]) == ("Hedy Kiesler", ["vip", "radio"])


async def test_a_row_that_is_refused_says_why_and_the_others_are_taken() -> None:
    """The reply is a 200; of rows that went different ways it does not tell which is which."""
    desk = Desk("orgcrm")
    await desk.make("contact")
    known = row("Hedy Kiesler", PERSON["emails"][0].value)
    found = await imported(desk, [row("New", "n@rows.example"), row(None, "x@rows.example"), known])
    assert [one.outcome for one in found] == [RowOutcome.TAKEN, RowOutcome.REJECTED, RowOutcome.TAKEN]
    assert found[1].reason == "Field required"


async def test_what_a_crm_does_not_take_in_bulk_is_unsupported() -> None:
    desk = Desk("leadconnector")
    writer, resource = await desk.writer(), desk.resource("contact")
    with pytest.raises(Unsupported, match="leadconnector cannot import contact records"):
        writer.plan_import(resource, [])
    with pytest.raises(Unsupported, match="does not take its contact records as a whole"):
        await desk.world.run(writer.plan_replace(resource, [], []))


async def test_lead_connector_finds_a_new_contact_before_its_search_does() -> None:
    desk = Desk("leadconnector")
    created, _ = await desk.make("contact")
    writer, resource = await desk.writer(), desk.resource("contact")
    assert not (await desk.world.run(desk.world.reader.find(resource, ["email:hedwig@lamarr.example"]))).items
    for values in (own(resource, PERSON, "create"), {"phones": (Phone("(415) 555-0177"),)}):
        found = await desk.world.run(writer.look_for(resource, values))
        assert [one["id"] for one in found] == [created.id]
    assert await desk.world.run(writer.look_for(resource, {"emails": (Email("no@lamarr.example"),)})) == []


@pytest.mark.parametrize("name", ["leadconnector", "orgcrm"])
async def test_nothing_tells_who_has_neither_e_mail_nor_phone(name: str) -> None:
    desk = Desk(name)
    writer = await desk.writer()
    with pytest.raises(Unsupported, match="cannot be asked whether it has such a contact"):
        await desk.world.run(writer.look_for(desk.resource("contact"), {"fullName": "Hedwig Lamarr"}))


async def test_org_crm_finds_whom_it_has_by_the_whole_e_mail_only() -> None:
    """Its search asks for what contains the text, so that others come along."""
    desk = Desk("orgcrm")
    created, _ = await desk.make("contact")
    writer, resource = await desk.writer(), desk.resource("contact")
    found = await desk.world.run(writer.look_for(resource, PERSON))
    assert [one["id"] for one in found] == [created.id]
    assert await desk.world.run(writer.look_for(resource, {"emails": (Email("wig@lamarr.example"),)})) == []


def test_a_refused_create_of_lead_connector_may_have_happened() -> None:
    create = Desk("leadconnector").resource("contact").spec.create
    assert create is not None
    assert create.unsure == [422]
