"""What the mutations of tags, custom fields, template values and saved views take."""

import strawberry
from strawberry import Maybe
from strawberry.scalars import JSON

from crmgraph.api.fields import plain
from crmgraph.api.writes.requests import Request
from crmgraph.domain.model import Kind
from crmgraph.domain.words import CustomFieldType


@strawberry.input(description="A new tag.")
class CreateTagInput(Request):
    name: str = plain("Its name.")
    color: Maybe[str | None] = plain("Its colour, as the CRM writes it: #2563eb.")


@strawberry.input(description="A tag and its new name.")
class RenameTagInput(Request):
    id: strawberry.ID = plain("The tag.")
    name: str = plain("What it is to be called.")


@strawberry.input(description="A tag to be deleted.")
class DeleteTagInput(Request):
    id: strawberry.ID = plain("The tag.")


@strawberry.input(description="A new custom field.")
class CreateCustomFieldInput(Request):
    key: str = plain("Its logical key; each source has it under the key that the configuration says, else under this.")
    label: str = plain("What people call it.")
    type: CustomFieldType = strawberry.field(default=CustomFieldType.TEXT, description="What it holds.")
    options: Maybe[list[str] | None] = plain("The choices of an OPTION or OPTIONS, in their order.")
    applies_to: Kind = strawberry.field(default=Kind.CONTACT, description="The kind whose records carry it.")
    description: Maybe[str | None] = plain("What it is for.")
    group: Maybe[str | None] = plain("The group or folder it is kept in: the CRM's own id of it.")


@strawberry.input(description="A change of a custom field. What is left out stays; key and type cannot be changed.")
class UpdateCustomFieldInput(Request):
    key: str = plain("Its logical key.")
    label: Maybe[str | None] = plain("What people call it.")
    options: Maybe[list[str] | None] = plain("The choices, all of them.")
    description: Maybe[str | None] = plain("What it is for.")
    group: Maybe[str | None] = plain("The group or folder it is kept in: the CRM's own id of it.")


@strawberry.input(description="A custom field to be deleted.")
class DeleteCustomFieldInput(Request):
    key: str = plain("Its logical key.")


@strawberry.input(description="A template value to be made or changed.")
class SetTemplateValueInput(Request):
    key: str = plain("Its key, by which message texts name it.")
    value: str = plain("What is put there.")


@strawberry.input(description="A template value to be deleted.")
class DeleteTemplateValueInput(Request):
    key: str = plain("Its key.")


@strawberry.input(description="A view to be saved: by its id one that is there, by its name one that is there or new.")
class SavedViewInput:
    id: Maybe[strawberry.ID] = plain("The view that is changed; without it the one of that name, or a new one.")
    name: Maybe[str] = plain("What people call it.")
    filter: Maybe[JSON | None] = plain("What it shows, in the CRM's own words.")


@strawberry.input(description="Views to be saved and removed; all others stay as they are.")
class SaveSavedViewsInput(Request):
    save: list[SavedViewInput] = strawberry.field(default_factory=list, description="The views to be saved.")
    remove: list[str] = strawberry.field(
        default_factory=list, description="The views to be removed, by global id or by name."
    )
