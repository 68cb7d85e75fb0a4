"""What people would be as one: their values before and after, without deciding anything."""

from collections.abc import Sequence
from itertools import combinations

import strawberry
from strawberry.scalars import JSON

from crmgraph.api.context import Asking
from crmgraph.api.entities import Contact
from crmgraph.api.fields import plain
from crmgraph.api.nodes import reading
from crmgraph.api.selection import selects
from crmgraph.api.values import as_json
from crmgraph.domain.errors import InputError
from crmgraph.domain.judgements import standing
from crmgraph.domain.model import FIELDS, Kind
from crmgraph.service.entity import Entity
from crmgraph.service.ids import encode
from crmgraph.service.naming_people import people_named
from crmgraph.service.reading import CONTACT_FIELDS, Reading
from crmgraph.service.uniting import Standing, supposed, uniting

MOST = 10
"""How many people are previewed as one."""


@strawberry.type(description="What a field is for one of the people.")
class ValueBefore:
    id: strawberry.ID = plain("The person, as they were named.")
    value: JSON | None = plain("The value; null where they have none.")


@strawberry.type(description="A field that would not be the same for all of them afterwards.")
class MergedField:
    field: str = plain("The field's name in the graph.")
    before: list[ValueBefore] = plain("Its value for each of the people, in the order they were named.")
    after: JSON | None = plain("Its value for the one person they would be.")


@strawberry.type(description="What people would be as one. Nothing is decided, and nothing is written.")
class MergePreview:
    contact: Contact = plain("The person they would be.")
    fields: list[MergedField] = plain("The fields that would change for at least one of them.")


async def merge_preview(info: Asking, contacts: Sequence[str]) -> MergePreview:
    """Golden values before and after; raises InputError for what are no two people who are there,
    SourceError where one could not be read.
    """
    if not 2 <= len(contacts) <= MOST:
        raise InputError(f"`contacts` names {len(contacts)} people; name 2 to {MOST}.")
    read, words = reading(info), {f"contacts.{at}": one for at, one in enumerate(contacts)}
    before = await people_named(read, words, CONTACT_FIELDS)
    _refuse_one_twice(before)
    named = zip(contacts, before, strict=True)
    people = [(await read.leading.record(given, one.person), one.person) for given, one in named]
    told = [{name: as_json(one.value(name)) for name in FIELDS[Kind.CONTACT]} for one in before]
    after, supposing = await _together(info, people)
    fields = [
        MergedField(field=name, before=_before(contacts, [one[name] for one in told]), after=_json(value))
        for name in sorted(FIELDS[Kind.CONTACT])
        if any(one[name] != (value := as_json(after.value(name))) for one in told)
    ]
    return MergePreview(contact=Contact(entity=after, read_by=supposing), fields=fields)


def _before(contacts: Sequence[str], values: Sequence[object]) -> list[ValueBefore]:
    pairs = zip(contacts, values, strict=True)
    return [ValueBefore(id=strawberry.ID(ident), value=_json(value)) for ident, value in pairs]


async def _together(info: Asking, people: Sequence[Standing]) -> tuple[Entity, Reading]:
    """The person of all these people, and the reading that tells so, as if somebody had decided so; nothing else of the
    question is told so.
    """
    read = reading(info)
    known = {one.number: one for one in await info.context.stores.judgements.all()}
    sayings = await uniting(read, known, people)
    said = supposed(sayings, known, info.context.caller.name, read.gateway.clock.now())
    supposing = read.beside(standing([*known.values(), *said]))
    (merged,) = await people_named(supposing, {"contacts": encode(Kind.CONTACT, people[0][0])}, CONTACT_FIELDS)
    if selects(info, "id", ["contact"]):
        await supposing.have_ids([merged])
    return merged, supposing


def _refuse_one_twice(people: Sequence[Entity]) -> None:
    for (at, one), (other_at, other) in combinations(enumerate(people), 2):
        if one.person.refs == other.person.refs:
            raise InputError(
                f"`contacts.{at}` and `contacts.{other_at}` are one person already; name people who are not one yet."
            )


def _json(value: object) -> JSON | None:
    return None if value is None else JSON(value)
