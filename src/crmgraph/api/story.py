"""Why a field has the value it has."""

from collections.abc import Sequence
from difflib import get_close_matches

from strawberry.scalars import JSON

from crmgraph.api import values
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.service.entity import Entity

_ALSO = {"displayName": "fullName", "email": "emails", "phone": "phones"}
"""The graph's names for what is chosen from a field of another name."""


def provenance(entity: Entity, fields: Sequence[str] | None) -> list[values.FieldProvenance]:
    """The story of each field that has a value; raises InputError for a name that is no field of the kind."""
    wanted = FIELDS[entity.kind] if fields is None else dict.fromkeys(_known(name, entity.kind) for name in fields)
    return [
        values.FieldProvenance(
            field=name,
            value=JSON(values.as_json(found.value)),
            origin=None if found.origin is None else values.ref(found.origin),
            rule=str(found.rule),
            reason=found.reason,
            losers=[
                values.LosingValue(value=JSON(values.as_json(one.value)), origin=values.ref(one.origin), reason=one.why)
                for one in found.losers
            ],
        )
        for name in wanted
        if (found := entity.golden(name)) is not None
    ]


def _known(name: str, kind: Kind) -> str:
    """The field that is meant by a name."""
    known = FIELDS[kind]
    meant = name if name in known else _ALSO.get(name, name)
    if meant not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InputError(f"`fields` of provenance names `{name}`, which is no field of a {kind}.{hint}")
    return meant
