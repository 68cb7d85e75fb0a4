"""Tags and custom fields over all sources: what several CRMs call the same is one thing of the graph."""

from collections.abc import Sequence
from itertools import groupby

from crmgraph.api.context import Asking
from crmgraph.api.customs import CustomField
from crmgraph.api.entities import Tag
from crmgraph.api.nodes import reading
from crmgraph.domain.model import Kind
from crmgraph.domain.normalize import text_key
from crmgraph.service.entity import Entity


async def tags(info: Asking, sources: Sequence[str] | None = None) -> list[Tag]:
    """The tags that the sources know, each name once."""
    found = await reading(info).vocabulary(Kind.TAG, sources)
    named = [(text_key(one.value("name") or ""), one) for one in found]
    merged: list[Tag] = []
    for key, group in groupby(sorted(named, key=lambda pair: pair[0]), key=lambda pair: pair[0]):
        held = [one for _, one in group]
        if key:
            merged.append(_merged(held))
    return merged


def _merged(held: Sequence[Entity]) -> Tag:
    hue = next((color for one in held if (color := one.value("color"))), None)
    return Tag(entity=None, shown=held[0].value("name"), holders=[one.record.ref for one in held], hue=hue)


async def tag_called(info: Asking, name: str) -> Tag | None:
    """The tag of this name, in whichever spelling; None where no source's vocabulary has it."""
    return next((one for one in await tags(info) if text_key(one.shown) == text_key(name)), None)


async def custom_fields(info: Asking, sources: Sequence[str] | None = None) -> list[CustomField]:
    """The definitions of custom fields, each logical key once."""
    read = reading(info)
    parts: dict[str, list[Entity]] = {key: [] for key in read.gateway.custom.fields} if sources is None else {}
    for one in await read.vocabulary(Kind.CUSTOM_FIELD, sources):
        parts.setdefault(logical_key(info, one), []).append(one)
    return [CustomField(entity=None, key=key, parts=held) for key, held in parts.items()]


def logical_key(info: Asking, one: Entity) -> str:
    """The key by which a source's own definition is asked for."""
    ref = one.record.ref
    return reading(info).gateway.custom.key_of(ref.source, str(one.value("key") or ref.id))


async def custom_field_keyed(info: Asking, key: str) -> CustomField | None:
    """The custom field with this logical key."""
    return next((one for one in await custom_fields(info) if one.key == key), None)
