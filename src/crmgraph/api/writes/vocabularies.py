"""The mutations of what accounts have beside their people: tags, custom fields, template values, saved views."""

from collections.abc import Sequence
from typing import Any

import strawberry

from crmgraph.api.context import Asking
from crmgraph.api.customs import CustomField
from crmgraph.api.entities import Tag
from crmgraph.api.nodes import reading
from crmgraph.api.shelves import SavedView, TemplateValue
from crmgraph.api.vocabularies import custom_field_keyed, logical_key, tag_called
from crmgraph.api.writes.outcomes import FINAL, Payload
from crmgraph.api.writes.values import names_of
from crmgraph.api.writes.vocabulary_inputs import (
    CreateCustomFieldInput,
    CreateTagInput,
    DeleteCustomFieldInput,
    DeleteTagInput,
    DeleteTemplateValueInput,
    RenameTagInput,
    SaveSavedViewsInput,
    SetTemplateValueInput,
    UpdateCustomFieldInput,
)
from crmgraph.api.writes.writing import Desk, written
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.service.writing.changes import Change
from crmgraph.service.writing.mistakes import MistakeCode


@strawberry.type
class TagPayload(Payload):
    """What mutations of a tag answer."""

    @strawberry.field(
        description="The tag over all sources, as it is now; null when nothing was written or it is gone."
    )
    async def tag(self, info: Asking) -> Tag | None:
        found = await self.written(info, FIELDS[Kind.TAG])
        return None if found is None else await tag_called(info, found.value("name") or "")


@strawberry.type
class CustomFieldPayload(Payload):
    """What mutations of a custom field answer."""

    @strawberry.field(description="The field as it is now; null when nothing was written or it is gone.")
    async def custom_field(self, info: Asking) -> CustomField | None:
        found = await self.written(info, FIELDS[Kind.CUSTOM_FIELD])
        return None if found is None else await custom_field_keyed(info, logical_key(info, found))


@strawberry.type
class TemplateValuePayload(Payload):
    """What mutations of a template value answer."""

    @strawberry.field(
        description="The value as the first source that was written has it now; null when nothing was written or it is"
        " gone."
    )
    async def template_value(self, info: Asking) -> TemplateValue | None:
        found = await self.written(info, FIELDS[Kind.TEMPLATE_VALUE])
        return None if found is None else TemplateValue(entity=found)


@strawberry.type(description="What became of createTag.")
class CreateTagPayload(TagPayload): ...


@strawberry.type(description="What became of renameTag.")
class RenameTagPayload(TagPayload): ...


@strawberry.type(description="What became of deleteTag.")
class DeleteTagPayload(TagPayload): ...


@strawberry.type(description="What became of createCustomField.")
class CreateCustomFieldPayload(CustomFieldPayload): ...


@strawberry.type(description="What became of updateCustomField.")
class UpdateCustomFieldPayload(CustomFieldPayload): ...


@strawberry.type(description="What became of deleteCustomField.")
class DeleteCustomFieldPayload(CustomFieldPayload): ...


@strawberry.type(description="What became of setTemplateValue.")
class SetTemplateValuePayload(TemplateValuePayload): ...


@strawberry.type(description="What became of deleteTemplateValue.")
class DeleteTemplateValuePayload(TemplateValuePayload): ...


@strawberry.type(description="What became of saveSavedViews.")
class SaveSavedViewsPayload(Payload):
    @strawberry.field(description="All views of the sources that were written, as they are now.")
    async def saved_views(self, info: Asking) -> list[SavedView] | None:
        names = [one.source for one in self.told if one.outcome in FINAL]
        found = await reading(info).vocabulary(Kind.SAVED_VIEW, names) if names else []
        return [SavedView(entity=one) for one in found]


@strawberry.type
class VocabularyMutations:
    @strawberry.mutation(
        description="Make a tag in the vocabularies of the sources that are named, or of every one that can; where one"
        " of that name is, capitals apart, it stays as it is."
    )
    async def create_tag(self, info: Asking, input: CreateTagInput) -> CreateTagPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            name = _named(desk, "name", input.name)
            values = await desk.values.of(input, Kind.TAG)
            return desk.vocabularies.created(Kind.TAG, name, values, names_of(input.sources))

        return await written(info, "createTag", input, CreateTagPayload, decide)

    @strawberry.mutation(
        description="Give a tag another name in the sources that are named, or in every one whose vocabulary has it. A"
        " CRM that keeps tags on its contacts only, and has no vocabulary of them, is not asked."
    )
    async def rename_tag(self, info: Asking, input: RenameTagInput) -> RenameTagPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            values = {"name": _named(desk, "name", input.name)}
            key = _tag(desk, str(input.id))
            return await desk.vocabularies.changed(Kind.TAG, "id", key, values, names_of(input.sources))

        return await written(info, "renameTag", input, RenameTagPayload, decide)

    @strawberry.mutation(
        description="Delete a tag from the vocabularies of the sources that are named, or of every one that has it. It"
        " is the vocabulary alone that is written: whether contacts lose the tag with it is the CRM's affair, and where"
        " they keep it `removeTags` takes it off."
    )
    async def delete_tag(self, info: Asking, input: DeleteTagInput) -> DeleteTagPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            key = _tag(desk, str(input.id))
            return await desk.vocabularies.deleted(Kind.TAG, "id", key, names_of(input.sources))

        return await written(info, "deleteTag", input, DeleteTagPayload, decide)

    @strawberry.mutation(
        description="Define a custom field in the sources that are named, or in every one that can; where one of that"
        " key is, it stays as it is, and one that says otherwise is told as a refusal."
    )
    async def create_custom_field(self, info: Asking, input: CreateCustomFieldInput) -> CreateCustomFieldPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            key, label = _named(desk, "key", input.key), _named(desk, "label", input.label)
            said = {"label": label, "type": input.type.value, "appliesTo": input.applies_to.value}
            values = {**said, **await desk.values.of(input, Kind.CUSTOM_FIELD)}
            return desk.vocabularies.created(Kind.CUSTOM_FIELD, key, values, names_of(input.sources))

        return await written(info, "createCustomField", input, CreateCustomFieldPayload, decide)

    @strawberry.mutation(
        description="Change a custom field's definition in the sources that are named, or in every one that has it."
    )
    async def update_custom_field(self, info: Asking, input: UpdateCustomFieldInput) -> UpdateCustomFieldPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            key = _named(desk, "key", input.key)
            values = await desk.values.of(input, Kind.CUSTOM_FIELD)
            if not values:
                desk.checking.wrong("", "There is nothing to change: give at least one field.", MistakeCode.REQUIRED)
            return await desk.vocabularies.changed(Kind.CUSTOM_FIELD, "key", key, values, names_of(input.sources))

        return await written(info, "updateCustomField", input, UpdateCustomFieldPayload, decide)

    @strawberry.mutation(
        description="Delete a custom field's definition in the sources that are named, or in every one that has it;"
        " what becomes of the values is the CRM's affair."
    )
    async def delete_custom_field(self, info: Asking, input: DeleteCustomFieldInput) -> DeleteCustomFieldPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            key = _named(desk, "key", input.key)
            return await desk.vocabularies.deleted(Kind.CUSTOM_FIELD, "key", key, names_of(input.sources))

        return await written(info, "deleteCustomField", input, DeleteCustomFieldPayload, decide)

    @strawberry.mutation(
        description="Set what is put into message texts under a key: changed where a source has the key, made where it"
        " does not; in the sources that are named, or in every one that can."
    )
    async def set_template_value(self, info: Asking, input: SetTemplateValueInput) -> SetTemplateValuePayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            key, values = _named(desk, "key", input.key), {"value": input.value}
            return await desk.vocabularies.put(Kind.TEMPLATE_VALUE, key, values, names_of(input.sources))

        return await written(info, "setTemplateValue", input, SetTemplateValuePayload, decide)

    @strawberry.mutation(
        description="Delete a template value in the sources that are named, or in every one that has it."
    )
    async def delete_template_value(self, info: Asking, input: DeleteTemplateValueInput) -> DeleteTemplateValuePayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            key = _named(desk, "key", input.key)
            return await desk.vocabularies.deleted(Kind.TEMPLATE_VALUE, "key", key, names_of(input.sources))

        return await written(info, "deleteTemplateValue", input, DeleteTemplateValuePayload, decide)

    @strawberry.mutation(
        description="Save views and remove some; all others stay. The CRM takes its views as a whole only: they are"
        " read, changed and written back under a lock."
    )
    async def save_saved_views(self, info: Asking, input: SaveSavedViewsInput) -> SaveSavedViewsPayload:
        async def decide(desk: Desk) -> Sequence[Change]:
            save = [_given(one) for one in input.save]
            return desk.views.saved(save, input.remove, names_of(input.sources))

        return await written(info, "saveSavedViews", input, SaveSavedViewsPayload, decide)


def _named(desk: Desk, field: str, given: str) -> str:
    """A name without the blanks around it; an empty one is a mistake."""
    if not given.strip():
        desk.checking.wrong(field, "It is empty; say what it is called.", MistakeCode.REQUIRED)
    return given.strip()


def _tag(desk: Desk, given: str) -> str:
    """The key that a tag's global id names; empty after a mistake."""
    found = desk.checking.ident("id", given, Kind.TAG)
    return "" if found is None or found.key is None else found.key


def _given(view: Any) -> dict[str, Any]:
    """What was given of a view."""
    said = {name: getattr(view, name) for name in ("id", "name", "filter")}
    return {name: one.value for name, one in said.items() if one is not None}
