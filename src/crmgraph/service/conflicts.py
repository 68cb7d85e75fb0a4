"""Whose records disagree about a field, out of the replica: a page of people at a time, and no call for it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from crmgraph.domain.errors import Unavailable, Unsupported
from crmgraph.domain.model import FIELDS, FieldType, Kind
from crmgraph.domain.profiles import order
from crmgraph.domain.records import Ref
from crmgraph.domain.survivorship.disagreeing import disagreeing
from crmgraph.service.copies import Copies
from crmgraph.service.entity import Entity
from crmgraph.service.identity import Person
from crmgraph.service.learning import record_of
from crmgraph.service.population import trusted_first
from crmgraph.service.problems import problem_of
from crmgraph.service.reading import Reading
from crmgraph.service.replica import Row

COMPARABLE = tuple(
    name
    for name, field in FIELDS[Kind.CONTACT].items()
    # A whole name follows its parts; an address within a CRM is that CRM's own, and so is whence it has somebody, which
    # may be an id that only a call explains.
    if field.type in (FieldType.TEXT, FieldType.DATE) and name not in ("fullName", "url", "leadSource")
)
"""The fields of which a person has one: texts and days. Lists are united, and nobody's owner is one in two CRMs."""

USUAL = ("givenName", "familyName", "companyName", "jobTitle", "birthDate", "lifecycleStage")
"""What is compared unless somebody says otherwise."""

LOOKED_AT = 1_000
"""How many people are looked at for one page, so that a page takes about a second where nobody is found."""

TOGETHER = 50
"""How many people are read out of the replica at once."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A person, the fields about which their records disagree, and the record by which they stand in the list."""

    entity: Entity
    fields: tuple[str, ...]
    place: Ref


@dataclass(frozen=True, slots=True)
class Found:
    """A page: `behind` is the first record of the person looked at last, None at the end of everybody."""

    conflicts: Sequence[Conflict]
    behind: Ref | None


async def conflicts(
    read: Reading, fields: Sequence[str], first: int, after: Ref | None, most: int = LOOKED_AT
) -> Found:
    """The next people whose records disagree about one of these fields, behind the person whose first record is
    `after`, of the next `most`; raises Unsupported where nothing is kept, TooCostly, StoreUnavailable.
    """
    copies = await _copies(read)
    people = [refs for refs in (await read.everybody()).people() if len(refs) > 1]
    people.sort(key=_place)
    start = 0 if after is None else bisect_right(people, order(after), key=_place)
    end = min(start + most, len(people))
    found: list[Conflict] = []
    for at in range(start, end, TOGETHER):
        for refs, entity in await _entities(read, copies, people[at : min(at + TOGETHER, end)], fields):
            if entity is not None and (disputed := _disputed(entity, fields)):
                found.append(Conflict(entity, disputed, refs[0]))
                if len(found) == first:
                    return Found(found, None if refs == people[-1] else refs[0])
    return Found(found, None if end == len(people) else people[end - 1][0])


def _place(refs: tuple[Ref, ...]) -> tuple[str, str, str, str]:
    """Where a person stands among all: by their first record, so that a cursor holds whoever comes and goes."""
    return order(refs[0])


async def _copies(read: Reading) -> Copies:
    """What is kept; a source of which nothing is yet is told as missing."""
    copies = read.gateway.copies
    if copies is None:
        raise Unsupported(
            "Values are compared in the replica, which is off here; set `replica: {sync: true}` in the configuration"
            " and run `crmgraph sync`."
        )
    stores = [(source, one) for source, one in read.session.resources(Kind.CONTACT) if source.name not in copies.own]
    lacking = [
        source.name for source, one in stores if not (await copies.replica.state(source.name, one.name)).full_since
    ]
    if len(lacking) == len(stores):
        raise Unsupported("Values are compared in the replica, which holds nobody yet; `crmgraph sync` reads them.")
    for name in lacking:
        said = f"The people of {name} are not all in the replica yet, so what they say is missing; run `crmgraph sync`."
        read.session.note(name, problem_of(Unavailable(name, said)))
    return copies


Told = tuple[tuple[Ref, ...], Entity | None]


async def _entities(
    read: Reading, copies: Copies, people: Sequence[tuple[Ref, ...]], fields: Sequence[str]
) -> list[Told]:
    """Each person as their records are kept; None for one of whom fewer than two are."""
    rows = await copies.replica.by_refs([ref for refs in people for ref in refs])
    return [(refs, _entity(read, refs, [rows[ref] for ref in refs if ref in rows], fields)) for refs in people]


def _entity(read: Reading, refs: Sequence[Ref], rows: Sequence[Row], fields: Sequence[str]) -> Entity | None:
    if len(rows) < 2:
        return None
    session, now = read.session, read.session.clock.now()
    known = {row.ref: record_of(session.sources[row.ref.source], row) for row in rows}
    for ref, record in known.items():
        session.meters[ref.source].aged((now - record.fetched_at).total_seconds())
    records = tuple(known[ref] for ref in trusted_first(tuple(known), session.ranks))
    person = Person(records, trusted_first(refs, session.ranks), not session.identity_partial)
    return Entity(person, read.view, fields)


def _disputed(entity: Entity, fields: Sequence[str]) -> tuple[str, ...]:
    """The fields about which the records disagree; what somebody pinned is settled."""
    open_ones = [name for name in fields if name not in entity.pins]
    return tuple(name for name in open_ones if (found := entity.golden(name)) and disagreeing(name, found))
