"""Whose records disagree about a field."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import strawberry

from crmgraph.api import values
from crmgraph.api.connections import MOST, Connection, Place
from crmgraph.api.context import Asking
from crmgraph.api.fields import plain
from crmgraph.api.nodes import reading
from crmgraph.api.population import KnownPerson
from crmgraph.api.story import provenance
from crmgraph.domain.errors import InputError
from crmgraph.domain.model import Kind
from crmgraph.domain.records import Ref
from crmgraph.service.conflicts import COMPARABLE, USUAL, Conflict, conflicts
from crmgraph.service.cursors import Cursor, digest
from crmgraph.service.ids import decode, encode
from crmgraph.service.sights import Sight


@strawberry.type(description="A person whose records disagree.")
class PersonConflict:
    person: KnownPerson = plain("The person.")
    fields: list[values.FieldProvenance] = plain(
        "The fields they disagree about: the value that survived, and all others with the records that hold them."
    )


async def person_conflicts(
    info: Asking, fields: Sequence[str] | None, first: int, after: str | None
) -> Connection[PersonConflict]:
    """A page of the people whose records disagree."""
    if not 1 <= first <= MOST:
        raise InputError(f"`first` is {first}; it must be from 1 to {MOST}.")
    read = reading(info)
    names, seal = _compared(fields, read.gateway.sight), read.gateway.seal
    question = digest("conflicts", sorted(names))
    behind = None if after is None else _opened(seal.open(after), question)
    found = await conflicts(read, names, first, behind)

    def cursor(ref: Ref) -> Cursor:
        return Cursor(lambda: seal.close({"q": question, "b": encode(Kind.CONTACT, ref)}))

    cursors = [cursor(one.place) for one in found.conflicts]
    end = None if found.behind is None else cursor(found.behind)
    place = Place(lambda: cursors, found.behind is not None, after is not None, end)
    return Connection(nodes=[_told(one) for one in found.conflicts], place=place, total_count=None)


def _told(one: Conflict) -> PersonConflict:
    return PersonConflict(person=KnownPerson(refs=one.entity.person.refs), fields=provenance(one.entity, one.fields))


def _compared(fields: Sequence[str] | None, sight: Sight) -> list[str]:
    """The fields to compare; raises InputError for one that cannot be, Forbidden for one that is hidden."""
    if fields is None:
        return [name for name in USUAL if not sight.hides(Kind.CONTACT, name)]
    wrong = [name for name in fields if name not in COMPARABLE]
    if wrong or not fields:
        raise InputError(" ".join(map(_wrong, wrong)) or f"`fields` is empty; name some of {', '.join(COMPARABLE)}.")
    sight.refuse_hidden(Kind.CONTACT, fields, "People are compared by")
    return list(dict.fromkeys(fields))


def _wrong(name: str) -> str:
    near = get_close_matches(name, COMPARABLE, n=1)
    hint = f"did you mean {near[0]}?" if near else f"these can be: {', '.join(COMPARABLE)}."
    return f"`fields` names `{name}`, of which no two records are compared; {hint}"


def _opened(state: Mapping[str, Any], question: str) -> Ref:
    """Where to go on; raises InputError for a cursor of another list."""
    ref = decode(state["b"]).ref if state.get("q") == question else None
    if ref is None:
        raise InputError("The cursor in `after` belongs to another question; `fields` must stay from page to page.")
    return ref
