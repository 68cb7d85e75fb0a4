"""The mutations of people."""

from collections.abc import Sequence

import strawberry

from crmgraph.api.context import Asking
from crmgraph.api.entities import Contact
from crmgraph.api.nodes import have_ids, reading
from crmgraph.api.selection import fields_below
from crmgraph.api.writes.outcomes import Payload, ref_of
from crmgraph.api.writes.people_inputs import (
    CreateContactInput,
    DeleteContactInput,
    SetCustomFieldValuesInput,
    TagsInput,
    UpdateContactInput,
    UpsertContactInput,
)
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.writing import Desk, written
from crmgraph.domain.model import Email, Kind, Phone
from crmgraph.service.entity import Entity
from crmgraph.service.ids import decode
from crmgraph.service.writing.changes import Change, OnlyIf
from crmgraph.service.writing.mistakes import MistakeCode


@strawberry.type
class ContactPayload(Payload):
    """What mutations of a person answer."""

    @strawberry.field(description="The person as they are now; null when nothing was written or they are gone.")
    async def contact(self, info: Asking) -> Contact | None:
        found = await self.written(info)
        await have_ids(info, [found] if found else [])
        return None if found is None else Contact(entity=found)


@strawberry.type(description="What became of createContact.")
class CreateContactPayload(ContactPayload): ...


@strawberry.type(description="What became of updateContact.")
class UpdateContactPayload(ContactPayload): ...


@strawberry.type(description="What became of upsertContact.")
class UpsertContactPayload(ContactPayload): ...


@strawberry.type(description="What became of deleteContact.")
class DeleteContactPayload(Payload):
    asked: strawberry.Private[str | None] = None

    @strawberry.field(
        description="The person as other sources still have them; null when the record that the id names is gone."
    )
    async def contact(self, info: Asking) -> Contact | None:
        gone = [ref_of(one) for one in self.told if one.gone]
        if self.asked is None or not self.told or decode(self.asked).ref in gone:
            return None
        found = await reading(info).node(self.asked, fields_below(info, Kind.CONTACT, ()))
        if not isinstance(found, Entity):
            return None
        await have_ids(info, [found])
        return Contact(entity=found)


@strawberry.type(description="What became of addTags.")
class AddTagsPayload(ContactPayload): ...


@strawberry.type(description="What became of removeTags.")
class RemoveTagsPayload(ContactPayload): ...


@strawberry.type(description="What became of setCustomFieldValues.")
class SetCustomFieldValuesPayload(ContactPayload): ...


@strawberry.type
class PeopleMutations:
    @strawberry.mutation(
        description="Make a person in the sources that are named, or in every one that can. No source is asked first"
        " whether it knows them: `upsertContact` does."
    )
    async def create_contact(self, info: Asking, input: CreateContactInput) -> CreateContactPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.CONTACT)
            if not values:
                desk.checking.wrong("", "There is nothing to write: give at least one field.", MistakeCode.REQUIRED)
            return desk.people.created(values, names_of(input.sources))

        return await written(info, "createContact", input, CreateContactPayload, decide)

    @strawberry.mutation(
        description="Change a person: each field goes to those of their records that have it, or to those of the"
        " sources that are named."
    )
    async def update_contact(self, info: Asking, input: UpdateContactInput) -> UpdateContactPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = await desk.values.of(input, Kind.CONTACT)
            if not values:
                desk.checking.wrong("", "There is nothing to change: give at least one field.", MistakeCode.REQUIRED)
            only_if = OnlyIf() if input.only_if is None else input.only_if.made()
            return await desk.people.updated(str(input.id), values, names_of(input.sources), only_if)

        return await written(info, "updateContact", input, UpdateContactPayload, decide)

    @strawberry.mutation(
        description="Change the one person who has this e-mail, phone or record; make them where nobody has it."
        " Where it fits several people nothing is sent."
    )
    async def upsert_contact(self, info: Asking, input: UpsertContactInput) -> UpsertContactPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            return await _upserted(desk, input)

        return await written(info, "upsertContact", input, UpsertContactPayload, decide)

    @strawberry.mutation(description="Delete a person's records in the sources that are named.")
    async def delete_contact(self, info: Asking, input: DeleteContactInput) -> DeleteContactPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            return await desk.people.deleted(str(input.id), names_of(input.sources) or ())

        payload = await written(info, "deleteContact", input, DeleteContactPayload, decide)
        payload.asked = str(input.id)
        return payload

    @strawberry.mutation(description="Put tags on a person; the others stay.")
    async def add_tags(self, info: Asking, input: TagsInput) -> AddTagsPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            names = tuple(dict.fromkeys(one.strip() for one in input.tags))
            return await desk.people.tagged(str(input.id), names_of(input.sources), add=names)

        return await written(info, "addTags", input, AddTagsPayload, decide)

    @strawberry.mutation(description="Take tags off a person; the others stay.")
    async def remove_tags(self, info: Asking, input: TagsInput) -> RemoveTagsPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            names = tuple(dict.fromkeys(one.strip() for one in input.tags))
            return await desk.people.tagged(str(input.id), names_of(input.sources), remove=names)

        return await written(info, "removeTags", input, RemoveTagsPayload, decide)

    @strawberry.mutation(
        description="Set a person's custom fields by their logical keys, in each source as it wants them."
    )
    async def set_custom_field_values(
        self, info: Asking, input: SetCustomFieldValuesInput
    ) -> SetCustomFieldValuesPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            customs = tuple(one.made() for one in input.values)
            if not customs:
                desk.checking.wrong("values", "Give at least one value.", MistakeCode.REQUIRED)
            only_if = OnlyIf() if input.only_if is None else input.only_if.made()
            return await desk.people.updated(str(input.id), {"customFields": customs}, names_of(input.sources), only_if)

        return await written(info, "setCustomFieldValues", input, SetCustomFieldValuesPayload, decide)


async def _upserted(desk: Desk, given: UpsertContactInput) -> Sequence[Change]:
    values, sources, by = await desk.values.of(given, Kind.CONTACT), names_of(given.sources), given.by
    if by.record is not None:
        return await desk.people.upserted_at(by.record.value.source, by.record.value.id, values, sources)
    if by.email is not None:
        new = {"emails": (Email(by.email.value.strip()),), **values}
        return await desk.people.upserted("email", by.email.value, values, new, sources)
    assert by.phone is not None
    new = {"phones": (Phone(by.phone.value.strip()),), **values}
    return await desk.people.upserted("phone", by.phone.value, values, new, sources)
