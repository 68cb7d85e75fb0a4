"""Keeping records in the replica: what they say as rows, and only what changed written anew."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
from msgspec import Struct, json
from sqlalchemy import Row, and_, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crmgraph.domain.columns import CustomValue, columns_of, customs_of, forms_of
from crmgraph.domain.model import Kind
from crmgraph.domain.profiles import keys as keys_of
from crmgraph.domain.profiles import profile_of
from crmgraph.domain.records import Record, Ref
from crmgraph.store import database
from crmgraph.store.replica_pieces import put_in, take_out
from crmgraph.store.replica_tables import contacts, customs, keys, raws, records
from crmgraph.store.replica_texts import Texts, beginning, shortened

AT_ONCE = 400
"""How many values one statement names."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")
Seal = Callable[[int, bytes], bytes]


class Said(Struct, frozen=True, gc=False):
    """A record as rows: `columns`, `customs` and `keys` are there for people only."""

    ref: Ref
    kind: Kind
    raw: bytes
    digest: bytes
    fetched_at: datetime
    columns: dict[str, Any] | None = None
    customs: tuple[CustomValue, ...] = ()
    keys: tuple[str, ...] = ()


def said_by(record: Record, region: str, texts: Texts) -> Said:
    """What a record says, as it is kept."""
    raw = orjson.dumps(record.raw)
    if record.kind is not Kind.CONTACT:
        of = tuple(sorted({texts.kept("key", of_contact(record.ref.source, ident)) for ident in _hangs_on(record)}))
        return Said(record.ref, record.kind, raw, texts.digest(raw), record.fetched_at, keys=of)
    columns = columns_of(record, region)
    values = customs_of(record)
    found = [*keys_of(profile_of(record, region)), *forms_of(record, region)]
    # The columns count too: a definition that is changed reads other things off the same JSON.
    digest = texts.digest(raw + json.encode([columns, values, found]))
    kept = shortened(texts.columns(columns))
    held = tuple(dict.fromkeys(texts.kept("key", key) for key in found))
    return Said(record.ref, record.kind, raw, digest, record.fetched_at, kept, tuple(map(texts.custom, values)), held)


def of_contact(source: str, ident: str) -> str:
    """The key of whatever is about a contact."""
    return f"of={source}:{ident}"


def _hangs_on(record: Record) -> Iterator[str]:
    """The ids of the contacts that a record of another kind is about."""
    one, several = record.peek("contact"), record.peek("contacts")
    yield from (link.id for link in (one, *(several or ())) if link is not None and link.id)
    if record.ref.parent is not None:
        yield record.ref.parent


async def taken(connection: AsyncConnection, said: Sequence[Said], seal: Seal | None, pieced: bool) -> None:
    """Keep what records say, each unless something younger is known of it; `pieced` tells whether there is an index of
    pieces.
    """
    rows = {_key(row): row for row in await rows_of(connection, [one.ref for one in said], for_update=True)}
    lacking = [one for one in said if _place(one.ref) not in rows]
    if lacking:
        await connection.execute(database.insert(connection, records).on_conflict_do_nothing(), [*map(_first, lacking)])
        made = await rows_of(connection, [one.ref for one in lacking], for_update=True)
        rows |= {_key(row): row for row in made}
    newer = [(rows[_place(one.ref)], one) for one in said if rows[_place(one.ref)].fetched_at <= one.fetched_at]
    same: dict[datetime, list[int]] = {}
    for row, one in newer:
        if bytes(row.digest) == one.digest:
            same.setdefault(one.fetched_at, []).append(row.id)
    for seen, idents in same.items():
        for part in parts(idents):
            await connection.execute(update(records).where(records.c.id.in_(part)).values(fetched_at=seen))
    changed = [(row.id, one) for row, one in newer if bytes(row.digest) != one.digest]
    if changed:
        await _written(connection, changed, seal, pieced)


async def emptied(connection: AsyncConnection, ids: Sequence[int], pieced: bool) -> None:
    """Take away what records are found by, and their JSON."""
    if pieced:
        await take_out(connection, ids)
    for table in (contacts, customs, keys, raws):
        await connection.execute(delete(table).where(table.c.id.in_(ids)))


async def rows_of(connection: AsyncConnection, refs: Collection[Ref], for_update: bool = False) -> list[Row[Any]]:
    """The rows of some records; with `for_update` nobody else changes them until the transaction ends."""
    found: list[Row[Any]] = []
    lists: dict[tuple[str, str], list[str]] = {}
    for ref in refs:
        lists.setdefault((ref.source, ref.resource), []).append(ref.id)
    for (source, resource), idents in sorted(lists.items()):
        for part in parts(sorted(idents)):
            these = and_(records.c.source == source, records.c.resource == resource, records.c.record.in_(part))
            asked = select(records).where(these).order_by(records.c.id)
            found += (await connection.execute(asked.with_for_update() if for_update else asked)).all()
    return found


def parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Several as many as one statement may name, part by part."""
    for at in range(0, len(items), AT_ONCE):
        yield items[at : at + AT_ONCE]


async def _written(
    connection: AsyncConnection, changed: Sequence[tuple[int, Said]], seal: Seal | None, pieced: bool
) -> None:
    for part in parts([ident for ident, _ in changed]):
        await emptied(connection, part, pieced)
    told = [{"this": ident, **_now(one)} for ident, one in changed]
    await connection.execute(update(records).where(records.c.id == bindparam("this")), told)
    raw = [{"id": ident, **_raw(ident, one, seal)} for ident, one in changed]
    people = [{"id": ident, "source": one.ref.source, **one.columns} for ident, one in changed if one.columns]
    await connection.execute(insert(raws), raw)
    for table, rows in (
        (contacts, people),
        (customs, [row for ident, one in changed for row in _customs(ident, one)]),
        (keys, [{"id": ident, "key": key} for ident, one in changed for key in one.keys]),
    ):
        if rows:
            await connection.execute(insert(table), rows)
    if pieced and seal is None:  # Of hashes there are no pieces.
        for part in parts([row["id"] for row in people]):
            await put_in(connection, part)


def _now(one: Said) -> dict[str, Any]:
    return {"digest": one.digest, "fetched_at": one.fetched_at, "gone_at": None, "parent": one.ref.parent}


def _raw(ident: int, one: Said, seal: Seal | None) -> dict[str, Any]:
    return {"raw": one.raw if seal is None else seal(ident, one.raw), "sealed": seal is not None}


def _customs(ident: int, one: Said) -> Iterator[dict[str, Any]]:
    counts: dict[str, int] = {}
    for value in one.customs:
        number = counts[value.key] = counts.get(value.key, -1) + 1
        fits = value.text is None or beginning(value.text) == value.text
        yield {
            "source": one.ref.source,
            "key": value.key,
            "id": ident,
            "number": number,
            "text": value.text if fits else None,
            "long": None if fits else value.text,
            "amount": value.number,
            "instant": value.instant,
            "day": value.day,
        }


def _first(one: Said) -> dict[str, Any]:
    """The row of a record of which nothing is known yet."""
    ref = one.ref
    place = {"source": ref.source, "resource": ref.resource, "record": ref.id, "parent": ref.parent}
    return {**place, "kind": one.kind.value, "digest": b"", "fetched_at": LONG_AGO}


def _place(ref: Ref) -> tuple[str, str, str]:
    return ref.source, ref.resource, ref.id


def _key(row: Row[Any]) -> tuple[str, str, str]:
    return row.source, row.resource, row.record
