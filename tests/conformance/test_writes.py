"""Every definition that writes, against its simulator: what is asked stands there then, and nothing else changed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.conformance.worlds import DEFINITIONS, World, fresh_world

from crmgraph.connectors.definition import Resource
from crmgraph.connectors.holding import holds
from crmgraph.connectors.planning import takes
from crmgraph.connectors.writes import Loss, Outcome, Refused, Writer, Written
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import (
    FIELDS,
    Address,
    Consent,
    ConsentState,
    Custom,
    Email,
    Kind,
    Link,
    Money,
    Phone,
    TagName,
)

WRITING = [name for name, one in DEFINITIONS.items() if one.resources["contact"].spec.create is not None]
PARTS = [
    (name, part)
    for name in WRITING
    for part, resource in DEFINITIONS[name].resources.items()
    if resource.spec.create is not None and part in ("contact", "task", "note")
]
each_writing = pytest.mark.parametrize("name", WRITING)
each_part = pytest.mark.parametrize(("name", "part"), PARTS)

PERSON: dict[str, Any] = {
    "givenName": "Hedwig",
    "familyName": "Lamarr",
    "fullName": "Hedwig Lamarr",
    "emails": (Email("hedwig@lamarr.example"),),
    "phones": (Phone("+14155550177"),),
    "addresses": (Address("1 Bay Street", "Oakland", "CA", "94607", "US"),),
    "jobTitle": "Inventor",
    "leadSource": "Referral",
    "website": "https://lamarr.example",
    "timezone": "America/Chicago",
    "birthDate": date(1914, 11, 9),
    "doNotContact": Consent(any=ConsentState.BLOCKED),
    "tags": (TagName("vip"), TagName("radio")),
}
CHANGES: dict[str, Any] = PERSON | {
    "givenName": "Hedy",
    "familyName": "Kiesler",
    "fullName": "Hedy Kiesler",
    "emails": (Email("hedy@kiesler.example"),),
    "phones": (Phone("+14155550178"),),
    "addresses": (Address("2 Hill Road", "Berkeley", "CA", "94701", "US"),),
    "jobTitle": "Actor",
    "website": "https://kiesler.example",
    "timezone": "America/Denver",
    "birthDate": date(1915, 1, 2),
    "doNotContact": Consent(any=ConsentState.ALLOWED),
    "tags": (TagName("radio"), TagName("film")),
}
DOING: dict[str, Any] = {
    "title": "Ring back",
    "body": "About the torpedo.",
    "dueDate": date(2026, 3, 4),
    "dueAt": datetime(2026, 3, 4, 15, tzinfo=UTC),
}
DONE: dict[str, Any] = DOING | {
    "title": "Ring again",
    "body": "About the patent.",
    "dueDate": date(2026, 3, 5),
    "dueAt": datetime(2026, 3, 5, 9, tzinfo=UTC),
    "completed": True,
    "status": "DONE",
}
FIRM: dict[str, Any] = {
    "name": "Lamarr Radio",
    "domain": "lamarr.example",
    "website": "https://lamarr.example",
    "email": "office@lamarr.example",
    "phones": (Phone("+14155550179"),),
    "addresses": (Address("1 Bay Street", "Oakland", "CA", "94607", "US"),),
    "tags": (TagName("radio"),),
}
MOVED: dict[str, Any] = FIRM | {
    "name": "Kiesler Radio",
    "domain": "kiesler.example",
    "website": "https://kiesler.example",
    "email": "desk@kiesler.example",
    "phones": (Phone("+14155550180"), Phone("+14155550181")),
    "addresses": (Address("2 Hill Road", "Berkeley", "CA", "94701", "US"),),
    "tags": (TagName("film"), TagName("radio")),
}
DEAL: dict[str, Any] = {
    "name": "A thousand radios",
    "amount": Money(Decimal("1250.50")),
    "status": "OPEN",
    "expectedCloseDate": date(2026, 5, 6),
}
LOST: dict[str, Any] = DEAL | {
    "name": "Ten radios",
    "amount": Money(Decimal(100)),
    "status": "LOST",
    "lostReason": "Too loud",
    "expectedCloseDate": date(2026, 6, 7),
}
TALK: dict[str, Any] = {
    "subject": "The torpedo",
    "body": "How it hops.",
    "startsAt": datetime(2026, 3, 4, tzinfo=UTC),
    "endsAt": datetime(2026, 3, 5, tzinfo=UTC),
}
LATER: dict[str, Any] = TALK | {
    "subject": "The patent",
    "body": "Who has it.",
    "startsAt": datetime(2026, 3, 6, tzinfo=UTC),
    "endsAt": datetime(2026, 3, 7, tzinfo=UTC),
}
ASKED: Mapping[Kind, tuple[dict[str, Any], dict[str, Any]]] = {
    Kind.CONTACT: (PERSON, CHANGES),
    Kind.COMPANY: (FIRM, MOVED),
    Kind.OPPORTUNITY: (DEAL, LOST),
    Kind.ACTIVITY: (TALK, LATER),
    Kind.TASK: (DOING, DONE),
    Kind.NOTE: (DOING, DONE),
}
"""What a new record of a kind is made with, and what it is changed to."""


class Desk:
    """A fresh account, and what is written in it."""

    def __init__(self, name: str) -> None:
        self.world: World = fresh_world(name)

    async def writer(self) -> Writer:
        await self.world.load_tables()
        return Writer(self.world.reader, self.world.tables)

    def resource(self, part: str) -> Resource:
        return self.world.definition.resources[part]

    async def value(self, part: str, written: Written, field: str) -> Any:
        return self.resource(part).lenses[field].get(written.after, self.world.tables)

    async def make(self, part: str) -> tuple[Written, str | None]:
        """A new record of this resource, on a contact of its own where it hangs on one."""
        made, resource = await self.writer(), self.resource(part)
        if part == "contact":
            return await self.world.run(made.create(resource, own(resource, PERSON, "create"))), None
        contact, _ = await self.make("contact")
        assert contact.id is not None
        values = own(resource, ASKED[resource.kind][0], "create", "update") | await self.belonging(resource)
        values |= {"contact": Link(contact.id)} if "contact" in FIELDS[resource.kind] else {}
        parent = contact.id if resource.parent is not None else None
        return await self.world.run(made.create(resource, values)), parent

    async def belonging(self, resource: Resource) -> dict[str, Any]:
        """What else a new record needs, as this account has it: a user, a stage, a sort."""
        values: dict[str, Any] = {}
        if takes(resource, "kind", "create"):
            values["kind"] = "CALL"
        if takes(resource, "stage", "create"):
            values["stage"] = await self.first("stage")
        if takes(resource, "owner", "create"):
            values["owner"] = await self.first("user")
        if takes(resource, "assignees", "create"):
            values["assignees"] = (await self.first("user"),)
        return values

    async def first(self, part: str) -> Link:
        return Link((await self.world.some(self.resource(part)))[0].ref.id)


def own(resource: Resource, values: Mapping[str, Any], *on: str) -> dict[str, Any]:
    return {field: value for field, value in values.items() if any(takes(resource, field, one) for one in on)}


@each_part
async def test_what_is_created_is_read_back(name: str, part: str) -> None:
    desk = Desk(name)
    written, _ = await desk.make(part)
    assert written.outcome is Outcome.DONE
    assert written.id
    assert (written.lost, written.altered, written.ignored) == ((), (), ())
    for field, value in own(desk.resource(part), ASKED[desk.resource(part).kind][0], "create").items():
        assert holds(await desk.value(part, written, field), value), field


@each_part
async def test_each_field_is_changed_alone(name: str, part: str) -> None:
    """One field after the other: it is as asked, and all the others are as they were."""
    desk = Desk(name)
    created, parent = await desk.make(part)
    resource, made = desk.resource(part), await desk.writer()
    before, changes = created.after, own(resource, ASKED[resource.kind][1], "update")
    assert changes
    for field, value in changes.items():
        if holds(resource.lenses[field].get(before, desk.world.tables), value):
            continue
        written = await desk.world.run(made.update(resource, str(created.id), {field: value}, parent))
        assert (written.outcome, written.lost, written.altered) == (Outcome.DONE, (), ()), field
        assert holds(await desk.value(part, written, field), value), field
        same = resource.lenses.keys() - {field, "updatedAt", *TOGETHER.get(field, ())}
        for other in same:
            was = resource.lenses[other].get(before, desk.world.tables)
            assert await desk.value(part, written, other) == was, (field, other)
        before = written.after


TOGETHER = {
    "givenName": ("fullName",),
    "familyName": ("fullName",),
    "completed": ("status",),
    "status": ("completed", "statusOriginal"),
    "dueAt": ("dueDate",),
    "dueDate": ("dueAt",),
}
"""Fields of ours that a CRM keeps in one place."""


@each_part
async def test_changing_nothing_makes_no_writing_call(name: str, part: str) -> None:
    desk = Desk(name)
    created, parent = await desk.make(part)
    resource, made = desk.resource(part), await desk.writer()
    asked = len(desk.world.calls)
    values = own(resource, ASKED[desk.resource(part).kind][0], "update")
    written = await desk.world.run(made.update(resource, str(created.id), values, parent))
    assert written.outcome is Outcome.UNCHANGED
    assert {call.method for call in desk.world.calls[asked:]} == {"GET"}


@each_part
async def test_what_is_deleted_is_gone_and_deleting_it_again_changes_nothing(name: str, part: str) -> None:
    desk = Desk(name)
    created, parent = await desk.make(part)
    resource, made = desk.resource(part), await desk.writer()
    written = await desk.world.run(made.delete(resource, str(created.id), parent))
    assert (written.outcome, written.after) == (Outcome.DONE, None)
    assert await desk.world.run(desk.world.reader.get(resource, str(created.id), parent)) is None
    again = await desk.world.run(made.delete(resource, str(created.id), parent))
    assert again.outcome is Outcome.UNCHANGED


@each_writing
async def test_tags_are_put_on_and_taken_off_and_others_stay(name: str) -> None:
    desk = Desk(name)
    created, _ = await desk.make("contact")
    resource, made = desk.resource("contact"), await desk.writer()
    added = await desk.world.run(made.add_tags(resource, str(created.id), ["Film", "VIP"]))
    assert (added.outcome, added.altered) == (Outcome.DONE, ())
    assert await tags(desk, added) == {"vip", "radio", "film"}
    removed = await desk.world.run(made.remove_tags(resource, str(created.id), ["RADIO", "nowhere"]))
    assert await tags(desk, removed) == {"vip", "film"}
    again = await desk.world.run(made.remove_tags(resource, str(created.id), ["radio"]))
    assert again.outcome is Outcome.UNCHANGED


async def tags(desk: Desk, written: Written) -> set[str]:
    return {tag.name.casefold() for tag in await desk.value("contact", written, "tags") or ()}


KEYS = {
    "bigcontacts": ("Shoe size", "Pet"),
    "concord": ("cf_shoe", "cf_pet"),
}
"""Keys of custom fields where a CRM has no vocabulary of them."""


async def keys(desk: Desk) -> tuple[str, str]:
    await desk.world.load_tables()
    fields = desk.world.tables.get("fields", {})
    known = [row.get("key", ident) for ident, row in fields.items() if row.get("type") in ("TEXT", "OPTION")]
    return KEYS[desk.world.name] if not fields else (known[0], known[1])


@each_writing
async def test_a_custom_value_is_set_and_cleared_and_others_stay(name: str) -> None:
    desk = Desk(name)
    created, _ = await desk.make("contact")
    resource, made = desk.resource("contact"), await desk.writer()
    one, other = await keys(desk)
    await desk.world.run(made.set_custom(resource, str(created.id), {one: "first", other: "second"}))
    written = await desk.world.run(made.set_custom(resource, str(created.id), {one: "third"}))
    assert (written.outcome, written.altered) == (Outcome.DONE, ())
    assert await customs(desk, written) == {one: "third", other: "second"}
    cleared = await desk.world.run(made.set_custom(resource, str(created.id), {one: None}))
    assert await customs(desk, cleared) == {other: "second"}
    again = await desk.world.run(made.set_custom(resource, str(created.id), {one: None, other: "second"}))
    assert again.outcome is Outcome.UNCHANGED


async def customs(desk: Desk, written: Written) -> dict[str, Any]:
    found: tuple[Custom, ...] = await desk.value("contact", written, "customFields") or ()
    return {custom.key: custom.value for custom in found}


@each_writing
async def test_a_second_e_mail_is_kept_or_told_lost(name: str) -> None:
    desk = Desk(name)
    created, _ = await desk.make("contact")
    resource, made = desk.resource("contact"), await desk.writer()
    second = Email("second@lamarr.example")
    written = await desk.world.run(
        made.update(resource, str(created.id), {"emails": (Email("first@lamarr.example"), second)})
    )
    found = [email.value for email in await desk.value("contact", written, "emails")]
    assert found[0] == "first@lamarr.example"
    assert written.altered == ()
    assert written.lost == (() if second.value in found else (Loss("emails", second),))


@each_writing
async def test_a_create_without_what_is_required_is_refused_before_any_call(name: str) -> None:
    desk = Desk(name)
    made, resource = await desk.writer(), desk.resource("contact")
    create = resource.spec.create
    if create is None or not create.required:
        return
    asked = len(desk.world.calls)
    with pytest.raises(Refused, match=r"cannot create a contact without") as told:
        await desk.world.run(made.create(resource, {"jobTitle": "Nobody"}))
    assert create.required[0] in told.value.reasons
    assert len(desk.world.calls) == asked


async def test_org_crm_refuses_a_tag_with_a_slash_before_any_call() -> None:
    desk = Desk("orgcrm")
    made, resource = await desk.writer(), desk.resource("contact")
    asked = len(desk.world.calls)
    with pytest.raises(InputError, match="`a/b` cannot be part of a path"):
        await desk.world.run(made.remove_tags(resource, "1", ["fine", "a/b"]))
    assert len(desk.world.calls) == asked


async def test_lead_connector_tells_who_holds_the_e_mail_already() -> None:
    desk = Desk("leadconnector")
    created, _ = await desk.make("contact")
    made, resource = await desk.writer(), desk.resource("contact")
    with pytest.raises(Refused, match="does not allow duplicated") as told:
        await desk.world.run(made.create(resource, {"givenName": "Twin", "emails": PERSON["emails"]}))
    assert told.value.existing == created.id


async def test_lead_connector_is_read_back_by_id_where_its_search_lags() -> None:
    desk = Desk("leadconnector")
    created, _ = await desk.make("contact")
    assert created.after["id"] == created.id
    assert not any("search" in call.path for call in desk.world.calls if b"hedwig" in (call.body or b"").lower())


async def test_big_contacts_says_no_with_200() -> None:
    desk = Desk("bigcontacts")
    made, resource = await desk.writer(), desk.resource("task")
    values = own(resource, DOING, "create") | {"contact": Link("987654321")}
    with pytest.raises(Refused, match="says that something is not there that this task names"):
        await desk.world.run(made.create(resource, values))


async def test_big_contacts_keeps_the_other_groups_of_a_contact_whose_tags_change() -> None:
    desk = Desk("bigcontacts")
    made, resource = await desk.writer(), desk.resource("contact")
    record = next(one for one in await desk.world.some(resource) if one.get("lifecycleStage"))
    written = await desk.world.run(made.add_tags(resource, record.ref.id, ["brand new"]))
    assert written.altered == ()
    assert await desk.value("contact", written, "lifecycleStage") == record.get("lifecycleStage")
    assert written.after["categories"][:-1] == record.raw["categories"]


async def test_concord_is_sent_the_first_name_with_every_change() -> None:
    assert (await changed("concord", {"jobTitle": "Actor"}))[1] == [
        ("PUT", b'{"first_name":"Hedwig","job_title":"Actor"}')
    ]


async def test_lead_connector_is_not_told_the_location_in_a_change() -> None:
    assert (await changed("leadconnector", {"website": "x.example"}))[1] == [("PUT", b'{"website":"x.example"}')]


async def test_lead_connector_takes_tags_off_by_a_delete_with_a_body() -> None:
    written, calls = await changed("leadconnector", {"tags": (TagName("vip"),)})
    assert calls == [("DELETE", b'{"tags":["radio"]}')]
    assert written.altered == ()


async def changed(name: str, changes: dict[str, Any]) -> tuple[Written, list[tuple[str, bytes | None]]]:
    """What became of a change to a new contact, and its writing calls."""
    desk = Desk(name)
    created, _ = await desk.make("contact")
    asked = len(desk.world.calls)
    written = await desk.world.run((await desk.writer()).update(desk.resource("contact"), str(created.id), changes))
    return written, [(call.method, call.body) for call in desk.world.calls[asked:] if call.method != "GET"]


async def test_org_crm_changes_and_empties_the_one_note_of_a_contact() -> None:
    desk = Desk("orgcrm")
    made, resource = await desk.writer(), desk.resource("note")
    note = (await desk.world.some(resource))[0]
    written = await desk.world.run(made.update(resource, note.ref.id, {"body": "Rather not."}))
    assert (written.outcome, written.altered) == (Outcome.DONE, ())
    gone = await desk.world.run(made.delete(resource, note.ref.id))
    assert (gone.outcome, gone.after) == (Outcome.DONE, None)
    contact = await desk.world.run(desk.world.reader.get(desk.resource("contact"), note.ref.id))
    assert contact["notes"] is None


async def test_big_contacts_assigns_the_first_of_several_and_the_others_are_told_lost() -> None:
    desk = Desk("bigcontacts")
    created, _ = await desk.make("task")
    users = [Link(user.ref.id) for user in await desk.world.some(desk.resource("user"))]
    made, resource = await desk.writer(), desk.resource("task")
    written = await desk.world.run(made.update(resource, str(created.id), {"assignees": (users[1], users[0])}))
    assert written.lost == (Loss("assignees", users[0]),)
    assert await desk.value("task", written, "assignees") == (users[1],)
    nobody = await desk.world.run(made.update(resource, str(created.id), {"assignees": (Link("987654"),)}))
    assert nobody.altered == ("assignees",)
