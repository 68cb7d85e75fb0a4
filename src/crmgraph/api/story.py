"""Why a field has the value it has."""

from collections.abc import Sequence

from strawberry.scalars import JSON

from crmgraph.api import values
from crmgraph.domain.model import FIELDS
from crmgraph.service.entity import Entity


def provenance(entity: Entity, fields: Sequence[str] | None) -> list[values.FieldProvenance]:
    """The story of each field that has a value."""
    wanted = FIELDS[entity.kind] if fields is None else [name for name in fields if name in FIELDS[entity.kind]]
    return [
        values.FieldProvenance(
            field=name,
            value=JSON(values.as_json(found.value)),
            origin=values.ref(found.origin),
            rule=str(found.rule),
            losers=[
                values.LosingValue(value=JSON(values.as_json(value)), origin=values.ref(ref))
                for value, ref in found.losers
            ],
        )
        for name in wanted
        if (found := entity.golden(name)) is not None
    ]
