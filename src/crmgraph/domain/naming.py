"""A person's name in both forms, whole and in its parts: what one record says, and which record's name survives.

A name is never put together from two records, for that would be nobody's name.
"""

from collections.abc import Callable, MutableSequence, Sequence

from msgspec.structs import replace

from crmgraph.domain.errors import BadReply
from crmgraph.domain.names import split_name
from crmgraph.domain.records import Record
from crmgraph.domain.survivorship import Golden, Rules, Unreadable, golden

PARTS = ("givenName", "familyName")
NAMES = frozenset({"fullName", *PARTS})
"""The fields of which each can be told from the others."""


def name_of(record: Record, field: str) -> str | None:
    """What a record says in one of `NAMES`; told from the other form where its definition does not map this one.

    A field that the definition maps is never told from others, so that a CRM's own filter on it finds no fewer records
    than we do. Raises BadReply where the CRM holds something undescribed.
    """
    if record.maps(field):
        said: str | None = record.get(field)
        return said
    parts = _parts(record)
    if field == "fullName":
        return " ".join(parts) or None
    return None if parts else split_name(record.get("fullName") or "")[PARTS.index(field)] or None


def full_name(records: Sequence[Record], rules: Rules, problems: MutableSequence[Unreadable]) -> Golden | None:
    """The whole name of the record that the field's rule ranks best among those that hold one (records of one kind,
    most trusted first); half a name only where nobody knows more. Its rule tells a name that is put together.
    """
    for read in (_whole, _any):
        unreadable: list[Unreadable] = []
        found = golden("fullName", [_seen(record, read) for record in records], rules, problems=unreadable)
        if found is not None:
            break
    problems.extend(unreadable)
    return None if found is None else replace(found, rule=_rule(found, records))


def name_alone(record: Record, problems: MutableSequence[Unreadable]) -> str | None:
    """The whole name of who has one record only: as `full_name` has it."""
    try:
        return _whole(record) or _any(record)
    except BadReply:  # What one of its fields cannot say, another may.
        found = full_name([record], {}, problems)
        return None if found is None else str(found.value)


def part_of(full: Golden | None, field: str, records: Sequence[Record]) -> Golden | None:
    """A part of the surviving whole name, for a person of whom no record says that part; None where the whole name's
    own record keeps parts, as then it says all that it knows.
    """
    if full is None or _said_parts(_by_ref(full, records)):
        return None
    which = PARTS.index(field)
    part = split_name(full.value)[which]
    others = [(split_name(value)[which], ref) for value, ref in full.losers]
    losers = tuple((other, ref) for other, ref in others if other and other != part)
    return Golden(part, full.origin, "derived from fullName", losers) if part else None


def _seen(record: Record, read: Callable[[Record], str | None]) -> Record:
    """The record as it is ranked: its name, and when it was changed."""
    getters = {
        "fullName": lambda raw, tables: read(record),
        "updatedAt": lambda raw, tables: record.get("updatedAt"),
        "createdAt": lambda raw, tables: record.get("createdAt"),
    }
    return Record(record.ref, record.kind, record.raw, getters, {}, record.fetched_at)


def _whole(record: Record) -> str | None:
    """The record's full name, else both parts; a full name that is just the one part it has is only half a name."""
    full, parts = (record.get("fullName") or "").strip(), _parts(record)
    return full if full and parts != [full] else " ".join(parts) if len(parts) == 2 else None


def _any(record: Record) -> str | None:
    return " ".join(_parts(record)) or None


def _parts(record: Record) -> list[str]:
    return [part for name in PARTS if (part := (record.get(name) or "").strip())]


def _said_parts(record: Record) -> list[str]:
    """The names of the parts that a record says."""
    return [name for name in PARTS if (record.peek(name) or "").strip()]


def _rule(found: Golden, records: Sequence[Record]) -> str:
    origin = _by_ref(found, records)
    if (origin.peek("fullName") or "").strip() == found.value:
        return found.rule
    return f"{found.rule}, derived from {' and '.join(_said_parts(origin))}"


def _by_ref(found: Golden, records: Sequence[Record]) -> Record:
    return next(record for record in records if record.ref == found.origin)
