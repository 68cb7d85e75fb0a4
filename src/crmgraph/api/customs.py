"""Custom fields: their definitions by logical key, and their typed values."""

from collections.abc import Sequence
from datetime import date as Day
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.scalars import JSON

from crmgraph.api import values
from crmgraph.api.context import Asking
from crmgraph.api.fields import filled_by
from crmgraph.api.nodes import Node, reading
from crmgraph.domain.model import Kind
from crmgraph.domain.uniting import Merged
from crmgraph.domain.words import CustomFieldType
from crmgraph.service.entity import CustomValue, Entity
from crmgraph.service.ids import encode_key

_CF = Kind.CUSTOM_FIELD


@strawberry.type(
    description="A custom field's definition, under the key by which all sources' values of it are asked for."
)
class CustomField(Node):
    key: strawberry.Private[str]
    parts: strawberry.Private[Sequence[Entity]]

    @strawberry.field(description="The global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_key(Kind.CUSTOM_FIELD, self.key))

    @strawberry.field(name="key", description="The logical key.")
    def logical_key(self) -> str:
        return self.key

    @strawberry.field(description="What people call it.")
    def label(self, info: Asking) -> str | None:
        return reading(info).gateway.custom.label_of(self.key, self._first("label"))

    @strawberry.field(description="What it is for." + filled_by(_CF, "description"))
    def description(self) -> str | None:
        found: str | None = self._first("description")
        return found

    @strawberry.field(description="The kind whose records carry it.")
    def applies_to(self) -> Kind:
        said = self._first("appliesTo")
        return Kind(said) if said in set(Kind) else Kind.CONTACT

    @strawberry.field(name="type", description="What it holds." + filled_by(_CF, "type"))
    def value_type(self, info: Asking) -> CustomFieldType:
        return CustomFieldType(reading(info).gateway.custom.type_of(self.key, self._first("type")))

    @strawberry.field(description="The choices, where it has any." + filled_by(_CF, "options"))
    def options(self) -> list[values.CustomFieldOption]:
        found: Sequence[Merged] = self._first("options") or ()
        return [values.CustomFieldOption(value=one.value.value, label=one.value.label) for one in found]

    @strawberry.field(description="Whether a record must have it." + filled_by(_CF, "required"))
    def required(self) -> bool | None:
        found: bool | None = self._first("required")
        return found

    @strawberry.field(description="The group or folder it is kept in." + filled_by(_CF, "group"))
    def group(self) -> str | None:
        found: str | None = self._first("group")
        return found

    @strawberry.field(description="Each source's own definition of it.")
    def definitions(self) -> list[values.RecordRef]:
        return [values.ref(one.record.ref) for one in self.parts]

    def _first(self, field: str) -> Any:
        return next((value for one in self.parts if (value := one.value(field)) is not None), None)


@strawberry.type(
    description="A custom field's value on a thing. Of differing values the most trusted source's survives."
)
class CustomFieldValue:
    held: strawberry.Private[CustomValue]

    @strawberry.field(description="The logical key.")
    def key(self) -> str:
        return self.held.key

    @strawberry.field(description="What people call it.")
    def label(self) -> str | None:
        return self.held.label

    @strawberry.field(name="type", description="What it holds; of the parts below the one that fits is set.")
    def value_type(self) -> CustomFieldType:
        return CustomFieldType(self.held.typed.type)

    @strawberry.field(description="The value as one line of text.")
    def text(self) -> str | None:
        return self.held.typed.text

    @strawberry.field(description="The CRM's own JSON.")
    def value(self) -> JSON | None:
        return JSON(self.held.typed.raw)

    @strawberry.field(description="A NUMBER's or MONEY's value.")
    def number(self) -> Decimal | None:
        return self.held.typed.number

    @strawberry.field(description="A BOOLEAN's value.")
    def boolean(self) -> bool | None:
        return self.held.typed.boolean

    @strawberry.field(description="A DATE's value.")
    def date(self) -> Day | None:
        return self.held.typed.date

    @strawberry.field(description="The choices of an OPTION (one) or OPTIONS.")
    def options(self) -> list[str] | None:
        return None if self.held.typed.options is None else list(self.held.typed.options)

    @strawberry.field(description="The record it came from.")
    def origin(self) -> values.RecordRef:
        return values.ref(self.held.origin)

    @strawberry.field(description="What the other records say.")
    def losers(self) -> list[values.LosingValue]:
        why = "its source is less trusted"
        return [
            values.LosingValue(value=JSON(value), origin=values.ref(ref), reason=why) for value, ref in self.held.losers
        ]


def custom_fields(entity: Entity, keys: Sequence[str] | None) -> list[CustomFieldValue]:
    return [CustomFieldValue(held=one) for one in entity.custom_values(keys)]
