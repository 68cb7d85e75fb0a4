"""The map of records to persons as rows: what is known around some records is read, and what changes is written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Executable, Row, Table, and_, bindparam, delete, select, update
from sqlalchemy import insert as insert_one
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.assigning import Assignment, Known, PersonId
from crmgraph.domain.profiles import order
from crmgraph.domain.records import Ref
from crmgraph.service.persons import Led
from crmgraph.store.database import insert
from crmgraph.store.tables import person_former, person_head, person_records, persons

T = TypeVar("T")

AT_ONCE = 500
"""How many values one statement compares with."""

_REF = ("source", "resource", "record", "parent")
_THIS = persons.c.id == bindparam("this")


async def owners(connection: AsyncConnection, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
    """The persons of those records that have one."""
    wanted: defaultdict[tuple[str, str], set[Ref]] = defaultdict(set)
    for ref in refs:
        wanted[ref.source, ref.resource].add(ref)
    found: dict[Ref, PersonId] = {}
    for (source, resource), these in wanted.items():
        place = and_(person_records.c.source == source, person_records.c.resource == resource)
        for ids in _portions({ref.id for ref in these}):
            asked = select(person_records).where(place, person_records.c.record.in_(ids))
            rows = [(_ref(row), PersonId(row.person)) for row in await connection.execute(asked)]
            found.update((ref, person) for ref, person in rows if ref in these)
    return found


async def records_around(connection: AsyncConnection, refs: Iterable[Ref]) -> dict[Ref, PersonId]:
    """Every record of the persons that these records belong to."""
    touched = set((await owners(connection, refs)).values())
    return {_ref(row): PersonId(row.person) for row in await _rows(connection, person_records.c.person, touched)}


async def known_around(connection: AsyncConnection, refs: Iterable[Ref]) -> Known:
    """All that is known of the persons that these records belong to, and of the ids that redirect to them."""
    touched = set((await owners(connection, refs)).values())
    members = {_ref(row): PersonId(row.person) for row in await _rows(connection, person_records.c.person, touched)}
    living = await _rows(connection, persons.c.id, touched)
    redirecting = await _rows(connection, persons.c.merged_into, touched)
    former = _by_person(await _rows(connection, person_former.c.person, [one.id for one in redirecting]))
    elsewhere = {ref for held in former.values() for ref in held if ref not in members}
    return Known(
        members=members | await owners(connection, elsewhere),
        ages={PersonId(row.id): row.number for row in (*living, *redirecting)},
        aliases={PersonId(row.id): PersonId(row.merged_into) for row in redirecting},
        former={PersonId(row.id): frozenset(former[row.id]) for row in redirecting},
        retired={PersonId(row.id): row.retired for row in redirecting},
    )


async def members_of(connection: AsyncConnection, person: str) -> Sequence[Ref]:
    """A person's records."""
    return [_ref(row) for row in await _rows(connection, person_records.c.person, [person])]


async def leads(connection: AsyncConnection, idents: Collection[PersonId]) -> dict[PersonId, Led]:
    """Where each of some ids leads."""
    given = await _rows(connection, persons.c.id, idents)
    now = {PersonId(row.id): PersonId(row.merged_into or row.id) for row in given}
    members = _by_person(await _rows(connection, person_records.c.person, now.values()))
    redirecting = {row.id: row.merged_into for row in await _rows(connection, persons.c.merged_into, now.values())}
    former = _by_person(await _rows(connection, person_former.c.person, redirecting))
    brought: defaultdict[str, set[Ref]] = defaultdict(set)
    for one, target in redirecting.items():
        brought[target] |= former[one]
    return {
        one: Led(
            target,
            tuple(sorted(members[target], key=order)),
            frozenset(former[one] if one != target else members[target] - brought[target]),
        )
        for one, target in now.items()
    }


def _by_person(rows: Iterable[Row[Any]]) -> defaultdict[str, set[Ref]]:
    held: defaultdict[str, set[Ref]] = defaultdict(set)
    for row in rows:
        held[row.person].add(_ref(row))
    return held


async def turn(connection: AsyncConnection) -> Row[Any]:
    """The counters of persons; until the transaction ends, nobody else changes anything about them."""
    return (await connection.execute(select(person_head).with_for_update())).one()


async def write(connection: AsyncConnection, change: Assignment, head: Row[Any]) -> None:
    """Make a change; `head` is what `turn` gave in the same transaction."""
    born = [{"number": number, "id": one} for number, one in enumerate(change.born, start=head.number + 1)]
    retired = head.retired + bool(change.former)
    await _many(connection, insert_one(persons), born)
    await _redirect(connection, change, retired)
    splits = [{"this": one, "of": of} for one, of in change.splits.items()]
    await _many(connection, update(persons).where(_THIS).values(split_from=bindparam("of")), splits)
    await _put(connection, change.members)
    await connection.execute(update(person_head).values(number=head.number + len(born), retired=retired))


def columns(ref: Ref) -> dict[str, str]:
    """A record as columns; one without a parent has an empty one, since what is null is equal to nothing."""
    return dict(zip(_REF, (ref.source, ref.resource, ref.id, ref.parent or ""), strict=True))


async def _redirect(connection: AsyncConnection, change: Assignment, retired: int) -> None:
    to = [{"this": one, "to": target} for one, target in change.aliases.items()]
    await _many(connection, update(persons).where(_THIS).values(merged_into=bindparam("to")), to)
    living = [one for one, target in change.aliases.items() if target is None]
    when = {**dict.fromkeys(change.former, retired), **dict.fromkeys(living)}
    counted = [{"this": one, "when": number} for one, number in when.items()]
    await _many(connection, update(persons).where(_THIS).values(retired=bindparam("when")), counted)
    gone = delete(person_former).where(person_former.c.person == bindparam("this"))
    await _many(connection, gone, [{"this": one} for one in living])
    held = [{"person": one, **columns(ref)} for one, refs in change.former.items() for ref in refs]
    await _many(connection, insert_one(person_former), held)


async def _put(connection: AsyncConnection, members: Mapping[Ref, PersonId]) -> None:
    put = insert(connection, person_records)
    put = put.on_conflict_do_update(index_elements=list(_REF), set_={"person": put.excluded.person})
    await _many(connection, put, [{**columns(ref), "person": person} for ref, person in members.items()])


async def _many(connection: AsyncConnection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await connection.execute(statement, rows)


async def _rows(connection: AsyncConnection, column: Column[Any], values: Iterable[str]) -> Sequence[Row[Any]]:
    """The rows of a column's table in which it has one of these values."""
    found: list[Row[Any]] = []
    for some in _portions(set(values)):
        found.extend(await connection.execute(select(_table(column)).where(column.in_(some))))
    return found


def _table(column: Column[Any]) -> Table:
    assert isinstance(column.table, Table)
    return column.table


def _portions(values: Collection[str]) -> Iterator[list[str]]:
    every = sorted(values)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def _ref(row: Row[Any]) -> Ref:
    return Ref(row.source, row.resource, row.record, row.parent or None)
