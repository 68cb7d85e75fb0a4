"""What an account has beside its people, against the simulators: vocabularies, companies, deals, appointments."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from tests.conformance.test_writes import Desk

from crmgraph.connectors.holding import holds
from crmgraph.connectors.namesakes import KNOWN_BY
from crmgraph.connectors.writes import Outcome, Refused, Written
from crmgraph.domain.errors import InputError, Unsupported
from crmgraph.domain.model import Address, Custom, Link, Money, Option, Phone

Values = Mapping[str, Any]

FIRM: Values = {
    "name": "Kiesler & Co",
    "website": "https://kiesler.example",
    "email": "desk@kiesler.example",
    "phones": (Phone("+14155550180"),),
    "addresses": (Address("1 Bay Street", "Oakland", "CA", "94607", "US"),),
}
FIRM_LATER: Values = {
    "name": "Kiesler Ltd",
    "website": "https://kiesler.test",
    "email": "hello@kiesler.example",
    "phones": (Phone("+14155550181"),),
    "addresses": (Address("2 Hill Road", "Berkeley", "CA", "94701", "US"),),
}
CHOICES: Values = {"label": "Size", "type": "OPTION", "options": (Option("S", "S"), Option("M", "M"))}
CHOICES_LATER: Values = {"label": "Shirt size", "options": (Option("L", "L"),)}
DEAL: Values = {"name": "Torpedo", "amount": Money(Decimal("1200.5")), "status": "OPEN", "leadSource": "Referral"}
DEAL_LATER: Values = {"name": "Torpedoes", "amount": Money(Decimal(900)), "status": "WON", "leadSource": "Web"}
VISIT: Values = {
    "subject": "Fitting",
    "body": "Bring the plans.",
    "startsAt": datetime(2026, 12, 1, 15, tzinfo=UTC),
    "endsAt": datetime(2026, 12, 1, 16, tzinfo=UTC),
    "location": "Studio 4",
    "status": "CONFIRMED",
}
VISIT_LATER: Values = {
    "subject": "Second fitting",
    "body": "Bring them again.",
    "startsAt": datetime(2026, 12, 2, 15, tzinfo=UTC),
    "endsAt": datetime(2026, 12, 2, 17, tzinfo=UTC),
    "location": "Studio 5",
    "status": "SHOWED",
}

GIVEN: dict[tuple[str, str], tuple[Values, Values]] = {
    ("orgcrm", "tag"): ({"name": "Brand new", "color": "#112233"}, {}),
    ("orgcrm", "customField"): ({"key": "size", **CHOICES}, CHOICES_LATER),
    ("orgcrm", "templateValue"): ({"key": "greeting", "value": "Hello"}, {"value": "Good day"}),
    ("leadconnector", "tag"): ({"name": "brand new"}, {"name": "renamed"}),
    ("leadconnector", "customField"): (
        {"key": "size", **CHOICES, "description": "Of shirts", "appliesTo": "contact"},
        {**CHOICES_LATER, "description": "Of all shirts"},
    ),
    ("leadconnector", "templateValue"): ({"key": "greeting", "value": "Hello"}, {"value": "Good day"}),
    ("leadconnector", "company"): (FIRM, FIRM_LATER),
    ("leadconnector", "opportunity"): (DEAL, DEAL_LATER),
    ("leadconnector", "appointment"): (VISIT, VISIT_LATER),
}
each = pytest.mark.parametrize(("name", "part"), GIVEN)
each_changing = pytest.mark.parametrize(("name", "part"), [key for key, (_, later) in GIVEN.items() if later])


class Office(Desk):
    """A fresh account in which what belongs to it is written."""

    async def open(self, part: str) -> tuple[Values, Written]:
        """A new record, with links to what the account has, and what was asked."""
        values, writer = dict(GIVEN[self.world.name, part][0]) | await self.links(part), await self.writer()
        return values, await self.world.run(writer.create(self.resource(part), values))

    async def links(self, part: str) -> Values:
        if part not in ("opportunity", "appointment"):
            return {}
        contact, user = (await self.some("contact")).ref.id, (await self.some("user")).ref.id
        links: dict[str, Any] = {"contact": Link(contact), "owner": Link(user)}
        if part == "appointment":
            return links | {"calendar": (await self.some("appointment")).get("calendar")}
        pipeline = await self.some("pipeline")
        return links | {"pipeline": Link(pipeline.ref.id), "stage": pipeline.get("stages")[1]}

    async def some(self, part: str) -> Any:
        return (await self.world.some(self.resource(part)))[0]

    async def change(self, part: str, ident: str | None, changes: Values) -> Written:
        writer = await self.writer()
        return await self.world.run(writer.update(self.resource(part), str(ident), changes))


@each
async def test_what_is_made_is_read_back(name: str, part: str) -> None:
    office = Office(name)
    values, written = await office.open(part)
    assert (written.outcome, written.lost, written.altered, written.ignored) == (Outcome.DONE, (), (), ())
    for field, value in values.items():
        assert holds(await office.value(part, written, field), value), field


@each_changing
async def test_each_of_its_fields_is_changed_alone(name: str, part: str) -> None:
    office = Office(name)
    _, created = await office.open(part)
    before = created.after
    for field, value in GIVEN[name, part][1].items():
        written = await office.change(part, created.id, {field: value})
        assert (written.outcome, written.lost, written.altered, written.ignored) == (Outcome.DONE, (), (), ()), field
        assert holds(await office.value(part, written, field), value), field
        lenses = office.resource(part).lenses
        for other in lenses.keys() - {field, f"{field}Original", "updatedAt"}:
            assert await office.value(part, written, other) == lenses[other].get(before, office.world.tables), other
        before = written.after


@each_changing
async def test_asking_for_what_stands_makes_no_writing_call(name: str, part: str) -> None:
    office = Office(name)
    values, created = await office.open(part)
    asked = len(office.world.calls)
    kept = {field: value for field, value in values.items() if field in GIVEN[name, part][1]}
    assert (await office.change(part, created.id, kept)).outcome is Outcome.UNCHANGED
    assert {call.method for call in office.world.calls[asked:]} == {"GET"}


@each
async def test_what_is_deleted_is_gone(name: str, part: str) -> None:
    office = Office(name)
    _, created = await office.open(part)
    writer, resource = await office.writer(), office.resource(part)
    gone = await office.world.run(writer.delete(resource, str(created.id)))
    assert (gone.outcome, gone.after) == (Outcome.DONE, None)
    assert (await office.world.run(writer.delete(resource, str(created.id)))).outcome is Outcome.UNCHANGED


async def test_org_crm_cannot_rename_a_tag() -> None:
    office = Office("orgcrm")
    _, created = await office.open("tag")
    with pytest.raises(Unsupported, match="orgcrm cannot change a tag"):
        await office.change("tag", created.id, {"name": "Other"})


@pytest.mark.parametrize(("name", "part"), [key for key in GIVEN if key[1] in ("tag", "customField", "templateValue")])
async def test_what_is_there_already_is_not_made_again(name: str, part: str) -> None:
    """What is known by its name is there once: asked for as it is nothing is sent, otherwise it is refused."""
    office = Office(name)
    values, created = await office.open(part)
    field = KNOWN_BY[office.resource(part).kind]
    writer, resource = await office.writer(), office.resource(part)
    again = await office.world.run(writer.create(resource, {**values, field: values[field].upper()}))
    assert (again.outcome, again.id) == (Outcome.UNCHANGED, created.id)
    asked = len(office.world.calls)
    for other, value in GIVEN[name, part][1].items():
        if other != field:
            with pytest.raises(Refused, match="already, with another") as told:
                await office.world.run(writer.create(resource, {**values, other: value}))
            assert (told.value.existing, other in told.value.reasons) == (created.id, True)
    assert {call.method for call in office.world.calls[asked:]} <= {"GET"}


async def test_a_tag_does_not_get_the_name_of_another() -> None:
    office = Office("leadconnector")
    _, created = await office.open("tag")
    writer, resource = await office.writer(), office.resource("tag")
    with pytest.raises(Refused, match="has another tag `VIP` already") as told:
        await office.world.run(writer.refuse_namesake(resource, str(created.id), {"name": "VIP"}))
    assert told.value.reasons == {"name": "It is taken."}
    await office.world.run(writer.refuse_namesake(resource, str(told.value.existing), {"name": "VIP"}))


async def test_lead_connector_makes_a_custom_field_under_its_key_and_then_labels_it() -> None:
    office = Office("leadconnector")
    _, created = await office.open("customField")
    sent = [call for call in office.world.calls if call.method != "GET"]
    assert [(call.method, orjson.loads(call.body or b"{}").get("name")) for call in sent] == [
        ("POST", "size"),
        ("PUT", "Size"),
    ]
    assert created.after["fieldKey"] == "contact.size"


async def test_lead_connector_keeps_the_name_of_a_template_value_that_changes() -> None:
    office = Office("leadconnector")
    written = await office.change("templateValue", (await office.some("templateValue")).ref.id, {"value": "Later"})
    assert (written.before["name"], written.after["name"]) == ("Booking link", "Booking link")
    assert office.world.calls[-2].body == b'{"name":"Booking link","value":"Later"}'


async def test_lead_connector_renames_a_tag_where_contacts_have_it() -> None:
    office = Office("leadconnector")
    contact, _ = await office.make("contact")
    tags = {record.get("name"): record.ref.id for record in await office.world.some(office.resource("tag"))}
    await office.change("tag", tags["vip"], {"name": "star"})
    now = await office.world.run(office.world.reader.get(office.resource("contact"), str(contact.id)))
    assert now["tags"] == ["star", "radio"]


async def test_lead_connector_completes_and_reopens_a_task_by_the_call_for_that() -> None:
    office = Office("leadconnector")
    task, parent = await office.make("task")
    writer, resource = await office.writer(), office.resource("task")
    done = await office.world.run(writer.update(resource, str(task.id), {"status": "DONE"}, parent))
    assert (done.outcome, done.altered, done.after["completed"]) == (Outcome.DONE, (), True)
    call = office.world.calls[-2]
    assert (call.method, call.path.rpartition("/")[2], call.body) == ("PUT", "completed", b'{"completed":true}')
    both = {"completed": False, "title": "Ring once more"}
    opened = await office.world.run(writer.update(resource, str(task.id), both, parent))
    assert (opened.altered, opened.after["completed"]) == ((), False)
    assert office.world.calls[-2].path.endswith(f"/tasks/{task.id}")


async def test_lead_connector_sets_and_clears_a_custom_value_of_an_opportunity_and_others_stay() -> None:
    office = Office("leadconnector")
    deals = await office.world.some(office.resource("opportunity"))
    deal = next(one for one in deals if one.get("customFields"))
    (had,) = deal.get("customFields")
    background = Custom("background", "Old friends")
    written = await office.change("opportunity", deal.ref.id, {"customFields": (background,)})
    assert (written.outcome, written.altered) == (Outcome.DONE, ())
    found = {one.key: one.value for one in await office.value("opportunity", written, "customFields")}
    assert found == {had.key: had.value, "background": "Old friends"}
    cleared = await office.change("opportunity", deal.ref.id, {"customFields": (Custom("background", None),)})
    assert [one.key for one in await office.value("opportunity", cleared, "customFields")] == [had.key]


async def test_lead_connector_tells_the_lost_reason_by_its_id() -> None:
    office = Office("leadconnector")
    deals = await office.world.some(office.resource("opportunity"))
    reason = next(one.get("lostReason") for one in deals if one.get("lostReason"))
    _, created = await office.open("opportunity")
    written = await office.change("opportunity", created.id, {"status": "LOST", "lostReason": reason})
    assert (written.outcome, written.altered) == (Outcome.DONE, ())
    assert await office.value("opportunity", written, "lostReason") == reason


@pytest.mark.parametrize(
    ("name", "part"), [key for key in GIVEN if key not in [("orgcrm", "tag"), ("leadconnector", "tag")]]
)
async def test_what_is_required_is_asked_for_before_any_call(name: str, part: str) -> None:
    office = Office(name)
    writer, resource = await office.writer(), office.resource(part)
    asked = len(office.world.calls)
    with pytest.raises(Refused, match=f"cannot create a {part} without"):
        await office.world.run(writer.create(resource, {"description": "Nothing else"}))
    assert len(office.world.calls) == asked


async def test_lead_connector_links_a_contact_to_a_company_and_takes_the_link_away() -> None:
    office = Office("leadconnector")
    firm = (await office.some("company")).ref.id
    writer, resource = await office.writer(), office.resource("contact")
    made = await office.world.run(writer.create(resource, {"givenName": "Hedwig", "company": Link(firm)}))
    assert (made.outcome, made.altered, made.ignored) == (Outcome.DONE, (), ())
    assert made.after["businessId"] == firm
    calls = [call.path for call in office.world.calls if call.method == "POST"]
    assert calls[-2:] == ["/contacts/", "/contacts/bulk/business"]
    assert (await office.change("contact", made.id, {"company": Link(firm)})).outcome is Outcome.UNCHANGED
    gone = await office.change("contact", made.id, {"company": None, "website": "https://kiesler.example"})
    assert (gone.outcome, gone.altered, gone.after.get("businessId")) == (Outcome.DONE, (), None)


async def test_a_company_that_is_only_named_takes_no_link_away() -> None:
    office = Office("leadconnector")
    contact, _ = await office.make("contact")
    asked = len(office.world.calls)
    with pytest.raises(InputError, match="`company` of a contact is linked by its id here"):
        await office.change("contact", contact.id, {"company": Link(None, "Acme")})
    assert {call.method for call in office.world.calls[asked:]} == {"GET"}
